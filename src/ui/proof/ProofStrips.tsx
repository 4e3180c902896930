import type { ProofView } from "../../workers/proofCheck.ts";
import { formatRange } from "../words/strip.ts";

/** Where the contract lies: the space of each chain from the top, and the part of it that the line holds. */
export function ProofStrips({ proof }: { readonly proof: ProofView }) {
  return (
    <ol className="proof-strips">
      {proof.levels.map(({ chainId, space, range }) => (
        <li key={chainId}>
          <p className="hint">
            {formatRange(range.lo, range.hi)} of {formatRange(space.lo, space.hi)}
          </p>
          <svg viewBox="0 0 1000 24" preserveAspectRatio="none" aria-hidden="true">
            <rect className="proof-space" width="1000" height="24" />
            <rect
              className="proof-range"
              x={place(range.lo, space)}
              width={Math.max(3, place(range.hi, space) - place(range.lo, space))}
              height="24"
            />
            {proof.point !== undefined && isWithin(proof.point, space) && (
              <rect className="proof-point" x={place(proof.point, space)} width="3" height="24" />
            )}
          </svg>
        </li>
      ))}
    </ol>
  );
}

type Range = { readonly lo: bigint; readonly hi: bigint };

/** Thousandths of the way through the space. */
function place(at: bigint, { lo, hi }: Range): number {
  return Number(((at - lo) * 100_000n) / (hi - lo)) / 100;
}

function isWithin(point: bigint, { lo, hi }: Range): boolean {
  return lo <= point && point < hi;
}
