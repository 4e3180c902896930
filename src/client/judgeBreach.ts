import type { ChainFacts } from "../blocks/applyTransactions.ts";
import { judgeStep } from "../blocks/history.ts";
import { verifyHolding } from "../blocks/holding.ts";
import { judgeNextEntry, openHop } from "../blocks/hops.ts";
import { createChainTip, createTipAfter } from "../blocks/validateBlock.ts";
import { equalBytes } from "../lib/bytes.ts";
import { demand, insist, judge, Refusal, type Verdict } from "../lib/verdict.ts";
import { type BlockHeader, hashBlockHeader } from "../protocol/blockHeader.ts";
import { hashLeaf } from "../protocol/leaf.ts";
import {
  type Breach,
  type Finding,
  GONE_WITHOUT_CLOSE,
  type Known,
  POST_TURNED_BACK,
  type Proof,
} from "./breach.ts";
import { checkBlock } from "./checkBlock.ts";
import type { Entry } from "./entry.ts";
import { indexHeaders } from "./namedHeaders.ts";
import { demandSigned, judgeTwoBlocks } from "./twoBlocks.ts";

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
