import { compareRanks, type Rank } from "../../blocks/anchoredProof.ts";
import { formatHex } from "../../lib/hex.ts";
import { hashLine } from "./line.ts";
import { type ResultRecord, resultKeyOf } from "./resultRecord.ts";
import { beginsWith, leavesOf, type ShownLeaf, type ShownLine } from "./shownLine.ts";

/** The best place that a line's leaf at `level` was shown at, by any of `shown` that goes through these very leaves. */
export function findEarliest(shown: readonly ShownLine[], line: ShownLine, level: number): Rank {
  const leaves = leavesOf(line.slice(0, level + 1));
  return shown
    .filter((each) => beginsWith(each, leaves))
    .map((each) => (each[level] as ShownLeaf).rank)
    .reduce(earlier, (line[level] as ShownLeaf).rank);
}

/** Whether the first line outranks the second. */
export type Outranks = (a: ShownLine, b: ShownLine) => boolean;

/**
 * The order of a chain's lines, level by level, until they part:
 *
 * - by different contracts: the contract that was shown earlier wins, by whichever line through it;
 * - where one ends in a contract that the other goes on through: the longer stands;
 * - by different leaves of one contract: the leaf whose own bytes were shown earlier.
 *
 * @param shown - the line of every result of the chain, removed ones too: what was shown once counts.
 * @see docs/PROTOCOL.md section 6, order
 */
export function createOrder(shown: readonly ShownLine[]): Outranks {
  const best = new Map<string, Rank>();
  const names = new Map<ShownLine, readonly LevelNames[]>();
  const namesOf = (line: ShownLine): readonly LevelNames[] => {
    const known = names.get(line) ?? nameLevels(line);
    names.set(line, known);
    return known;
  };
  const bestOf = (name: string, own: Rank): Rank => earlier(own, best.get(name) ?? own);
  for (const line of shown) {
    namesOf(line).forEach(({ contract, leaf }, level) => {
      const { rank } = line[level] as ShownLeaf;
      best.set(contract, bestOf(contract, rank));
      best.set(leaf, bestOf(leaf, rank));
    });
  }
  return (a, b) => {
    const [namesA, namesB] = [namesOf(a), namesOf(b)];
    for (let level = 0; level < a.length && level < b.length; level++) {
      const [nameA, nameB] = [namesA[level] as LevelNames, namesB[level] as LevelNames];
      const [{ rank: rankA }, { rank: rankB }] = [a[level] as ShownLeaf, b[level] as ShownLeaf];
      if (nameA.contract !== nameB.contract) {
        const earliestA = bestOf(nameA.contract, rankA);
        return compareRanks(earliestA, bestOf(nameB.contract, rankB)) < 0;
      }
      const [isEndA, isEndB] = [level === a.length - 1, level === b.length - 1];
      if (isEndA !== isEndB) return isEndB;
      if (nameA.leaf !== nameB.leaf) {
        return compareRanks(bestOf(nameA.leaf, rankA), bestOf(nameB.leaf, rankB)) < 0;
      }
    }
    return false;
  };
}

/**
 * The results of `after` that stand above one which stood above them in `before`: their order of rank
 * has changed for the better, which starts their dispute delay anew.
 */
export function findRisen(
  before: readonly ResultRecord[],
  after: readonly ResultRecord[],
): ResultRecord[] {
  const outranksBefore = createOrder(before.map(({ line }) => line));
  const outranksAfter = createOrder(after.map(({ line }) => line));
  const was = new Map(before.map((result) => [formatHex(resultKeyOf(result)), result]));
  const pairs = after.flatMap((now) => {
    const then = was.get(formatHex(resultKeyOf(now)));
    return then === undefined || now.removal !== undefined ? [] : [{ now, then }];
  });
  return pairs
    .filter(({ now, then }) =>
      pairs.some(
        (other) =>
          outranksBefore(other.then.line, then.line) && outranksAfter(now.line, other.now.line),
      ),
    )
    .map(({ now }) => now);
}

/** What a line's level is known by among all lines: its contract, and its leaf, each under the leaves above it. */
type LevelNames = { readonly contract: string; readonly leaf: string };

function nameLevels(line: ShownLine): LevelNames[] {
  return line.map(({ leaf }, level) => {
    const above = formatHex(hashLine(leavesOf(line.slice(0, level))));
    const { id, owner, lo, hi } = leaf;
    return {
      contract: `${above}:${formatHex(id)}:${formatHex(owner)}:${lo}:${hi}`,
      leaf: formatHex(hashLine(leavesOf(line.slice(0, level + 1)))),
    };
  });
}

function earlier(a: Rank, b: Rank): Rank {
  return compareRanks(a, b) <= 0 ? a : b;
}
