import type { CloseProof } from "../../blocks/closeProof.ts";
import { isTimed } from "../../blocks/history.ts";
import { postMapRoot } from "../../blocks/postMap.ts";
import { buildCloseProof } from "../../chain/settlement/buildCloseProof.ts";
import { accept, refuse, type Verdict } from "../../lib/verdict.ts";
import type { Leaf } from "../../protocol/leaf.ts";
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

/** What a walk finds its closes by. */
export type WalkTools = {
  readonly reader: RunReader;
  /** Takes the proof of a close only if that counts by the main chain's own rules, and says what it proves. */
  readonly prove: (proof: CloseProof, at: ClosePosition) => Promise<Verdict<KeptClose>>;
  /** A close of this chain that was proven before. */
  readonly proven: (at: Pick<KeptClose, "height" | "index">) => KeptClose | undefined;
  /** All closes before a contract of this chain, where they were collected while it stood. */
  readonly before: (leaf: Leaf) => readonly KeptClose[] | undefined;
};

/** Where a close stands: its block, and its index among the block's transactions. */
export type ClosePosition = { readonly block: PlacedBlock; readonly index: number };

/** Read one block further. */
export async function stepWalk(
  walk: Walk,
  { reader, prove, proven, before }: WalkTools,
): Promise<Verdict<Walk>> {
  const [height, ...rest] = walk.heights;
  if (height === undefined) return { ok: true, value: walk };
  const placed = await reader.read(height);
  if (!placed.ok) return placed;
  const { effects } = placed.value;
  const closed = effects.closed.filter(
    (each) => isTimed(each) && !areApart(each.place, walk.place),
  );
  const fresh: KeptClose[] = [];
  for (const index of new Set(closed.map((each) => each.index))) {
    const known = proven({ height, index });
    const kept = known === undefined ? await proveClose(placed.value, index, prove) : accept(known);
    if (!kept.ok) return kept;
    fresh.push(kept.value);
  }
  const read = [...walk.read, height];
  const next: number[] = [];
  for (const { leaf } of closed) {
    const collected = before(leaf);
    if (collected !== undefined) fresh.push(...collected.filter((each) => isThere(each, walk)));
    else if (!read.includes(leaf.madeIn)) next.push(leaf.madeIn);
  }
  const closes = joinCloses(walk.closes, fresh);
  if (closes.length > CLOSES_MAX) {
    return refuse("TOO_LONG", `more than ${CLOSES_MAX} closes stand before it`);
  }
  return accept({ ...walk, heights: order([...rest, ...next]), read, closes });
}

/** Whether a close gave up something that stood on the walk's place. */
function isThere({ closed }: KeptClose, { place }: Walk): boolean {
  return closed.some((each) => !areApart(each.place, place));
}

/** Each close once. */
function joinCloses(kept: readonly KeptClose[], fresh: readonly KeptClose[]): KeptClose[] {
  const nameOf = ({ height, index }: KeptClose) => `${height}:${index}`;
  return [...new Map([...kept, ...fresh].map((close) => [nameOf(close), close])).values()];
}

async function proveClose(
  placed: PlacedBlock,
  close: number,
  prove: WalkTools["prove"],
): Promise<Verdict<KeptClose>> {
  const { entry, run, at, before, block, stateBefore, effects } = placed;
  const proof = buildCloseProof({
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
  return proof.ok ? prove(proof.value, { block: placed, index: close }) : proof;
}

/** Each once, the newest first. */
function order(heights: readonly number[]): number[] {
  return [...new Set(heights)].toSorted((a, b) => b - a);
}
