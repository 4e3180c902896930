import type { Outcome } from "../figures/outcomes.ts";
import { formatVeo } from "../words/amount.ts";
import { formatShare } from "../words/chance.ts";

const WIDTH = 100;
const HEIGHT = 10;

/** Each outcome as a bar as long as its chance, with the words beside it. */
export function Histogram({ outcomes }: { readonly outcomes: readonly Outcome[] }) {
  return (
    <ul className="histogram">
      {outcomes.map(({ amount, chance }) => (
        <li key={amount.toString()} data-nothing={amount === 0n}>
          <span className="histogram-amount">{amount === 0n ? "nothing" : formatVeo(amount)}</span>
          <svg
            viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
            preserveAspectRatio="none"
            aria-hidden="true"
            focusable="false"
          >
            <rect className="histogram-ground" width={WIDTH} height={HEIGHT} />
            <rect className="histogram-bar" width={Math.max(0.6, chance * WIDTH)} height={HEIGHT} />
          </svg>
          <span className="histogram-chance">{formatShare(chance)}</span>
        </li>
      ))}
    </ul>
  );
}
