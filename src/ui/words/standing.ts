import type { Figure, Standing } from "../../workers/walletApi.ts";
import { groupThousands } from "./amount.ts";

/** What the standing of a figure means, in one sentence. */
export function explainStanding(standing: Standing): string {
  switch (standing.kind) {
    case "verified":
      return `Checked on this device, up to main-chain block ${groupThousands(standing.height)}.`;
    case "pending":
      return `On its way. It waits for ${standing.waitsFor}.`;
    case "claimed":
      return `Only ${standing.by} says so. Nothing here has checked it.`;
  }
}

/** The standing of a sum: no better than its worst part, verified up to the lowest height. */
function weakestStanding(standings: readonly Standing[]): Standing | undefined {
  return standings.reduce<Standing | undefined>(
    (worst, standing) => (worst === undefined || isWeaker(standing, worst) ? standing : worst),
    undefined,
  );
}

/** The sum of figures with the standing of its weakest, or undefined for none. */
export function addFigures(figures: readonly Figure[]): Figure | undefined {
  const standing = weakestStanding(figures.map((figure) => figure.standing));
  if (standing === undefined) return undefined;
  return { amount: figures.reduce((sum, figure) => sum + figure.amount, 0n), standing };
}

const strength = { claimed: 0, pending: 1, verified: 2 };

function isWeaker(a: Standing, b: Standing): boolean {
  if (a.kind === "verified" && b.kind === "verified") return a.height < b.height;
  return strength[a.kind] < strength[b.kind];
}
