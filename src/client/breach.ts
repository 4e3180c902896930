import type { ChainFacts } from "../blocks/applyTransactions.ts";
import { judgeStep } from "../blocks/history.ts";
import { type Holding, verifyHolding } from "../blocks/holding.ts";
import { type Hop, judgeNextEntry, openHop, type PostingChain } from "../blocks/hops.ts";
import { createChainTip, createTipAfter } from "../blocks/validateBlock.ts";
import type { Header } from "../chain/header/header.ts";
import { equalBytes } from "../lib/bytes.ts";
import { demand, insist, judge, Refusal, type Verdict } from "../lib/verdict.ts";
import { type BlockHeader, encodeBlockHeader, hashBlockHeader } from "../protocol/blockHeader.ts";
import { hashLeaf, type Leaf } from "../protocol/leaf.ts";
import type { Place } from "../protocol/place.ts";
import { isSignedBy, type Rules } from "../protocol/rules.ts";
import { checkBlock } from "./checkBlock.ts";
import type { Entry } from "./entry.ts";
import { indexHeaders } from "./namedHeaders.ts";
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

/**
 * What a proof shows, judged from nothing but itself and what the judge knows of the chain. Refuses one that
 * shows no breach: another chain's, one without the operator's signature, or one by which all is in order.
 *
 * @see docs/PROTOCOL.md section 4, breaches
 */
export function judgeBreach(
  { proof, against }: Pick<Breach, "proof" | "against">,
  known: Known,
): Verdict<Finding> {
  switch (proof.kind) {
    case "block":
      return judgeBlock(proof, known);
    case "twoBlocks":
      return judgeTwoBlocks(proof, known);
    case "record":
      return judgeRecord(proof, against, known);
    case "gone":
      return judgeGone(proof, against, known);
    case "turnedBack":
      return judgeTurnedBack(proof, against, known);
  }
}

function judgeBlock(
  { before, block, mainHeaders }: Proof & { kind: "block" },
  { rules, chain }: Known,
): Verdict<Finding> {
  return judge(() => {
    if (before !== undefined) demandSigned(before, chain, rules);
    const tip = before === undefined ? createChainTip(chain) : createTipAfter(before.header);
    const checked = checkBlock(block, tip, {
      rules,
      chain,
      mainHeader: indexHeaders(mainHeaders),
    });
    if (checked.ok) throw new Refusal("NO_BREACH", "the block holds");
    const { code: rule, message, transactionIndex, blame } = checked;
    if (blame === "nobody") {
      throw new Refusal("NO_BREACH", `the operator signed nothing that breaks a rule: ${message}`);
    }
    return { blockHeight: tip.height + 1, transactionIndex, rule, message };
  });
}

function judgeTwoBlocks(
  { first, second }: Proof & { kind: "twoBlocks" },
  { rules, chain }: Known,
): Verdict<Finding> {
  return judge(() => {
    demandSigned(first, chain, rules);
    demandSigned(second, chain, rules);
    const { height } = first.header;
    demand(height === second.header.height, "NO_BREACH", "the blocks are of two heights");
    const isOne = equalBytes(hashBlockHeader(first.header), hashBlockHeader(second.header));
    demand(!isOne, "NO_BREACH", "both are one and the same block");
    const message = `the operator signed two different blocks ${height}`;
    return { blockHeight: height, transactionIndex: undefined, rule: "EQUIVOCATION", message };
  });
}

function judgeRecord(
  { before, posted, entry }: Proof & { kind: "record" },
  against: Entry | undefined,
  { chain, isRecorded }: Known,
): Verdict<Finding> {
  return judge(() => {
    const isNext = entry.sequence === (against?.sequence ?? 0) + 1;
    demand(isNext, "NO_BREACH", "the two posts are not one after the other");
    demandPosted(posted, entry, chain, isRecorded);
    if (before !== undefined && against !== undefined) {
      demandPosted(before, against, chain, isRecorded);
    }
    demand(
      (before === undefined) === (against === undefined),
      "NO_BREACH",
      "the block of the post before is not shown",
    );
    const step = judgeStep(before?.height ?? 0, posted.height);
    if (step.ok) throw new Refusal("NO_BREACH", "the post is where it may be");
    const { code: rule, message } = step;
    return { blockHeight: posted.height, transactionIndex: undefined, rule, message };
  });
}

function judgeGone(
  { before, after, place, leaf, entry }: Proof & { kind: "gone" },
  against: Entry | undefined,
  { rules, chain, isRecorded }: Known,
): Verdict<Finding> {
  return judge(() => {
    if (against === undefined) throw new Refusal("NO_BREACH", "there is no post before");
    demandPosted(before, against, chain, isRecorded);
    demandPosted(after.header, entry, chain, isRecorded);
    demand(entry.record.height < chain.expiry, "NO_BREACH", "the post does not count");
    const question = { places: [place], keys: [] };
    const { leaves } = insist(verifyHolding(after, chain, entry.record.hash, question, rules));
    const [found] = leaves;
    const isThere = found !== undefined && equalBytes(hashLeaf(found), hashLeaf(leaf));
    demand(!isThere, "NO_BREACH", "the contract stands where it stood");
    return {
      blockHeight: after.header.height,
      transactionIndex: undefined,
      rule: "GONE_WITHOUT_CLOSE",
      message: GONE_WITHOUT_CLOSE,
    };
  });
}

function judgeTurnedBack(
  { before, after, below, entry }: Proof & { kind: "turnedBack" },
  against: Entry | undefined,
  { rules, chain, isRecorded }: Known,
): Verdict<Finding> {
  return judge(() => {
    if (against === undefined) throw new Refusal("NO_BREACH", "there is no post before");
    const isNext = entry.sequence > against.sequence;
    demand(isNext, "NO_BREACH", "the two posts are not one after the other");
    demandPosted(before.header, against, chain, isRecorded);
    demandPosted(after.header, entry, chain, isRecorded);
    demand(entry.record.height < chain.expiry, "NO_BREACH", "the post does not count");
    const last = insist(openHop(before, chain, below, against.record.hash));
    insist(judgeNextEntry(undefined, last, chain, below, rules));
    const now = insist(openHop(after, chain, below, entry.record.hash));
    const next = judgeNextEntry(last, now, chain, below, rules);
    demand(!next.ok, "NO_BREACH", "the map of posts says what it may");
    return {
      blockHeight: after.header.height,
      transactionIndex: undefined,
      rule: "POST_TURNED_BACK",
      message: POST_TURNED_BACK,
    };
  });
}

function demandSigned(
  { header, signature }: SignedHeader,
  { id, operator }: ChainFacts,
  rules: Rules,
): void {
  demand(equalBytes(header.chainId, id), "NO_BREACH", "a header is of another chain");
  demand(
    isSignedBy(rules, "signBlock", encodeBlockHeader(header), signature, operator),
    "NO_BREACH",
    "a header is not signed by the chain's operator",
  );
}

function demandPosted(
  header: BlockHeader,
  entry: Entry,
  { id }: ChainFacts,
  isRecorded: Known["isRecorded"],
): void {
  const isOf =
    equalBytes(header.chainId, id) && equalBytes(hashBlockHeader(header), entry.record.hash);
  demand(isOf, "NO_BREACH", "a header is not that of the posted block");
  demand(isRecorded(entry), "NO_BREACH", "the main chain shows no such record");
}
