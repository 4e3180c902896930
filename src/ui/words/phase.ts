import type { PhaseView } from "../../workers/walletApi.ts";
import { formatVeo, groupThousands } from "./amount.ts";
import { type Clock, formatDeadline } from "./time.ts";

/** The steps of a chain's life, in order. */
export const phaseSteps = [
  { kind: "trading", title: "Trading", gist: "Buy, bet and sell." },
  { kind: "drawing", title: "Draw", gist: "One point falls." },
  { kind: "claims", title: "Claims", gist: "Its holder claims." },
  { kind: "disputes", title: "Disputes", gist: "Others may object." },
  { kind: "paid", title: "Paid", gist: "The prize moves." },
] as const satisfies readonly {
  readonly kind: PhaseView["kind"];
  readonly title: string;
  readonly gist: string;
}[];

/** Where the chain is, what that means, and until when. */
export function describePhase(phase: PhaseView, clock: Clock): string {
  const deadline = (height: number): string =>
    formatDeadline(height, clock.height, clock.blockPeriodMs);
  switch (phase.kind) {
    case "trading":
      return `Positions can be bought and sold. The chain expires ${deadline(phase.until)}.`;
    case "drawing":
      return `Trading is over. The point is drawn from main-chain blocks and is known ${deadline(phase.at)}.`;
    case "claims":
      return `The point fell on ${formatVeo(phase.point)}. Who holds it may claim the prize; claims close ${deadline(phase.until)}.`;
    case "disputes":
      return phase.until > clock.height
        ? `The point fell on ${formatVeo(phase.point)} and the claims are in. Anyone may show a better one; the delay ends ${deadline(phase.until)}.`
        : `The point fell on ${formatVeo(phase.point)}. The delays are over: the chain can be ended, and the prize is paid.`;
    case "paid":
      return `The prize of ${formatVeo(phase.amount)} was paid to ${phase.to}. The point was ${formatVeo(phase.point)}.`;
  }
}

/** One phrase for lists: `trading, 1,204 blocks left`. */
export function summarisePhase(phase: PhaseView, clock: Clock): string {
  const left = (height: number): string => groupThousands(Math.max(0, height - clock.height));
  switch (phase.kind) {
    case "trading":
      return `trading, ${left(phase.until)} blocks left`;
    case "drawing":
      return `being drawn, ${left(phase.at)} blocks left`;
    case "claims":
      return `claims, ${left(phase.until)} blocks left`;
    case "disputes":
      return `disputes, ${left(phase.until)} blocks left`;
    case "paid":
      return "paid";
  }
}

/** The drawn point, once it is known. */
export function getPoint(phase: PhaseView): bigint | undefined {
  return phase.kind === "trading" || phase.kind === "drawing" ? undefined : phase.point;
}
