import { computeClaimStart } from "../../chain/settlement/draw.ts";
import type { TrackedChain } from "../../client/chainTracker.ts";
import { computeAddress } from "../../protocol/amoveo/address.ts";
import type { NetworkParameters } from "../../protocol/network.ts";
import type { PhaseView } from "../walletApi.ts";

/** Where a chain is in its life, at main-chain height `height`. */
export function describePhase(
  { followed, settlement }: Pick<TrackedChain, "followed" | "settlement">,
  height: number,
  parameters: NetworkParameters,
): PhaseView {
  const { expiry } = followed.facts;
  const start = computeClaimStart(expiry, parameters);
  if (height < expiry) return { kind: "trading", until: expiry };
  if (settlement === undefined) return { kind: "drawing", at: start - 1 };
  const { point, settled, results, claimsEnd } = settlement;
  if (settled !== undefined) {
    const to = settled.winner?.owner ?? followed.facts.operator;
    const amount = settled.winner === undefined ? settled.operatorPaid : settled.paid;
    return { kind: "paid", point, to: computeAddress(to), amount };
  }
  if (height + 1 < claimsEnd) return { kind: "claims", point, until: claimsEnd };
  const changed = results.map((result) => result.changedAt + followed.disputeDelay);
  return { kind: "disputes", point, until: Math.max(claimsEnd, ...changed) };
}
