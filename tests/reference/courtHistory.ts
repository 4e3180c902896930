/**
 * What the court reads in what was ever said: which conditions hold, where a block stands on the main
 * chain, and which closes count. Written from the text alone, as the court is.
 */

import type {
  CourtBlock,
  CourtCase,
  CourtClose,
  CourtLeaf,
  CourtPlace,
  CourtPostOf,
  ShownClose,
} from "./courtCase.ts";
import { type Change, readMatch } from "./courtMatch.ts";
import { isOracleTrue, oraclesOf } from "./courtOracles.ts";
import { isOnSpace, isSamePlace, isSameTerms } from "./courtPlaces.ts";

export type Place = readonly [height: number, index: number, fromEnd: number];
/** A chain as the leaf above it says: who it is, whose, and where its posts stand. */
export type Chain = { id: string; operator: string; anchor: string };
export type Shown = { leaf: CourtLeaf; place: Place };
/** What a close that counts made over the point, and where it was posted. */
type CountingClose = { closedAt: Place; successor: Shown | undefined };

export type CourtHistory = {
  readonly holds: (place: CourtPlace) => boolean;
  readonly covers: (place: CourtPlace) => boolean;
  /** The place of a block under a post on the main chain, if what its chain has posted there links to it. */
  readonly placeOf: (
    lineage: readonly Chain[],
    shown: CourtPostOf & { readonly block: string },
  ) => Place | undefined;
  /** The blocks of a chain that are posted first under a record, the newest first; none if the posts do not link. */
  readonly runUnder: (lineage: readonly Chain[], shown: CourtPostOf) => readonly string[];
  /** "no" if the close does not count. */
  readonly judgeClose: (
    shown: ShownClose,
    contract: CourtLeaf,
    lineage: readonly Chain[],
  ) => CountingClose | "no";
};

export function readHistory(facts: CourtCase): CourtHistory {
  const { chain } = facts;

  const isTrue = (name: string): boolean => {
    const condition = facts.conditions.get(name);
    if (condition === undefined) throw new Error(`no condition ${name}`);
    if (condition.kind !== "payment") {
      return isOracleTrue(condition, (name) => {
        const oracle = facts.oracles.get(name);
        return oracle !== undefined && oracle.height < chain.expiry ? oracle.result : "bad";
      });
    }
    const paid = facts.payments.get(condition.payment);
    if (paid === undefined) return false;
    return (
      paid.amount >= condition.amount && paid.height < condition.below && paid.height < chain.expiry
    );
  };
  const holds = (place: CourtPlace) =>
    place.conditions.every(({ name, side }) => isTrue(name) === side);
  const covers = (place: CourtPlace) => place.lo <= facts.point && facts.point <= place.hi - 1n;

  const switches = readSwitches(facts);

  /** The record of a post, and what the lineage's last chain had posted under it; "no" if nothing holds. */
  function postUnder(lineage: readonly Chain[], { sequence, top: wanted }: CourtPostOf) {
    const last = lineage.at(-1);
    if (last === undefined) return "no";
    const path = [last];
    for (let at = lineage.length - 1; ; ) {
      const { id, anchor } = path[0] ?? last;
      if (anchor === "main" ? wanted === undefined : id === wanted) break;
      at = lineage.slice(0, at).findIndex(({ id }) => id === anchor);
      const above = lineage[at];
      if (above === undefined) return "no";
      path.unshift(above);
    }
    const [top = last, ...below] = path;
    const isFirst = top.id === chain.origin && top.operator === chain.operator;
    const name = `${top.operator}/${top.id}`;
    const own = wanted === undefined ? undefined : switches.get(name);
    const native = isFirst ? facts.records : facts.otherRecords?.get(name);
    const record =
      wanted === undefined ? native?.[sequence - 1] : own?.records[sequence - own.first];
    if (record === undefined || record.height >= chain.expiry) return "no";
    // Who has gone over to the main chain is heard there, and nowhere else.
    const isGone = below.some(({ id, operator }) => {
      const height = switches.get(`${operator}/${id}`)?.height;
      return height !== undefined && height <= record.height;
    });
    if (isGone) return "no";
    const isFirstThere = own !== undefined && sequence === own.first && sequence > 1;
    let anchor = top;
    let block: string | undefined = record.block;
    for (const next of below) {
      const posted: CourtBlock | undefined = facts.blocks.get(block);
      if (posted === undefined || chainOf(posted) !== anchor.id) return "no";
      const entry = posted.posts?.find(
        (each) => each.chain === next.id && each.operator === next.operator,
      );
      if (entry === undefined) return { record, block: undefined, isFirstThere };
      // The map is only its keeper's word; the entry is the word of whom it is of.
      if (entry.signer !== next.operator) return "no";
      anchor = next;
      block = entry.block;
    }
    return { record, block, isFirstThere };
  }

  const chainOf = (block: CourtBlock) => block.chain ?? chain.origin;

  function placeOf(
    lineage: readonly Chain[],
    { block, ...shown }: CourtPostOf & { readonly block: string },
  ): Place | undefined {
    const post = postUnder(lineage, shown);
    if (post === "no" || post.block === undefined) return undefined;
    let walked = post.block;
    for (let back = 0; back < 64; back++) {
      const at = facts.blocks.get(walked);
      if (at === undefined || chainOf(at) !== lineage.at(-1)?.id) return undefined;
      if (walked === block) return [post.record.height, post.record.index, -back];
      walked = at.parent;
    }
    return undefined;
  }

  /** The height at which the first oracle that a condition reads has its result. */
  const decidedAt = (name: string): number => {
    const heights = oraclesOf(facts.conditions.get(name)).flatMap(
      (oracle) => facts.oracles.get(oracle)?.height ?? [],
    );
    return Math.min(Number.POSITIVE_INFINITY, ...heights);
  };

  const standingBefore = (block: CourtBlock, close: CourtClose) =>
    facts.blocks
      .get(block.parent)
      ?.leaves.find((leaf) => leaf.id === close.contractId && isSamePlace(leaf, close.place));

  /** Whether a close counts as far as it alone can say. */
  function countsAlone(block: CourtBlock, close: CourtClose, height: number): boolean {
    if (close.seenBlock !== block.parent || height > close.heightMax) return false;
    const closed = standingBefore(block, close);
    if (closed?.owner !== close.signer || closed.anchor !== undefined) return false;
    const areMade = close.successors.every((successor) =>
      block.leaves.some((leaf) => leaf.anchor === undefined && isSameTerms(leaf, successor)),
    );
    // What stands on the closed contract's own space is named, and nothing else is there.
    const isLeft = block.leaves
      .filter((leaf) => isOnSpace(leaf, close.place))
      .every((leaf) => close.successors.some((successor) => isSameTerms(leaf, successor)));
    const isInTime = close.successors
      .flatMap(({ conditions }) => conditions)
      .filter(({ name }) => close.place.conditions.every((own) => own.name !== name))
      .every(({ name }) => height < decidedAt(name));
    return areMade && isLeft && isInTime;
  }

  /** The closes of a block that count: those that take each other's space, only together. */
  function countingCloses(block: CourtBlock, height: number): CourtClose[] {
    const before = facts.blocks.get(block.parent)?.leaves ?? [];
    let counting = block.closes.filter((close) => countsAlone(block, close, height));
    for (;;) {
      const kept = counting.filter((close) =>
        close.successors
          .filter(({ lo, hi }) => lo < close.place.lo || hi > close.place.hi)
          // Space that others brought: free after the named block, or closed in this very block.
          .flatMap(({ lo, hi }) => before.filter((leaf) => leaf.lo < hi && lo < leaf.hi))
          .every((leaf) => counting.some((other) => other.contractId === leaf.id)),
      );
      if (kept.length === counting.length) return kept;
      counting = kept;
    }
  }

  /** What a close or a match of a block closes and makes, if it counts. */
  function readChange(block: CourtBlock, index: number, height: number): Change | undefined {
    const close = block.closes[index];
    if (close !== undefined) {
      const closed = standingBefore(block, close);
      const counts = countingCloses(block, height).includes(close);
      return counts && closed ? { closed: [closed], successors: close.successors } : undefined;
    }
    const match = block.matches?.[index - block.closes.length];
    const before = facts.blocks.get(block.parent);
    if (match === undefined || before === undefined) return undefined;
    const isDecided = [match.refund, match.win].some((name) => height >= decidedAt(name));
    return isDecided ? undefined : readMatch(match, before, block, height);
  }

  /** The blocks posted first under a record, the newest first; none if the posts do not link. */
  function runUnder(lineage: readonly Chain[], shown: CourtPostOf): readonly string[] {
    const post = postUnder(lineage, shown);
    if (post === "no" || post.block === undefined) return [];
    // The run must link back to the very block posted under the record before; after a switch none is known at first.
    if (post.isFirstThere) return [];
    const { sequence } = shown;
    const postBefore =
      sequence === 1 ? undefined : postUnder(lineage, { ...shown, sequence: sequence - 1 });
    if (postBefore === "no") return [];
    const id = lineage.at(-1)?.id;
    const before = postBefore?.block ?? id;
    const run: string[] = [];
    for (let at = post.block; at !== before; ) {
      run.push(at);
      const walked = facts.blocks.get(at);
      if (walked === undefined || chainOf(walked) !== id || run.length > 64) return [];
      at = walked.parent;
    }
    return run;
  }

  /** What a close that counts made over the point, and where it was posted; "no" if it does not count. */
  function judgeClose(
    shown: ShownClose,
    contract: CourtLeaf,
    lineage: readonly Chain[],
  ): CountingClose | "no" {
    const post = postUnder(lineage, shown);
    const block = facts.blocks.get(shown.block);
    if (post === "no" || block === undefined) return "no";
    if (!runUnder(lineage, shown).includes(shown.block)) return "no";
    const change = readChange(block, shown.close, post.record.height);
    if (!change?.closed.some((leaf) => isSameContract(leaf, contract))) return "no";
    const closedAt = placeOf(lineage, shown);
    if (closedAt === undefined) return "no";
    const over = change.successors.find((successor) => covers(successor) && holds(successor));
    const leaf = over && block.leaves.find((each) => isSameTerms(each, over));
    return { closedAt, successor: leaf && { leaf, place: closedAt } };
  }

  return { holds, covers, placeOf, runUnder, judgeClose };
}

/** A chain that posts on the main chain since `height`, from post `first` on. */
type CourtSwitch = {
  height: number;
  first: number;
  records: { height: number; index: number; block: string }[];
};

/** What the main chain takes of switches and of posts after them, by "operator/id". */
export function readSwitches({
  sent = [],
}: Pick<CourtCase, "sent">): ReadonlyMap<string, CourtSwitch> {
  const switches = new Map<string, CourtSwitch>();
  for (const { kind, operator, chain, signer, sequence, height, index, block } of sent) {
    const name = `${operator}/${chain}`;
    const known = switches.get(name);
    if (signer !== operator) continue;
    if (kind === "switch") {
      // Once, for ever.
      if (known === undefined) switches.set(name, { height, first: sequence, records: [] });
    } else if (known !== undefined && sequence === known.first + known.records.length) {
      known.records.push({ height, index, block });
    }
  }
  return switches;
}

export function isSameContract(a: CourtLeaf, b: CourtLeaf): boolean {
  return a.id === b.id && a.owner === b.owner && a.lo === b.lo && a.hi === b.hi;
}
