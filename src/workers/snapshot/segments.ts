import type { TrackedChain } from "../../client/chainTracker.ts";
import { type LiveContract, pieceStart } from "../../client/standing.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { formatHex } from "../../lib/hex.ts";
import type { LayerView, SegmentView } from "../walletApi.ts";
import { describeConditions } from "./outlook.ts";

/**
 * The strip, from low to high: cells with their layers, and what lies between: the operator's free space,
 * and, where there are more contracts than are kept singly, how many begin in each piece of it.
 */
export function describeSegments(
  chain: TrackedChain,
  owner: Uint8Array | undefined,
): SegmentView[] {
  const { lo: start, hi: end } = chain.followed.facts;
  const cells = new Map<bigint, { hi: bigint; contracts: LiveContract[] }>();
  for (const contract of chain.book.live.values()) {
    const { lo, hi } = contract.place;
    const cell = cells.get(lo) ?? { hi, contracts: [] };
    cell.contracts.push(contract);
    cells.set(lo, cell);
  }
  const segments: SegmentView[] = [];
  let at = start;
  for (const [lo, { hi, contracts }] of [...cells].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (at < lo) segments.push(...describeGap(chain, at, lo));
    const layers = contracts.map((contract) => describeLayer(chain, contract, owner));
    segments.push({
      lo,
      hi,
      layers: layers.toSorted((a, b) => Number(b.isMine) - Number(a.isMine)),
      crowd: 0,
    });
    at = hi;
  }
  if (at < end) segments.push(...describeGap(chain, at, end));
  return segments;
}

/** Space without a contract that is kept singly, cut where the counted pieces begin. */
function describeGap({ book, followed }: TrackedChain, lo: bigint, hi: bigint): SegmentView[] {
  const layers = [{ contractId: undefined, isMine: false, when: "" }];
  const counted = book.crowd.flatMap(({ count }, index) => {
    if (count === 0) return [];
    const from = pieceStart(followed.facts, index);
    const to = pieceStart(followed.facts, index + 1);
    const piece = { lo: from > lo ? from : lo, hi: to < hi ? to : hi, crowd: count };
    return piece.lo < piece.hi ? [piece] : [];
  });
  const segments: SegmentView[] = [];
  let at = lo;
  for (const piece of counted) {
    if (at < piece.lo) segments.push({ lo: at, hi: piece.lo, layers, crowd: 0 });
    segments.push({ ...piece, layers: [] });
    at = piece.hi;
  }
  if (at < hi) segments.push({ lo: at, hi, layers, crowd: 0 });
  return segments;
}

function describeLayer(
  chain: TrackedChain,
  { leaf, place }: LiveContract,
  owner: Uint8Array | undefined,
): LayerView {
  return {
    contractId: formatHex(leaf.id),
    isMine: owner !== undefined && equalBytes(leaf.owner, owner),
    when: describeConditions(chain, place)
      .map(({ words }) => words)
      .join(" and "),
  };
}
