import { computeRequestFee } from "../../chain/requests/requestFee.ts";
import type { TrackedChain } from "../../client/chainTracker.ts";
import type { OwnLeaf } from "../../client/ownLeaves.ts";
import type { Wallet } from "../../client/wallet.ts";
import type { ContractView, ShowingView } from "../walletApi.ts";

/**
 * Having it shown on the main chain what stands in an own contract's place: offered while its chain withholds a block,
 * or while its own post waits for an answer; and what came of it before.
 */
export function describeShowing(
  wallet: Wallet,
  chain: TrackedChain,
  own: OwnLeaf,
  state: ContractView["state"],
): ShowingView | undefined {
  const proofs = wallet.hands()?.proofs;
  const entry = chain.withheld ?? own.post;
  if (proofs === undefined || entry === undefined) return undefined;
  const row = proofs.askedOf(own.leaf.id);
  const isDoubted = (chain.asked.awaited ?? Number.MAX_SAFE_INTEGER) <= entry.sequence;
  const isOffered = state === "held" && (chain.withheld !== undefined || isDoubted);
  const isAsked = row?.sequence === entry.sequence && row.outcome !== "silence";
  const { parameters } = wallet.mainChain.book();
  const { open } = chain.asked.record;
  const isByUs = proofs.isAnswered(chain, own);
  const height = wallet.mainChain.tip().header.height;
  const due = open.find(({ sequence }) => sequence === chain.asked.awaited)?.due;
  const offer =
    isOffered && !isAsked
      ? {
          kind: chain.withheld === undefined ? ("doubted" as const) : ("missing" as const),
          sequence: entry.sequence,
          fee: computeRequestFee(open.length, parameters),
          deposit: parameters.dataRequestDeposit,
          isByUs,
          until: due ?? height + parameters.dataResponseDelay,
        }
      : undefined;
  if (offer === undefined && row === undefined) return undefined;
  return { offer, asked: row };
}
