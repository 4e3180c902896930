import type { CloseProof } from "../../blocks/closeProof.ts";
import { isTimed } from "../../blocks/history.ts";
import { postMapRoot } from "../../blocks/postMap.ts";
import { buildCloseProof } from "../../chain/settlement/buildCloseProof.ts";
import { refuse, type Verdict } from "../../lib/verdict.ts";
import { areApart, type Place } from "../../protocol/place.ts";
import type { Releases } from "../releases.ts";
import { meets } from "../standing.ts";
import type { KeptClose } from "./keptClose.ts";
import type { PlacedBlock, RunReader } from "./readRun.ts";

/** Closes of one trail, and blocks that are read for it: beyond them it is not collected. */
const CLOSES_MAX = 256;

/**
 * A walk back from one contract through all closes by which those gave their contracts up who stood on its place before.
 *
 * - `heights`: blocks still to be read, the newest first. - `read`: those read already. - `closes`: found so far, by name.
 */
export type Walk = {
  readonly place: Place;
  readonly heights: readonly number[];
  readonly read: readonly number[];
  readonly closes: readonly KeptClose[];
};

/**
 * Begin at the block that made the contract, and at every close before it that left a part of its range free.
 *
 * What stood on a place under the conditions that hold there was given up by a close in the very block that made what came
 * next, or left the place free: so nothing that can be claimed for it is missed. A void close needs no answer, because a claim
 * under its condition is invalid.
 */
export function startWalk(place: Place, madeIn: number, releases: Releases): Verdict<Walk> {
  if (releases.forgotten.some((range) => meets(range, place))) {
    return refuse("FORGOTTEN", "who held this space long ago is not kept");
  }
  const before = releases.kept.filter((each) => meets(each, place) && each.height <= madeIn);
  return {
    ok: true,
    value: {
      place,
      heights: order([madeIn, ...before.map(({ height }) => height)]),
      read: [],
      closes: [],
    },
  };
}

/**
 * Read one block further.
 *
 * @param prove - takes a close proof only if it counts by the main chain's own rules, and says what it proves.
 */
export async function stepWalk(
  walk: Walk,
  reader: RunReader,
  prove: (proof: CloseProof, block: PlacedBlock, index: number) => Promise<Verdict<KeptClose>>,
): Promise<Verdict<Walk>> {
  const [height, ...rest] = walk.heights;
  if (height === undefined) return { ok: true, value: walk };
  const placed = await reader.read(height);
  if (!placed.ok) return placed;
  const { effects } = placed.value;
  const closed = effects.closed.filter(
    (each) => isTimed(each) && !areApart(each.place, walk.place),
  );
  const closes: KeptClose[] = [];
  for (const index of new Set(closed.map((each) => each.index))) {
    const proof = build(placed.value, index);
    const kept = proof.ok ? await prove(proof.value, placed.value, index) : proof;
    if (!kept.ok) return kept;
    closes.push(kept.value);
  }
  if (walk.closes.length + closes.length > CLOSES_MAX) {
    return refuse("TOO_LONG", `more than ${CLOSES_MAX} closes stand before it`);
  }
  const read = [...walk.read, height];
  const next = closed.map(({ leaf }) => leaf.madeIn).filter((each) => !read.includes(each));
  return {
    ok: true,
    value: {
      ...walk,
      heights: order([...rest, ...next]),
      read,
      closes: [...walk.closes, ...closes],
    },
  };
}

function build(placed: PlacedBlock, close: number): Verdict<CloseProof> {
  const { entry, run, at, before, block, stateBefore, effects } = placed;
  return buildCloseProof({
    sequence: entry.top.sequence,
    hops: entry.hops,
    hopsBefore: entry.hopsBefore,
    before,
    run,
    at,
    transactions: block.transactions,
    close,
    conditions: block.conditions,
    stateBefore: { rootsRoot: block.rootsRoot, tree: stateBefore },
    stateAfter: { rootsRoot: postMapRoot(effects.posts), tree: effects.tree },
  });
}

/** Each once, the newest first. */
function order(heights: readonly number[]): number[] {
  return [...new Set(heights)].toSorted((a, b) => b - a);
}
