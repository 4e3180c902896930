import { useId } from "react";
import { HatchPattern } from "./StripPieces.tsx";

const entries = [
  { holder: "mine", words: "yours" },
  { holder: "other", words: "somebody else’s" },
  { holder: "free", words: "free" },
] as const;

/** What the looks of the strip's pieces mean. */
export function StripLegend() {
  const hatchId = useId();
  return (
    <ul className="strip-legend">
      {entries.map(({ holder, words }) => (
        <li key={holder}>
          <svg width={18} height={14} aria-hidden="true" focusable="false">
            {holder === "free" && <HatchPattern id={hatchId} />}
            <rect className={`strip-${holder}`} width={18} height={14} />
            {holder === "free" && <rect width={18} height={14} fill={`url(#${hatchId})`} />}
          </svg>
          {words}
        </li>
      ))}
      <li>
        <svg width={18} height={14} aria-hidden="true" focusable="false">
          <rect className="strip-mine" width={18} height={6.5} />
          <rect className="strip-other" y={7.5} width={18} height={6.5} />
        </svg>
        layers: one for each outcome
      </li>
    </ul>
  );
}
