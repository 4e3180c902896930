import { type ComponentProps, useId } from "react";

type FieldProps = {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: string | undefined;
  readonly problem?: string | undefined;
  readonly unit?: string;
} & Pick<
  ComponentProps<"input">,
  "type" | "autoComplete" | "inputMode" | "placeholder" | "required" | "spellCheck"
>;

/** One labelled line of input; a problem is said below it and tied to it. */
export function Field({ label, value, onChange, hint, problem, unit, ...input }: FieldProps) {
  const id = useId();
  const said = problem ?? hint;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="field-box">
        <input
          {...input}
          id={id}
          value={value}
          aria-invalid={problem !== undefined || undefined}
          aria-describedby={said === undefined ? undefined : `${id}-said`}
          onChange={(event) => onChange(event.target.value)}
        />
        {unit !== undefined && <span className="field-unit">{unit}</span>}
      </div>
      {said !== undefined && (
        <p
          id={`${id}-said`}
          className={problem === undefined ? "field-hint" : "field-problem"}
          role={problem === undefined ? undefined : "alert"}
        >
          {said}
        </p>
      )}
    </div>
  );
}

/** A field for an amount in VEO. */
export function AmountField(props: Omit<FieldProps, "unit" | "type" | "inputMode">) {
  return <Field {...props} inputMode="decimal" autoComplete="off" placeholder="10" unit="VEO" />;
}
