import type { StateRequest } from "../../../src/api/operatorApi.ts";
import type { ChainFacts } from "../../../src/blocks/applyTransactions.ts";
import { createHolding, type Holding, type HoldingQuestion } from "../../../src/blocks/holding.ts";
import type { BlockShelf } from "../../../src/http/blockRoutes.ts";
import { equalBytes } from "../../../src/lib/bytes.ts";
import { refuse, type Verdict } from "../../../src/lib/verdict.ts";
import type { NamedPlace } from "../../../src/protocol/anchor.ts";
import { hashBlockHeader } from "../../../src/protocol/blockHeader.ts";
import { encodePost, type SignedPost } from "../../../src/protocol/post.ts";
import type { Rules } from "../../../src/protocol/rules.ts";
import { computeDigest, signDigest } from "../../../src/protocol/signature.ts";
import type { SignatureTag } from "../../../src/protocol/tags.ts";
import { type ForgedBlock, Forger } from "./forger.ts";
import type { Liar } from "./stage.ts";

/** What a liar needs to go on in an operator's place. */
export type LiarTerms = {
  readonly rules: Rules;
  readonly facts: ChainFacts;
  readonly privateKey: Uint8Array;
  /** The operator's blocks so far. */
  readonly blocks: readonly Uint8Array[];
  /** Posts of his that are recorded, and where the chain posts. */
  readonly posted: number;
  readonly place: NamedPlace;
  readonly now: () => { readonly mainHeight: number; readonly nowMs: number };
  /** Sends a signed post to where the chain posts. */
  readonly record: (signed: SignedPost) => Promise<void>;
};

/** A liar before anybody can reach him: what he serves, and what becomes of a state that is proposed to him. */
export type LiarInside = {
  readonly liar: Liar;
  readonly shelf: BlockShelf;
  /** What the state after a post of his own says of places. */
  holding(sequence: number, question: HoldingQuestion): Verdict<Holding>;
  keepState(proposed: StateRequest): void;
};

/** Go on from an operator's blocks with his key. */
export function createLiar(terms: LiarTerms): LiarInside {
  const { rules, facts, privateKey, place, now, record } = terms;
  const sign = (tag: SignatureTag, body: Uint8Array) =>
    signDigest(computeDigest(tag, rules.networkId, body), privateKey);
  const forger = new Forger(rules, facts, privateKey, terms.blocks);
  const hidden = new Set<ForgedBlock>();
  const states: StateRequest[] = [];
  const posted = new Map<number, ForgedBlock>();
  let sequence = terms.posted;
  const show = (forged: ForgedBlock | undefined) =>
    forged === undefined || hidden.has(forged) ? undefined : forged.bytes;
  return {
    shelf: {
      block: async (at) => show(forger.blocks[at - 1]),
      findBlock: async (hash) =>
        show(forger.blocks.find(({ block }) => equalBytes(hashBlockHeader(block.header), hash))),
    },

    holding(asked, question) {
      const forged = posted.get(asked);
      return forged === undefined || hidden.has(forged)
        ? refuse("NO_SUCH_POST", "nothing of this post is shown")
        : createHolding(forged.block, forged.after, question);
    },

    keepState(proposed) {
      states.push(proposed);
    },

    liar: {
      forger,
      states,
      sign,

      forge(transactions, { isHidden = false, ...lie } = {}) {
        const forged = forger.make(transactions, now(), lie);
        if (isHidden) hidden.add(forged);
        return forged;
      },

      async post() {
        sequence += 1;
        const last = forger.blocks.at(-1);
        if (last !== undefined) posted.set(sequence, last);
        const post = { place, chainId: facts.id, sequence, blockHash: forger.tip.hash };
        const signature = sign("signPost", encodePost(post));
        await record({ post, signer: facts.operator, signature });
        return sequence;
      },
    },
  };
}
