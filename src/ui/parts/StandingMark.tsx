import { useId, useRef, useState } from "react";
import type { Standing } from "../../workers/walletApi.ts";
import { explainStanding } from "../words/standing.ts";
import { Icon } from "./Icon.tsx";

/**
 * How a figure is known: a mark and a word, and on pointer, focus or tap the sentence behind them.
 */
export function StandingMark({ standing }: { readonly standing: Standing }) {
  const tipId = useId();
  const button = useRef<HTMLButtonElement>(null);
  const [isOpen, setIsOpen] = useState(false);
  const [isAtEnd, setIsAtEnd] = useState(false);
  const open = (): void => {
    const right = button.current?.getBoundingClientRect().left ?? 0;
    setIsAtEnd(right > window.innerWidth / 2);
    setIsOpen(true);
  };
  const close = (): void => setIsOpen(false);
  return (
    <span className="standing" data-kind={standing.kind}>
      <button
        ref={button}
        type="button"
        className="standing-word"
        aria-describedby={tipId}
        onClick={open}
        onFocus={open}
        onBlur={close}
        onPointerEnter={open}
        onPointerLeave={close}
        onKeyDown={(event) => {
          if (event.key === "Escape") close();
        }}
      >
        <Icon name={standing.kind} />
        {standing.kind}
      </button>
      <span
        id={tipId}
        role="tooltip"
        className="standing-tip"
        data-open={isOpen}
        data-end={isAtEnd}
      >
        {explainStanding(standing)}
      </span>
    </span>
  );
}
