import type { FormEvent, ReactNode } from "react";

type FormProps = {
  readonly onSubmit: () => Promise<unknown>;
  readonly look?: "plain" | "ticket" | "door";
  readonly children: ReactNode;
};

const classNames = { plain: "form", ticket: "form ticket", door: "door-form" } as const;

/** Fields and their button. What is wrong with an input we say ourselves, beside it. */
export function Form({ onSubmit, look = "plain", children }: FormProps) {
  return (
    <form
      className={classNames[look]}
      noValidate
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        void onSubmit();
      }}
    >
      {children}
    </form>
  );
}
