import { SourceError } from "../client/ports.ts";
import type { Rehearsal } from "../client/settlement.ts";
import type { Wallet } from "../client/wallet.ts";
import { refuse, type Verdict } from "../lib/verdict.ts";
import type { RehearsalView } from "./disputeViews.ts";
import type { SettleAction } from "./walletApi.ts";

/**
 * What a step of getting paid would cost and bring now. It is a promise only about the newest block known here, so
 * nothing is said where that is too old or where no node proves what would have to be read.
 *
 * @param contractId - hex id of an own contract.
 */
export async function rehearse(
  wallet: Wallet,
  contractId: string,
  action: SettleAction,
): Promise<RehearsalView> {
  const { mainChain } = wallet;
  if (!mainChain.nodes().some(({ state }) => state === "live")) {
    return { kind: "incomplete", missing: "no main-chain node answers" };
  }
  if (mainChain.isStale()) {
    return { kind: "incomplete", missing: "the newest main-chain block known here is too old" };
  }
  if (wallet.hands() === undefined) return { kind: "incomplete", missing: "the key is locked" };
  try {
    const rehearsed = await rehearseStep(wallet, contractId, action);
    if (rehearsed.ok) return { kind: "succeeds", ...rehearsed.value };
    return { kind: "fails", code: rehearsed.code, message: rehearsed.message };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return { kind: "incomplete", missing: error.message };
  }
}

async function rehearseStep(
  wallet: Wallet,
  contractId: string,
  action: SettleAction,
): Promise<Verdict<Rehearsal>> {
  const settlement = wallet.hands()?.settlement;
  const chain = wallet.tracker.chains().find(({ book }) => book.own.has(contractId));
  const own = chain?.book.own.get(contractId);
  if (settlement === undefined || chain === undefined || own === undefined) {
    return refuse("NO_SUCH_CONTRACT", "the wallet holds no contract of this id");
  }
  switch (action) {
    case "claim":
      return settlement.rehearseClaim(chain, own);
    case "collect":
      return settlement.rehearseCollect(chain.settlement);
    case "collectOwnChain":
      return settlement.rehearseCollect(chain.ownChain);
  }
}
