import type { ChainFacts } from "../blocks/applyTransactions.ts";
import type { Holding } from "../blocks/holding.ts";
import type { Hop, PostingChain } from "../blocks/hops.ts";
import type { Header } from "../chain/header/header.ts";
import type { BlockHeader } from "../protocol/blockHeader.ts";
import type { Leaf } from "../protocol/leaf.ts";
import type { Place } from "../protocol/place.ts";
import type { Rules } from "../protocol/rules.ts";
import type { Entry } from "./entry.ts";
import type { SignedHeader } from "./signedHeader.ts";

/**
 * What shows a breach to anybody who knows the chain: nothing in it can be made without the operator's key.
 *
 * - `block`: a signed block that does not follow from the signed block before (none before the first), with
 *   the main-chain headers that its void closes read.
 * - `twoBlocks`: two different blocks, both signed for one height.
 * - `record`: a post of a block that stands too near or too far from the post before.
 * - `gone`: a contract that stood under the post before (`before` is that block's header) does not stand under the
 *   next, and its owner says that he gave nothing up. The only one that an operator can refute: by the owner's close.
 * - `turnedBack`: what the map of posts says of the chain `below` under a post is neither what it said under the post
 *   before, nor a later post of that chain's own.
 */
export type Proof =
  | {
      readonly kind: "block";
      readonly before: SignedHeader | undefined;
      readonly block: Uint8Array;
      readonly mainHeaders: readonly Header[];
    }
  | { readonly kind: "twoBlocks"; readonly first: SignedHeader; readonly second: SignedHeader }
  | {
      readonly kind: "record";
      readonly before: BlockHeader | undefined;
      readonly posted: BlockHeader;
      readonly entry: Entry;
    }
  | {
      readonly kind: "gone";
      readonly before: BlockHeader;
      readonly after: Holding;
      readonly place: Place;
      readonly leaf: Leaf;
      readonly entry: Entry;
    }
  | {
      readonly kind: "turnedBack";
      readonly before: Hop;
      readonly after: Hop;
      readonly below: PostingChain;
      readonly entry: Entry;
    };

export const GONE_WITHOUT_CLOSE = "a contract is gone, and no close by its owner is shown";
export const POST_TURNED_BACK = "the last post of a chain inside is gone, or none of its own";

/** Which rule an operator broke, in which block and, where one did, by which transaction. */
export type Finding = {
  readonly blockHeight: number;
  readonly transactionIndex: number | undefined;
  readonly rule: string;
  readonly message: string;
};

/**
 * Why a chain is not honest, and what shows it.
 *
 * - `against`: the last entry of the history before it; undefined where there was none.
 */
export type Breach = Finding & { readonly proof: Proof; readonly against: Entry | undefined };

/** What a judge of a breach must know for himself. */
export type Known = {
  readonly rules: Rules;
  readonly chain: ChainFacts;
  /** Whether the chain's history has this entry, as the main chain shows it. */
  readonly isRecorded: (entry: Entry) => boolean;
};
