import { compareRanks, type Rank } from "../../blocks/anchoredProof.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { encodeLeaf, type Leaf } from "../../protocol/leaf.ts";
import type { ChainRecord } from "../state/chainRecord.ts";

/** A leaf as a claim or a close has shown it, with the place on the main chain of that showing. */
export type ShownLeaf = { readonly leaf: Leaf; readonly rank: Rank };

/** Leaves from the on-chain chain down, each in the chain that the sealed one before it is. */
export type ShownLine = readonly [ShownLeaf, ...ShownLeaf[]];

export function leavesOf(line: readonly ShownLeaf[]): Leaf[] {
  return line.map(({ leaf }) => leaf);
}

/** The leaf at the end of a line, whose owner the claim is for. */
export function lastLeaf(line: ShownLine): Leaf {
  return (line.at(-1) ?? line[0]).leaf;
}

/** The operator of the chain that a line's last leaf stands in. */
export function operatorOf({ operator }: ChainRecord, line: ShownLine): Uint8Array {
  return line.at(-2)?.leaf.owner ?? operator;
}

/** The operators of all chains on a line, top first. */
export function operatorsOf({ operator }: ChainRecord, line: ShownLine): Uint8Array[] {
  return [operator, ...line.slice(0, -1).map(({ leaf }) => leaf.owner)];
}

/** Basis points of the deposit shares on a line: the chain's own, then of each sealed leaf that it goes on below. */
export function sharesOn({ depositBps }: ChainRecord, line: ShownLine): number[] {
  return [depositBps, ...line.slice(0, -1).map(({ leaf }) => leaf.depositBps)];
}

/** Whether two leaves are the same contract: id, owner, lo and hi are equal, whatever else they say. */
export function isSameContract(a: Leaf, b: Leaf): boolean {
  return equalBytes(a.id, b.id) && equalBytes(a.owner, b.owner) && a.lo === b.lo && a.hi === b.hi;
}

/** Whether two leaves are equal in every byte. */
export function isSameLeaf(a: Leaf, b: Leaf): boolean {
  return equalBytes(encodeLeaf(a), encodeLeaf(b));
}

/** Whether a line begins with these leaves, every byte of them. */
export function beginsWith(line: ShownLine, leaves: readonly Leaf[]): boolean {
  return (
    line.length >= leaves.length &&
    leaves.every((leaf, level) => isSameLeaf((line[level] as ShownLeaf).leaf, leaf))
  );
}

/** Whether a line is `shown` itself, or goes through the contract at its end, sealed since. */
export function goesThrough(line: ShownLine, shown: ShownLine): boolean {
  const at = line[shown.length - 1]?.leaf;
  const leaves = leavesOf(shown);
  const isSealedSince = at?.sealed === true && isSameContract(at, lastLeaf(shown));
  return isSealedSince
    ? beginsWith(line, leaves.slice(0, -1))
    : line.length === shown.length && beginsWith(line, leaves);
}

/** A line shown twice: each leaf at the earlier of its two places. */
export function mergeRanks(known: ShownLine, again: ShownLine): ShownLine {
  const merge = (own: ShownLeaf, level: number): ShownLeaf => {
    const { rank } = again[level] as ShownLeaf;
    return compareRanks(rank, own.rank) < 0 ? { leaf: own.leaf, rank } : own;
  };
  const [first, ...rest] = known;
  return [merge(first, 0), ...rest.map((own, index) => merge(own, index + 1))];
}
