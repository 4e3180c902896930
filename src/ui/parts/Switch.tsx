import { useId } from "react";

type SwitchProps = {
  readonly label: string;
  readonly hint: string;
  readonly isOn: boolean;
  readonly isBusy: boolean;
  readonly onChange: (isOn: boolean) => void;
};

/** Something that is on or off, said in a word beside its look. */
export function Switch({ label, hint, isOn, isBusy, onChange }: SwitchProps) {
  const id = useId();
  return (
    <div className="switch">
      <button
        type="button"
        role="switch"
        aria-checked={isOn}
        aria-labelledby={id}
        aria-describedby={`${id}-hint`}
        aria-disabled={isBusy || undefined}
        onClick={() => {
          if (!isBusy) onChange(!isOn);
        }}
      >
        <span className="switch-track" aria-hidden="true">
          <span className="switch-knob" />
        </span>
        <span className="switch-word" aria-hidden="true">
          {isOn ? "On" : "Off"}
        </span>
      </button>
      <div>
        <p id={id} className="switch-label">
          {label}
        </p>
        <p id={`${id}-hint`} className="hint">
          {hint}
        </p>
      </div>
    </div>
  );
}
