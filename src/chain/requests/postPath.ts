import type { PostingChain } from "../../blocks/hops.ts";
import { equalBytes } from "../../lib/bytes.ts";
import type { Reader, Writer } from "../../lib/codec.ts";
import { demand, insist, judge, Refusal, type Verdict } from "../../lib/verdict.ts";
import { LINE_MAX } from "../../protocol/limits.ts";
import { computePostKey, type ExistenceRecord } from "../../protocol/post.ts";
import { computeSwitchedPostKey } from "../../protocol/switch.ts";
import { judgeSwitches, type SettlementView } from "../settlement/settlementView.ts";
import type { DataTarget } from "./dataTarget.ts";

/**
 * A post of the main chain, where the main chain knows no leaf that would say who posts where.
 *
 * - `path`: the chains that posts go through, from the one whose post number `sequence` is a record of the main
 *   chain down to the one that is meant. - `isSwitched`: the first one has switched, and posts there since.
 */
export type NamedPost = {
  readonly sequence: number;
  readonly isSwitched: boolean;
  readonly path: readonly PostingChain[];
};

/** Encode: u8 count, then each chain id 32, operator 33. */
export function writePostPath(writer: Writer, path: readonly PostingChain[]): void {
  writer.u8(path.length);
  for (const { id, operator } of path) writer.fixed(id, 32).fixed(operator, 33);
}

export function readPostPath(reader: Reader): PostingChain[] {
  const count = reader.u8();
  demand(
    count >= 1 && count <= LINE_MAX && count * 65 <= reader.remaining,
    "WRONG_PATH_LENGTH",
    `expected 1 to ${LINE_MAX} chains, got ${count}`,
  );
  return Array.from({ length: count }, () => ({
    id: reader.fixed(32),
    operator: reader.fixed(33),
  }));
}

/** Whether a path of posts ends in the chain that is meant. */
export function judgePathEnd(
  path: readonly PostingChain[],
  { chainId, operator }: DataTarget,
): Verdict<null> {
  return judge(() => {
    const last = path.at(-1);
    const isOwn =
      last !== undefined && equalBytes(last.id, chainId) && equalBytes(last.operator, operator);
    demand(isOwn, "OTHER_CHAIN", "the posts shown are of another chain");
    return null;
  });
}

/**
 * The record that a post is named by, or a refusal: there is none, it is not below the expiry, or a chain on the way
 * down posted on the main chain itself by then.
 */
export function findNamedRecord(
  view: Pick<SettlementView, "existence" | "switched">,
  { sequence, isSwitched, path }: NamedPost,
  expiry: number,
): Verdict<ExistenceRecord> {
  return judge(() => {
    const [poster, ...below] = path;
    if (poster === undefined) {
      throw new Refusal("WRONG_PATH_LENGTH", "expected at least one chain");
    }
    const computeKey = isSwitched ? computeSwitchedPostKey : computePostKey;
    const record = view.existence(computeKey(poster.operator, poster.id, sequence));
    if (record === undefined) {
      throw new Refusal("NO_SUCH_RECORD", `the chain has no post number ${sequence}`);
    }
    demand(
      record.height < expiry,
      "POSTED_TOO_LATE",
      `expected a record below height ${expiry}, got ${record.height}`,
    );
    insist(judgeSwitches(view, below, record));
    return record;
  });
}
