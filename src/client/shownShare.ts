import {
  type Holding,
  type HoldingQuestion,
  QUESTION_ITEMS_MAX,
  QUESTION_SIDES_MAX,
  verifyHolding,
} from "../blocks/holding.ts";
import { type Hop, type HopEntry, judgeNextEntry, openHop } from "../blocks/hops.ts";
import { createTipAfter } from "../blocks/validateBlock.ts";
import { assert } from "../lib/assert.ts";
import { equalBytes } from "../lib/bytes.ts";
import { formatHex, parseHex } from "../lib/hex.ts";
import { insist, judge, Refusal, type Verdict } from "../lib/verdict.ts";
import { hashLeaf } from "../protocol/leaf.ts";
import type { Place } from "../protocol/place.ts";
import type { Rules } from "../protocol/rules.ts";
import type { ChainBook } from "./chainBook.ts";
import { toCheckedPost } from "./checkedPost.ts";
import { type Descendant, keyOf, recordHops } from "./descendantPosts.ts";
import type { Entry, HistoryEntry } from "./entry.ts";
import { isHeld } from "./ownShare.ts";
import type { SignedHeader } from "./signedHeader.ts";
import type { LiveContract } from "./standing.ts";
import { keepAnchored, POSTED_MAX } from "./takeRecord.ts";

/** The contracts whose standing has to be shown at the next post. */
function listHeld(share: ChainBook): LiveContract[] {
  return [...share.live].flatMap(([id, contract]) => (isHeld(share, id) ? [contract] : []));
}

/** What has to be asked at the next post: one question, unless very much is held. */
export function listQuestions(share: ChainBook): readonly HoldingQuestion[] {
  const keys = [...share.descendants.keys()].map(parseHex);
  const questions: { places: Place[]; keys: Uint8Array[] }[] = [{ places: [], keys: [] }];
  const last = () => questions.at(-1) as (typeof questions)[0];
  for (const { place } of listHeld(share)) {
    if (!hasRoom([...last().places, place])) questions.push({ places: [], keys: [] });
    last().places.push(place);
  }
  for (const key of keys) {
    if (last().keys.length === QUESTION_ITEMS_MAX) questions.push({ places: [], keys: [] });
    last().keys.push(key);
  }
  return questions;
}

function hasRoom(places: readonly Place[]): boolean {
  const sides = places.reduce((sum, { conditions }) => sum + conditions.length, 0);
  return places.length <= QUESTION_ITEMS_MAX && places.length + sides <= QUESTION_SIDES_MAX;
}

/**
 * What is not as it has to be under a post: a contract that does not stand as it did, or the last post of a chain
 * below that is gone, or none of its own. `after` proves it under the post, `before` under the one before.
 */
export type Missing =
  | { readonly kind: "contract"; readonly contract: LiveContract; readonly after: Holding }
  | {
      readonly kind: "post";
      readonly below: Descendant;
      readonly before: Hop;
      readonly after: Hop;
    };

/** What was shown under a post: its block's header, what is missing, and what the map of posts says. */
export type ShownShare = {
  readonly posted: SignedHeader;
  readonly missing: readonly Missing[];
  readonly hops: Parameters<typeof recordHops>[1];
};

/**
 * What a post has shown of the share, by the answers to all questions in turn. Refuses what shows nothing.
 *
 * @see docs/adr/0014-two-ways-to-know.md
 */
export function judgeShown(
  share: ChainBook,
  { record }: Entry,
  shown: readonly Holding[],
  rules: Rules,
): Verdict<ShownShare> {
  return judge(() => {
    const missing: Missing[] = [];
    const hops = new Map<string, { hop: Hop; post: HopEntry | undefined }>();
    const held = listHeld(share);
    const [posted] = shown;
    for (const [index, question] of listQuestions(share).entries()) {
      const after = shown[index];
      if (after === undefined || posted === undefined) {
        throw new Refusal("NOT_SHOWN", "a question was not answered");
      }
      const state = insist(verifyHolding(after, share.chain, record.hash, question, rules));
      for (const leaf of state.leaves) {
        const contract = held.shift() as LiveContract;
        const isSame = leaf !== undefined && equalBytes(hashLeaf(leaf), hashLeaf(contract.leaf));
        if (!isSame) missing.push({ kind: "contract", contract, after: { ...after, posts: [] } });
      }
      for (const [at, proof] of after.posts.entries()) {
        const key = formatHex(question.keys[at] as Uint8Array);
        const { header, rootsRoot } = after;
        const hop = { header, contractsRoot: state.contractsRoot, rootsRoot, proof };
        const next = judgeHop(share, key, hop, state.posts[at], rules);
        if ("below" in next) missing.push(next);
        else hops.set(key, { hop, post: next.post });
      }
    }
    if (posted === undefined) throw new Refusal("NOT_SHOWN", "nothing was answered");
    return { posted, missing, hops };
  });
}

/** The newer post that a hop shows of a chain below, if it does; or what is wrong with it. */
function judgeHop(
  { chain, scope, descendants, lastPost }: ChainBook,
  key: string,
  after: Hop,
  value: Uint8Array | undefined,
  rules: Rules,
): { readonly post: HopEntry | undefined } | (Missing & { readonly kind: "post" }) {
  const below = scope.descendants.find((each) => keyOf(each) === key);
  const known = descendants.get(key);
  const before = known?.hop;
  assert(below !== undefined && known !== undefined, "a share names whose posts it goes on with");
  assert(before !== undefined && lastPost !== undefined, "a share begins at a post");
  const last = insist(openHop(before, chain, below, lastPost.record.hash));
  const next = judgeNextEntry(last, value, chain, below, rules);
  if (!next.ok) return { kind: "post", below, before, after };
  const isNewer = (next.value?.sequence ?? 0) > known.recorded;
  return { post: isNewer ? next.value : undefined };
}

/** The share after an entry under which everything is as it has to be. */
export function passPost(
  share: ChainBook,
  entry: HistoryEntry,
  under: Uint8Array,
  { posted: { header, signature }, hops }: ShownShare,
): ChainBook {
  const last = { header, signature };
  const recorded = recordHops(share.descendants, hops, entry);
  const carried = [...recorded].map(([key, posts]) => {
    const { hop, recorded: taken } = posts;
    return [key, hop === undefined ? posts : { ...posts, taken, proof: hop.proof }] as const;
  });
  return {
    ...share,
    tip: createTipAfter(header),
    lastBlock: last,
    posted: [...share.posted, last].slice(-POSTED_MAX),
    fallen: share.fallen.filter((each) => each.header.height > header.height),
    postCount: share.postCount + 1,
    anchoredBlocks: keepAnchored(share, entry, [entry.record.hash]),
    lastPost: toCheckedPost(entry, header.height, under),
    descendants: new Map(carried),
  };
}
