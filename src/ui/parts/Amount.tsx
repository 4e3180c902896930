import type { Figure } from "../../workers/walletApi.ts";
import { formatAmount } from "../words/amount.ts";
import { StandingMark } from "./StandingMark.tsx";

/** An amount in satoshi, shown in VEO, never without its unit. */
export function Amount({ satoshi }: { readonly satoshi: bigint }) {
  return (
    <span className="amount">
      {formatAmount(satoshi)} <span className="amount-unit">VEO</span>
    </span>
  );
}

/** An amount and how it is known. */
export function FigureText({ figure }: { readonly figure: Figure }) {
  return (
    <span className="figure-text">
      <Amount satoshi={figure.amount} /> <StandingMark standing={figure.standing} />
    </span>
  );
}
