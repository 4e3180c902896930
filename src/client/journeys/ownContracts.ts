import { formatHex } from "../../lib/hex.ts";
import { type Failure, refuse, type Verdict } from "../../lib/verdict.ts";
import { createHandOver } from "../../market/handOver.ts";
import { createRedemption } from "../../market/redemption.ts";
import type { PostPlace } from "../../protocol/anchor.ts";
import { isBuried } from "../buried.ts";
import type { TrackedChain } from "../chainTracker.ts";
import type { MainChain } from "../mainChain.ts";
import type { OwnLeaf } from "../ownLeaves.ts";
import { isCash } from "./cash.ts";
import type { NextBlock } from "./nextBlock.ts";
import { findOwnSet } from "./ownSet.ts";

/** What an owner does with a contract of his alone, without another side. */
export type OwnContracts = {
  /** Give up decided contracts in one block, each for the same range without its final condition. */
  redeem(chain: TrackedChain, contracts: readonly OwnLeaf[]): Promise<Verdict<null>>;
  /** Give up a full set over one range, such as both sides of one condition, for what stands above it. */
  merge(chain: TrackedChain, own: OwnLeaf): Promise<Verdict<null>>;
  /** Give an own contract, plain space, to another key, whole and unchanged. */
  handOver(chain: TrackedChain, own: OwnLeaf, owner: Uint8Array): Promise<Verdict<null>>;
  /** Turn an own contract into a chain that posts in `anchor`, for ever. */
  seal(chain: TrackedChain, own: OwnLeaf, anchor: PostPlace): Promise<Verdict<null>>;
};

export function createOwnContracts(mainChain: MainChain, nextBlock: NextBlock): OwnContracts {
  /** A contract that is not under a record yet, or gone, is not acted on. */
  function findUnposted(chain: TrackedChain, own: OwnLeaf): Failure | undefined {
    const stands = chain.book.live.has(formatHex(own.leaf.id)) && isBuried(own, mainChain);
    if (stands) return undefined;
    return refuse("NOT_POSTED", "the contract is not recorded under enough confirmations");
  }

  return {
    async redeem(chain, contracts) {
      if (contracts.some(({ place }) => place.conditions.length === 0)) {
        return refuse("NOTHING_TO_REDEEM", "the contract stands under no condition");
      }
      const closes = contracts.map(({ leaf, place }) => ({
        contractId: leaf.id,
        successors: [createRedemption(leaf, place)],
      }));
      return nextBlock.replaceEach(chain, closes);
    },

    async merge(chain, own) {
      const set = findOwnSet(chain, own);
      if (set === undefined) {
        return refuse("NOT_A_SET", "the other outcomes over the same range are not this wallet's");
      }
      const { contracts, above } = set;
      const [unposted] = contracts.flatMap((each) => findUnposted(chain, each) ?? []);
      if (unposted !== undefined) return unposted;
      const { owner, depositBps, scriptHash } = own.leaf;
      const successor = { place: above, owner, depositBps, scriptHash };
      return nextBlock.replace(
        chain,
        contracts.map(({ leaf }) => leaf.id),
        successor,
      );
    },

    async handOver(chain, own, owner) {
      const unposted = findUnposted(chain, own);
      if (unposted !== undefined) return unposted;
      if (own.leaf.sealed || !isCash(own)) {
        return refuse("NOT_PLAIN", "only plain space is handed over: redeem the contract first");
      }
      return nextBlock.replace(chain, [own.leaf.id], createHandOver(own.leaf, own.place, owner));
    },

    async seal(chain, own, anchor) {
      if (own.leaf.sealed) return refuse("SEALED", "the contract is a chain already");
      const unposted = findUnposted(chain, own);
      if (unposted !== undefined) return unposted;
      return nextBlock.seal(chain, own.leaf.id, anchor);
    },
  };
}
