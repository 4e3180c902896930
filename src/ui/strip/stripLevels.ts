import type { ChainView, SegmentView } from "../../workers/walletApi.ts";
import { getPoint } from "../words/phase.ts";
import { isMine } from "./stepStrip.ts";

/** One strip of an icicle: a chain, and which of its segments is widened beneath; -1 where it has none. */
export type StripLevel = { readonly chain: ChainView; readonly selected: number };

/** As deep as chains nest. */
const LEVELS_MAX = 16;

/**
 * The strips from `chain` down: beneath a selected segment that is a chain itself comes that chain's own.
 *
 * @param chosen - where the segment begins that the reader chose in a chain, by the chain's id.
 * @param contractId - the contract to begin with; otherwise the reader's first, or the first of all.
 */
export function listLevels(
  chain: ChainView,
  chains: readonly ChainView[],
  chosen: ReadonlyMap<string, bigint>,
  contractId: string | undefined,
): readonly StripLevel[] {
  const levels: StripLevel[] = [];
  let inner: ChainView | undefined = chain;
  while (inner !== undefined && levels.length < LEVELS_MAX) {
    const level: StripLevel = {
      chain: inner,
      selected: findSelected(inner, chosen.get(inner.id), contractId),
    };
    levels.push(level);
    inner = findInside(inner.segments[level.selected], chains);
  }
  return levels;
}

/** The followed chain that a segment's contract is, if it is one. */
function findInside(
  segment: SegmentView | undefined,
  chains: readonly ChainView[],
): ChainView | undefined {
  return chains.find(
    ({ id, segments }) =>
      segments.length > 0 && segment?.layers.some(({ contractId }) => contractId === id),
  );
}

function findSelected(
  { segments, phase }: ChainView,
  chosen: bigint | undefined,
  contractId: string | undefined,
): number {
  const point = getPoint(phase);
  const wanted = [
    segments.findIndex(({ lo }) => lo === chosen),
    segments.findIndex(({ layers }) =>
      layers.some((layer) => contractId !== undefined && layer.contractId === contractId),
    ),
    segments.findIndex(({ lo, hi }) => point !== undefined && lo <= point && point < hi),
    segments.findIndex(isMine),
  ];
  return wanted.find((index) => index >= 0) ?? Math.min(0, segments.length - 1);
}
