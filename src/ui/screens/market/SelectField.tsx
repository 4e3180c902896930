import { useId } from "react";

type SelectFieldProps = {
  readonly label: string;
  readonly options: readonly { readonly value: string; readonly title: string }[];
  readonly value: string;
  readonly hint: string;
  readonly onChange: (value: string) => void;
};

/** One of a few choices. */
export function SelectField({ label, options, value, hint, onChange }: SelectFieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        value={value}
        aria-describedby={`${id}-said`}
        onChange={(event) => onChange(event.target.value)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.title}
          </option>
        ))}
      </select>
      <p id={`${id}-said`} className="field-hint">
        {hint}
      </p>
    </div>
  );
}
