import { useId } from "react";
import type { WalletSnapshot } from "../../workers/walletApi.ts";

type JourneyBarProps = { readonly progress: NonNullable<WalletSnapshot["progress"]> };

/** The journey under way: what happens now, and how far it is. */
export function JourneyBar({ progress }: JourneyBarProps) {
  const id = useId();
  return (
    <div className="journey-bar" role="status">
      <p id={id}>
        <span>{progress.words}</span>
        <span className="journey-count">
          step {Math.min(progress.done + 1, progress.total)} of {progress.total}
        </span>
      </p>
      <progress aria-labelledby={id} value={progress.done} max={progress.total} />
    </div>
  );
}
