import { describe, expect, it } from "vitest";
import { findOwnCases } from "../../../../src/client/disputes/findOwnCases.ts";
import type { OwnLine } from "../../../../src/client/disputes/ownLines.ts";
import type { SettlementStatus } from "../../../../src/client/settlementStatus.ts";
import type { Leaf } from "../../../../src/protocol/leaf.ts";
import { TRUE_SCRIPT_HASH } from "../../../../src/protocol/script.ts";

const bytes = (value: number, length = 32) => new Uint8Array(length).fill(value);
const leaf: Leaf = {
  id: bytes(1),
  owner: bytes(2, 33),
  lo: 0n,
  hi: 10n,
  depositBps: 0,
  scriptHash: TRUE_SCRIPT_HASH,
  madeIn: 3,
  sealed: false,
  anchor: { kind: "none" },
};
const shown = { leaf, rank: { height: 9, index: 0, place: 63 } };
const proof = { sequence: 1, hops: [], headers: [], rootsRoot: bytes(0), path: bytes(0, 0) };

/** An own line to which a removal has made room, past the claim window. */
function look(closedUnder: { sequence: number; height: number; index: number } | undefined) {
  const own = { leaf, script: undefined, closedIn: closedUnder && 5, closedUnder };
  const levels = [{ leaf, proof, conditions: [] }];
  const line = { topId: bytes(7), levels, shown: [shown], resultKey: bytes(8), own };
  const removal = { level: 0, rank: shown.rank, openTo: 100, successor: shown };
  const results = [
    { chainId: bytes(7), line: [{ ...shown, leaf: { ...leaf, id: bytes(9) } }], removal },
  ];
  return findOwnCases(
    line as unknown as OwnLine,
    { results, claimsEnd: 50 } as unknown as SettlementStatus,
    { signed: undefined, half: undefined },
    60,
    leaf.owner,
  );
}

describe("a right to claim late that a removal opens", () => {
  it("is the holder's", () => {
    expect(look(undefined).map(({ kind }) => kind)).toEqual(["lateClaim"]);
  });

  it("is nobody's who has given the contract up himself: anybody could slash it", () => {
    expect(look({ sequence: 2, height: 12, index: 0 })).toEqual([]);
  });
});
