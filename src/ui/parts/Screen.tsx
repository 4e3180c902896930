import { type ReactNode, useEffect, useRef } from "react";

type ScreenProps = {
  readonly title: string;
  readonly crumbs?: ReactNode;
  /** One line under the title. */
  readonly lead?: ReactNode;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
};

let hasOpened = false;

/** A screen with its heading. On the way from another screen the heading takes the focus. */
export function Screen({ title, crumbs, lead, aside, children }: ScreenProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Sortition wallet`;
  }, [title]);
  useEffect(() => {
    if (hasOpened) {
      heading.current?.focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }
    hasOpened = true;
  }, []);
  return (
    <div className="screen">
      {crumbs}
      <div className="screen-head">
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {lead !== undefined && <p className="screen-lead">{lead}</p>}
        </div>
        {aside}
      </div>
      {children}
    </div>
  );
}
