import { computeClaimStart } from "../../chain/settlement/draw.ts";
import type { TrackedChain } from "../../client/chainTracker.ts";
import type { SettlementStatus } from "../../client/settlementStatus.ts";
import { computeAddress } from "../../protocol/amoveo/address.ts";
import type { NetworkParameters } from "../../protocol/network.ts";
import type { PhaseView, ScheduleView } from "../walletApi.ts";

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
  const { point, settled, claimsEnd } = settlement;
  if (settled !== undefined) {
    const to = settled.winner?.owner ?? followed.facts.operator;
    const amount = settled.winner === undefined ? settled.operatorPaid : settled.paid;
    return { kind: "paid", point, to: computeAddress(to), amount };
  }
  if (height + 1 < claimsEnd) return { kind: "claims", point, until: claimsEnd };
  return { kind: "disputes", point, until: quietFrom(settlement, followed) };
}

/** When each phase of a chain is over: as far as it is known, and else at the latest if nobody objects. */
export function describeSchedule(
  { followed, settlement }: Pick<TrackedChain, "followed" | "settlement">,
  height: number,
  parameters: NetworkParameters,
): ScheduleView {
  const start = computeClaimStart(followed.facts.expiry, parameters);
  const claimsEnd = settlement?.claimsEnd ?? start + followed.claimDelay;
  const areIn = settlement !== undefined && height + 1 >= claimsEnd;
  const quiet = areIn ? quietFrom(settlement, followed) : claimsEnd - 1 + followed.disputeDelay;
  return { expiry: followed.facts.expiry, drawn: start - 1, claimsEnd, quiet };
}

/** The height from which on nothing is waited for any more. */
export function quietFrom(
  { claimsEnd, results }: SettlementStatus,
  { disputeDelay }: TrackedChain["followed"],
): number {
  const open = results.map(({ removal, changedAt }) =>
    removal === undefined ? changedAt + disputeDelay : removal.openTo + 1,
  );
  return Math.max(claimsEnd, ...open);
}
