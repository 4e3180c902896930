import type { ChainFacts } from "../blocks/applyTransactions.ts";
import { equalBytes } from "../lib/bytes.ts";
import { demand, judge, type Verdict } from "../lib/verdict.ts";
import { encodeBlockHeader, hashBlockHeader } from "../protocol/blockHeader.ts";
import { isSignedBy, type Rules } from "../protocol/rules.ts";
import type { Finding, Known, Proof } from "./breach.ts";
import type { SignedHeader } from "./signedHeader.ts";

/** Whether two blocks show that their operator has signed both for one height: the breach that every taken block is looked at for. */
export function judgeTwoBlocks(
  { first, second }: Proof & { kind: "twoBlocks" },
  { rules, chain }: Pick<Known, "rules" | "chain">,
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

/** Refuses what shows no breach because its operator has not signed it. */
export function demandSigned(
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
