import { useId } from "react";

type SidePickerProps = {
  readonly side: "yes" | "no";
  readonly onChange: (side: "yes" | "no") => void;
};

const sides = [
  { side: "yes", title: "Yes" },
  { side: "no", title: "No" },
] as const;

/** Which answer to bet on. */
export function SidePicker({ side, onChange }: SidePickerProps) {
  const name = useId();
  return (
    <fieldset className="side-picker">
      <legend>Your answer</legend>
      {sides.map((option) => (
        <label key={option.side} data-chosen={option.side === side}>
          <input
            type="radio"
            name={name}
            value={option.side}
            checked={option.side === side}
            onChange={() => onChange(option.side)}
          />
          {option.title}
        </label>
      ))}
    </fieldset>
  );
}
