import type { ReactNode } from "react";

type ButtonProps = {
  readonly children: ReactNode;
  /** `primary` at most once a screen. */
  readonly look?: "primary" | "plain" | "quiet";
  readonly type?: "button" | "submit";
  /** Work is under way: the button keeps its name and its focus, but does nothing. */
  readonly isBusy?: boolean;
  readonly isDisabled?: boolean;
  readonly describedBy?: string | undefined;
  readonly onClick?: () => void;
};

export function Button(props: ButtonProps) {
  const { look = "plain", type = "button", isBusy = false, isDisabled = false } = props;
  return (
    <button
      type={type}
      className={`button button-${look}`}
      disabled={isDisabled}
      aria-disabled={isBusy || undefined}
      aria-busy={isBusy || undefined}
      aria-describedby={props.describedBy}
      onClick={(event) => {
        if (isBusy) event.preventDefault();
        else props.onClick?.();
      }}
    >
      {isBusy && <span className="button-busy" aria-hidden="true" />}
      {props.children}
    </button>
  );
}
