import { compareRanks, type Rank } from "../../blocks/anchoredProof.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { formatHex } from "../../lib/hex.ts";
import type { Leaf } from "../../protocol/leaf.ts";
import { type ResultRecord, resultKeyOf, type ShownLeaf } from "./resultRecord.ts";

/** Whether two leaves are the same contract: id, owner, lo and hi are equal, whatever else they say. */
export function isSameContract(a: Leaf, b: Leaf): boolean {
  return equalBytes(a.id, b.id) && equalBytes(a.owner, b.owner) && a.lo === b.lo && a.hi === b.hi;
}

/** Whether the first leaf outranks the second. */
export type Outranks = (a: ShownLeaf, b: ShownLeaf) => boolean;

/**
 * The order of a chain's leaves. Where two part by different contracts, the contract that was shown
 * earlier wins, by whichever of its lines; where by different leaves of one contract, the leaf whose
 * own bytes were shown earlier.
 *
 * @param shown - every result of the chain, removed ones too: what was shown once counts.
 * @see docs/PROTOCOL.md section 6, rank
 */
export function createOrder(shown: readonly ShownLeaf[]): Outranks {
  const best = new Map<string, Rank>();
  for (const { leaf, rank } of shown) {
    const name = contractName(leaf);
    const known = best.get(name);
    if (known === undefined || compareRanks(rank, known) < 0) best.set(name, rank);
  }
  const contractRank = ({ leaf, rank }: ShownLeaf): Rank => {
    const known = best.get(contractName(leaf));
    return known === undefined || compareRanks(rank, known) < 0 ? rank : known;
  };
  return (a, b) =>
    isSameContract(a.leaf, b.leaf)
      ? compareRanks(a.rank, b.rank) < 0
      : compareRanks(contractRank(a), contractRank(b)) < 0;
}

/**
 * The results of `after` that stand above one which stood above them in `before`: their order of rank
 * has changed for the better, which starts their dispute delay anew.
 *
 * @param shown - the leaf whose showing made `after` of `before`: only lines of its contract can rise.
 */
export function findRisen(
  before: readonly ResultRecord[],
  after: readonly ResultRecord[],
  shown: ShownLeaf,
): ResultRecord[] {
  const outranksBefore = createOrder(before);
  const outranksAfter = createOrder(after);
  const was = new Map(before.map((result) => [formatHex(resultKeyOf(result)), result]));
  const pairs = after.flatMap((now) => {
    const then = was.get(formatHex(resultKeyOf(now)));
    return then === undefined || now.removal !== undefined ? [] : [{ now, then }];
  });
  return pairs
    .filter(({ now }) => isSameContract(now.leaf, shown.leaf))
    .filter(({ now, then }) =>
      pairs.some((other) => outranksBefore(other.then, then) && outranksAfter(now, other.now)),
    )
    .map(({ now }) => now);
}

function contractName({ id, owner, lo, hi }: Leaf): string {
  return `${formatHex(id)}:${formatHex(owner)}:${lo}:${hi}`;
}
