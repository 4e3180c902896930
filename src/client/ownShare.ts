import { type Holding, verifyHolding } from "../blocks/holding.ts";
import { createTipAfter } from "../blocks/validateBlock.ts";
import { equalBytes } from "../lib/bytes.ts";
import { judge, Refusal, type Verdict } from "../lib/verdict.ts";
import { hashLeaf } from "../protocol/leaf.ts";
import type { Rules } from "../protocol/rules.ts";
import type { SignedHeader } from "./breach.ts";
import { type ChainBook, createChainBook, type TakenBlock } from "./chainBook.ts";
import type { Entry } from "./entry.ts";
import type { LiveContract } from "./standing.ts";
import { POSTED_MAX } from "./takeRecord.ts";

/**
 * The book of who checks only his own share: it goes from post to post, and holds nothing but the owner's
 * contracts. It begins where a whole check has come to, at the last entry; undefined while there is none.
 */
export function startShare(full: ChainBook): ChainBook | undefined {
  const { lastPost, posted, chain, scope } = full;
  const last = posted.at(-1);
  if (lastPost === undefined || last === undefined) return undefined;
  const isUnder = (height: number | undefined) =>
    height !== undefined && height <= lastPost.blockHeight;
  const recorded = [...full.own].filter(([, { madeIn }]) => isUnder(madeIn));
  const own = recorded.map(([id, leaf]) => {
    const isClosed = isUnder(leaf.closedIn);
    return [
      id,
      isClosed ? leaf : { ...leaf, closedIn: undefined, closedUnder: undefined },
    ] as const;
  });
  // What a block above the post has closed stands under the post; what was never alive does not.
  const closedAbove = full.run.flatMap(({ closed }: TakenBlock) =>
    closed.flatMap(({ contract }) => contract ?? []),
  );
  const alive = new Map<string, LiveContract>();
  for (const [id, leaf] of own) {
    const contract =
      full.live.get(id) ?? closedAbove.find((each) => equalBytes(each.leaf.id, leaf.leaf.id));
    if (contract !== undefined && leaf.closedIn === undefined) alive.set(id, contract);
  }
  return {
    ...createChainBook(chain, scope),
    shareSince: full.postCount,
    tip: createTipAfter(last.header),
    lastBlock: last,
    posted: [last],
    postCount: full.postCount,
    lastPost,
    descendants: full.descendants,
    live: alive,
    own: new Map(own),
    inside: full.inside,
    conditions: full.conditions,
    frozen: full.frozen,
    trades: full.trades,
    fills: full.fills,
  };
}

/** The contracts whose standing has to be shown at the next post. */
export function listHeld(share: ChainBook): LiveContract[] {
  return [...share.live.values()];
}

/**
 * Whether everything held stands under an entry as it did, by what was shown for each contract in turn.
 * Refuses what shows nothing.
 */
export function isAllStanding(
  share: ChainBook,
  { record }: Entry,
  shown: readonly Holding[],
  rules: Rules,
): Verdict<boolean> {
  return judge(() =>
    listHeld(share).every(({ leaf, place }, index) => {
      const holding = shown[index];
      if (holding === undefined) throw new Refusal("NOT_SHOWN", "a contract's place is not shown");
      const found = verifyHolding(holding, share.chain, record.hash, place, rules);
      if (!found.ok) throw new Refusal(found.code, found.message);
      return found.value !== undefined && equalBytes(hashLeaf(found.value), hashLeaf(leaf));
    }),
  );
}

/** The share after an entry under which everything held still stands. */
export function passPost(
  share: ChainBook,
  entry: Entry,
  under: Uint8Array,
  { header, signature }: SignedHeader,
): ChainBook {
  const last = { header, signature };
  return {
    ...share,
    tip: createTipAfter(header),
    lastBlock: last,
    posted: [...share.posted, last].slice(-POSTED_MAX),
    fallen: share.fallen.filter((each) => each.header.height > header.height),
    postCount: share.postCount + 1,
    lastPost: { ...entry, blockHeight: header.height, under },
  };
}
