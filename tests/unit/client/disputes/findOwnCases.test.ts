import { describe, expect, it } from "vitest";
import { computeResultKey } from "../../../../src/chain/settlement/line.ts";
import type { ResultRecord } from "../../../../src/chain/settlement/resultRecord.ts";
import type { ShownLeaf } from "../../../../src/chain/settlement/shownLine.ts";
import { findOwnCases } from "../../../../src/client/disputes/findOwnCases.ts";
import type { OwnLine } from "../../../../src/client/disputes/ownLines.ts";
import type { ContractTerms } from "../../../../src/client/states.ts";
import type { Leaf } from "../../../../src/protocol/leaf.ts";
import { TRUE_SCRIPT_HASH } from "../../../../src/protocol/script.ts";
import { fill } from "../../../properties/decoders/sampleValues.ts";

const TOP = fill(32, 1);
const OWNER = fill(33, 2);
const HEIGHT = 120;
const UNSIGNED: ContractTerms = { signed: undefined, half: undefined };

function leafOf(byte: number, change: Partial<Leaf> = {}): Leaf {
  return {
    id: fill(32, byte),
    owner: OWNER,
    lo: 0n,
    hi: 100n,
    depositBps: 0,
    scriptHash: TRUE_SCRIPT_HASH,
    madeIn: 1,
    sealed: false,
    anchor: { kind: "none" },
    ...change,
  };
}

const at = (leaf: Leaf, height: number): ShownLeaf => ({
  leaf,
  rank: { height, index: 0, place: 63 },
});

/** A line of one level, as its holder can show it: nothing here looks into the proofs. */
function lineOf(shown: ShownLeaf): OwnLine {
  const { leaf } = shown;
  return {
    topId: TOP,
    shown: [shown],
    levels: [{ leaf, proof: {}, conditions: [] }],
    resultKey: computeResultKey(TOP, [leaf]),
    own: { leaf },
    chain: {},
  } as unknown as OwnLine;
}

function resultOf(shown: ShownLeaf, change: Partial<ResultRecord> = {}): ResultRecord {
  const run = { stateNonce: 0, scriptHash: TRUE_SCRIPT_HASH, outcome: { kind: "failed" } } as const;
  const moves = { ownerMoves: 2, operatorMoves: 2, lastMoverAgainst: undefined };
  const written = { writtenAt: 110, changedAt: 110, carrier: OWNER, deposit: 8n, fee: 1n };
  return { chainId: TOP, line: [shown], run, ...moves, ...written, removal: undefined, ...change };
}

const SEALED = leafOf(3, { sealed: true, anchor: { kind: "mainChain" } });
const removal = (closedHeight: number, successor: ShownLeaf | undefined, openTo = 130) => ({
  level: 0,
  closedAt: { height: closedHeight, index: 0, place: 63 },
  successor,
  openTo,
});

function find(line: OwnLine, results: readonly ResultRecord[], claimsEnd = 115) {
  const cases = findOwnCases(line, { results, claimsEnd }, UNSIGNED, HEIGHT, OWNER);
  return cases.map(({ kind, openTo }) => ({ kind, openTo }));
}

describe("what can be done about an own line", () => {
  it("is nothing while it stands as well as it can, or was not claimed while others still may", () => {
    const line = lineOf(at(leafOf(3), 10));
    expect(find(line, [resultOf(at(leafOf(3), 10))])).toEqual([]);
    expect(find(line, [])).toEqual([]);
    expect(find(line, [resultOf(at(leafOf(4), 5))])).toEqual([]);
  });

  it("is to show it at an earlier place than it was claimed at", () => {
    const line = lineOf(at(leafOf(3), 10));
    const found = find(line, [resultOf(at(leafOf(3), 11))]);
    expect(found).toEqual([{ kind: "improve", openTo: undefined }]);
  });

  it("is to undo a removal by a close that came after the seal, and no other, in time", () => {
    const line = lineOf(at(SEALED, 10));
    const removed = (by: ReturnType<typeof removal>) => resultOf(at(SEALED, 40), { removal: by });
    expect(find(line, [removed(removal(20, undefined))])).toEqual([{ kind: "undo", openTo: 130 }]);
    expect(find(line, [removed(removal(9, undefined))])).toEqual([]);
    expect(find(line, [removed(removal(20, undefined, HEIGHT - 1))])).toEqual([]);
  });

  it("is to claim late what a removal has shown in its place, once the time for claims is over", () => {
    const own = at(leafOf(3), 10);
    const gone = resultOf(at(leafOf(4), 5), { removal: removal(9, own) });
    expect(find(lineOf(own), [gone])).toEqual([{ kind: "lateClaim", openTo: 130 }]);
    expect(find(lineOf(own), [gone], HEIGHT + 1)).toEqual([]);
    const other = resultOf(at(leafOf(4), 5), { removal: removal(9, at(leafOf(5), 9)) });
    expect(find(lineOf(own), [other])).toEqual([]);
    const late = resultOf(at(leafOf(4), 5), { removal: removal(9, own, HEIGHT - 1) });
    expect(find(lineOf(own), [late])).toEqual([]);
  });
});
