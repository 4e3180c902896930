import { equalBytes } from "../../lib/bytes.ts";
import { formatHex } from "../../lib/hex.ts";
import { accept, type Failure, refuse, type Verdict } from "../../lib/verdict.ts";
import type { PostPlace } from "../../protocol/anchor.ts";
import type { ExactClose } from "../../protocol/contractClose.ts";
import type { ContractNew } from "../../protocol/contractNew.ts";
import type { ChainTracker, TrackedChain } from "../chainTracker.ts";
import type { MainChain } from "../mainChain.ts";
import { whyStopped } from "../obstacle.ts";
import type { SigningGuard } from "../signingGuard.ts";

/** Main-chain blocks that a close of ours stays good for: a post comes well before. */
export const CLOSE_GOOD_FOR = 20;

/** A close of ours that no block has taken yet: until one does, or it is too late, nothing more is signed in that chain. */
type OpenClose = { readonly seenBlock: Uint8Array; readonly heightMax: number };

type NamedClose = {
  readonly contractId: Uint8Array;
  readonly successors: readonly ContractNew[];
};

/** What this wallet signs for the next block of a chain: one thing at a time, and only while the chain holds. */
export type NextBlock = {
  /** Why nothing new may be done in a chain now; undefined if it may. */
  obstacle(chain: TrackedChain): string | undefined;
  /** The height to which a close that is signed now stays good. */
  goodTo(): number;
  /** Sign closes of own contracts, unless something that was signed for this block is still open. */
  signCloses(
    chain: TrackedChain,
    closes: readonly NamedClose[],
    heightMax: number,
  ): Promise<Verdict<{ close: ExactClose; signature: Uint8Array }[]>>;
  /** Give own contracts up for one other on the space of each. */
  replace(
    chain: TrackedChain,
    contractIds: readonly Uint8Array[],
    successor: ContractNew,
  ): Promise<Verdict<null>>;
  /** Give own contracts up in one block, each for what it names. */
  replaceEach(chain: TrackedChain, closes: readonly NamedClose[]): Promise<Verdict<null>>;
  /** Turn an own contract into a chain that posts in `anchor`, for ever. */
  seal(chain: TrackedChain, contractId: Uint8Array, anchor: PostPlace): Promise<Verdict<null>>;
};

export function createNextBlock(options: {
  readonly guard: SigningGuard;
  readonly mainChain: MainChain;
  readonly tracker: ChainTracker;
}): NextBlock {
  const { guard, mainChain, tracker } = options;
  const openCloses = new Map<string, OpenClose>();
  const tipHeight = (): number => mainChain.tip().header.height;
  const goodTo = (): number => tipHeight() + CLOSE_GOOD_FOR;

  const obstacle = (chain: TrackedChain) => whyStopped(chain, tracker, mainChain);

  /** Why nothing may be signed for the next block of a chain now; undefined if it may. */
  function findSigningObstacle(chain: TrackedChain): Failure | undefined {
    const stopped = obstacle(chain);
    if (stopped !== undefined) return refuse("NOT_SAFE", `nothing is signed while ${stopped}`);
    const open = openCloses.get(formatHex(chain.followed.facts.id));
    const isOpen =
      open !== undefined &&
      equalBytes(open.seenBlock, chain.book.tip.hash) &&
      open.heightMax >= tipHeight();
    return isOpen ? refuse("CLOSE_OPEN", "a close signed for this block is still open") : undefined;
  }

  const hold = (chain: TrackedChain, open: OpenClose): void => {
    openCloses.set(formatHex(chain.followed.facts.id), open);
  };

  /** What the operator himself refused is in no block of his. */
  function freeUnlessTaken(chain: TrackedChain, sent: Verdict<null>): Verdict<null> {
    if (!sent.ok) openCloses.delete(formatHex(chain.followed.facts.id));
    return sent;
  }

  async function signCloses(
    chain: TrackedChain,
    closes: readonly NamedClose[],
    heightMax: number,
  ): Promise<Verdict<{ close: ExactClose; signature: Uint8Array }[]>> {
    const stopped = findSigningObstacle(chain);
    if (stopped !== undefined) return stopped;
    const seenBlock = chain.book.tip.hash;
    const signed = [];
    for (const { contractId, successors } of closes) {
      const close = { contractId, seenBlock, heightMax, successors };
      const signature = await guard.signClose(close);
      if (!signature.ok) return signature;
      signed.push({ close, signature: signature.value });
    }
    hold(chain, { seenBlock, heightMax });
    return accept(signed);
  }

  return {
    obstacle,
    goodTo,
    signCloses,

    async replace(chain, contractIds, successor) {
      const closes = contractIds.map((contractId) => ({ contractId, successors: [successor] }));
      const signed = await signCloses(chain, closes, goodTo());
      if (!signed.ok) return signed;
      const sent = await tracker.operatorOf(chain).submitCloses(undefined, signed.value);
      return freeUnlessTaken(chain, sent);
    },

    async replaceEach(chain, closes) {
      const signed = await signCloses(chain, closes, goodTo());
      if (!signed.ok) return signed;
      const operator = tracker.operatorOf(chain);
      // Several at once would be a full set: each is asked for by itself, and all before the block that takes them.
      const sent = await Promise.all(
        signed.value.map((each) => operator.submitCloses(undefined, [each])),
      );
      const refused = sent.find(({ ok }) => !ok);
      if (refused === undefined) return accept(null);
      return sent.every(({ ok }) => !ok) ? freeUnlessTaken(chain, refused) : refused;
    },

    async seal(chain, contractId, anchor) {
      const stopped = findSigningObstacle(chain);
      if (stopped !== undefined) return stopped;
      const seenBlock = chain.book.tip.hash;
      const said = { contractId, seenBlock, anchor };
      const signature = await guard.signSeal(said);
      if (!signature.ok) return signature;
      // Nothing else is signed for this block, as with a close.
      hold(chain, { seenBlock, heightMax: goodTo() });
      const sent = await tracker.operatorOf(chain).submitSeal(said, signature.value);
      return freeUnlessTaken(chain, sent);
    },
  };
}
