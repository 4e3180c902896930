import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { computeNextDifficulty } from "../../../../src/chain/header/difficulty.ts";
import {
  decodeHeader,
  encodeHeader,
  HEADER_BYTES,
  type Header,
  hashHeader,
} from "../../../../src/chain/header/header.ts";
import { createGenesisState, type HeaderState } from "../../../../src/chain/header/headerState.ts";
import { computeHeaderTime, computeUnixMs } from "../../../../src/chain/header/headerTime.ts";
import {
  computeMiningHash,
  computeWorkValue,
  hasWork,
  mineHeader,
  proofOfWorkHash,
} from "../../../../src/chain/header/proofOfWork.ts";
import { integerToSci, sciToInteger } from "../../../../src/chain/header/sciNotation.ts";
import {
  validateAmoveoHeader,
  validateHeader,
} from "../../../../src/chain/header/validateHeader.ts";
import { formatHex } from "../../../../src/lib/hex.ts";
import { LOCAL_NETWORK } from "../../../../src/protocol/network.ts";

const RULES = LOCAL_NETWORK;
const GENESIS: Header = {
  previousHash: new Uint8Array(32),
  height: 0,
  time: 0,
  version: 3,
  treesHash: new Uint8Array(32).fill(1),
  txsProofHash: new Uint8Array(32).fill(2),
  difficulty: RULES.initialDifficulty,
  nonce: new Uint8Array(32),
  period: RULES.periodTenths,
};

/** A chain of `length` headers mined `spacing` tenths apart, and a way to its ancestors. */
function mineChain(length: number, spacing: number) {
  const kept = new Map<string, Header>();
  const getHeader = (hash: Uint8Array) => kept.get(formatHex(hash));
  const states = [createGenesisState(GENESIS)];
  for (let height = 1; height <= length; height++) {
    const parent = states.at(-1) as HeaderState;
    kept.set(formatHex(parent.hash), parent.header);
    const verdict = validateHeader(mineChild(parent, spacing, getHeader), parent, RULES, getHeader);
    if (!verdict.ok) throw new Error(`${verdict.code}: ${verdict.message}`);
    states.push(verdict.value);
  }
  return { states, tip: states.at(-1) as HeaderState, getHeader };
}

function mineChild(
  parent: HeaderState,
  spacing: number,
  getHeader: (hash: Uint8Array) => Header | undefined,
  change: Partial<Header> = {},
): Header {
  const time = parent.header.time + spacing;
  const next = computeNextDifficulty(parent, time, RULES, getHeader);
  if (!next.ok) throw new Error(next.message);
  const { difficulty } = next.value;
  const height = parent.header.height + 1;
  const child = { ...GENESIS, previousHash: parent.hash, height, time, difficulty, ...change };
  const mined = mineHeader(child, 0n, 1_000_000, RULES);
  if (mined === undefined) throw new Error("no nonce found");
  return mined;
}

describe("header", () => {
  it("is 143 bytes that go both ways", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: HEADER_BYTES, maxLength: HEADER_BYTES }), (bytes) => {
        const decoded = decodeHeader(bytes);
        expect(decoded.ok && encodeHeader(decoded.value)).toEqual(bytes);
      }),
      { seed: 10, numRuns: 500 },
    );
    expect(decodeHeader(new Uint8Array(142))).toMatchObject({ ok: false, code: "TRUNCATED" });
    expect(decodeHeader(new Uint8Array(144))).toMatchObject({ ok: false, code: "TRAILING_BYTES" });
  });

  it("tells time in tenths of a second since its zero", () => {
    expect(computeHeaderTime(1_519_295_175_900)).toBe(0);
    expect(computeHeaderTime(1_519_295_176_199)).toBe(2);
    expect(computeUnixMs(computeHeaderTime(1_700_000_000_000))).toBe(1_700_000_000_000);
  });
});

describe("sci notation", () => {
  it("keeps the highest bit and the 8 below it", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 1n << 255n }), (integer) => {
        const sci = integerToSci(integer);
        const step = 1n << BigInt(sci >> 8);
        const isBelowNext = 256n * integer < step * BigInt(257 + (sci & 0xff));
        return sciToInteger(sci) <= integer && isBelowNext;
      }),
      { seed: 11, numRuns: 2_000 },
    );
    expect(() => integerToSci(0n)).toThrow("no sci notation for 0");
  });
});

describe("proof of work", () => {
  it("counts ones past the end of a hash of zeros", () => {
    expect(computeWorkValue(new Uint8Array(32), "new")).toBe(256 * 256 + 255);
  });

  it("agrees with a count on the bits as text", () => {
    const hashes = fc
      .tuple(fc.nat({ max: 255 }), fc.uint8Array({ minLength: 32, maxLength: 32 }))
      .map(([zeros, bytes]) => {
        const hash = bytes.map((byte, i) => (i < zeros >> 3 ? 0 : byte));
        hash[zeros >> 3] = (hash[zeros >> 3] as number) & (0xff >> (zeros & 7));
        return hash;
      });
    fc.assert(
      fc.property(hashes, (hash) => {
        const bits = [...hash, 255].map((byte) => byte.toString(2).padStart(8, "0")).join("");
        const first = bits.indexOf("1");
        const bitsFrom = (count: number, from: number) =>
          Number.parseInt(bits.slice(from, from + count).padEnd(count, "1"), 2);
        expect(computeWorkValue(hash, "new")).toBe(256 * first + bitsFrom(8, first + 1));
        expect(computeWorkValue(hash, "old")).toBe(256 * first + bitsFrom(8, first));
      }),
      { seed: 12, numRuns: 1_000 },
    );
  });

  it("is found by mining in both forms, from any nonce on, and nowhere below", () => {
    for (const fork2Height of [0, 9_000]) {
      const header = { ...GENESIS, height: 5, difficulty: 256 * 8 };
      const mined = mineHeader(header, 0n, 100_000, { fork2Height }) as Header;
      expect(hasWork(mined, { fork2Height })).toBe(true);
      expect(computeMiningHash(mined)).toEqual(computeMiningHash(header));
      const found = mined.nonce.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
      const tries = Number(found);
      expect(mineHeader(header, 0n, tries, { fork2Height })).toBeUndefined();
      expect(mineHeader(header, found, 1, { fork2Height })).toEqual(mined);
      expect(mineHeader(header, 0n, tries + 1, { fork2Height })).toEqual(mined);
    }
    expect(() => mineHeader(GENESIS, 1n << 184n, 1, RULES)).toThrow("more than 23 bytes");
  });

  it("leaves out the first nine nonce bytes, and nothing else of the header", () => {
    const bytes = encodeHeader({ ...GENESIS, height: 1 });
    const workOf = (form: Uint8Array) => {
      const decoded = decodeHeader(form);
      return decoded.ok ? formatHex(proofOfWorkHash(decoded.value, RULES)) : "";
    };
    const work = workOf(bytes);
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.slice();
      changed[at] = (changed[at] as number) ^ 1;
      expect(workOf(changed) === work, `byte ${at}`).toBe(at >= 109 && at < 118);
    }
  });
});

describe("validateHeader", () => {
  const { states, tip, getHeader } = mineChain(60, 7);
  const child = mineChild(tip, 7, getHeader);
  const codeOf = (change: Partial<Header>, parent = tip) => {
    const changed = { ...child, ...change };
    const mined = change.nonce === undefined ? mineHeader(changed, 0n, 1_000_000, RULES) : changed;
    const verdict = validateHeader(mined as Header, parent, RULES, getHeader);
    return verdict.ok ? undefined : verdict.code;
  };

  it("adds up the work, and makes faster blocks harder", () => {
    expect(tip.work).toBe(
      states.slice(1).reduce((sum, { header }) => sum + sciToInteger(header.difficulty), 0n),
    );
    expect(tip.header.difficulty).toBeGreaterThan(RULES.initialDifficulty);
    expect(tip.hash).toEqual(hashHeader(tip.header));
  });

  it("names the rule that a header breaks", () => {
    expect(codeOf({})).toBeUndefined();
    expect(codeOf({ version: 2 })).toBe("WRONG_VERSION");
    expect(codeOf({ period: 19 })).toBe("WRONG_PERIOD");
    expect(codeOf({ height: child.height + 1 })).toBe("WRONG_HEIGHT");
    expect(codeOf({ difficulty: child.difficulty + 1 })).toBe("WRONG_DIFFICULTY");
    expect(codeOf({ difficulty: child.difficulty - 1 })).toBe("WRONG_DIFFICULTY");
    expect(codeOf({ previousHash: new Uint8Array(32) })).toBe("UNKNOWN_PARENT");
    expect(codeOf({}, states[59])).toBe("UNKNOWN_PARENT");
  });

  it("refuses a free sibling: the same work under a changed nonce prefix", () => {
    for (let at = 0; at < 9; at++) {
      const nonce = child.nonce.slice();
      nonce[at] = 1;
      expect(hasWork({ ...child, nonce }, RULES)).toBe(true);
      expect(codeOf({ nonce })).toBe("NONCE_NOT_COVERED");
      expect(validateAmoveoHeader({ ...child, nonce }, tip, RULES, getHeader).ok).toBe(true);
    }
  });

  it("refuses work that is not above the difficulty", () => {
    let refused = 0;
    for (let last = 0; last < 64; last++) {
      const nonce = new Uint8Array(32).fill(last, 31);
      const value = computeWorkValue(proofOfWorkHash({ ...child, nonce }, RULES), "new");
      const expected = value > child.difficulty ? undefined : "NOT_ENOUGH_WORK";
      expect(codeOf({ nonce })).toBe(expected);
      if (expected !== undefined) refused++;
    }
    expect(refused).toBeGreaterThan(0);
  });

  it("says so when an ancestor is missing that the old retarget needs", () => {
    const parent = states[12] as HeaderState;
    const next = computeNextDifficulty(parent, 100, RULES, () => undefined);
    expect(next).toMatchObject({ ok: false, code: "ANCESTOR_MISSING" });
    expect(computeNextDifficulty(parent, 100, RULES, getHeader).ok).toBe(true);
  });

  it("gives a verdict on any change of a byte, and takes one with work in a field left to the miner only", () => {
    const bytes = encodeHeader(child);
    fc.assert(
      fc.property(fc.nat({ max: HEADER_BYTES - 1 }), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = bytes.slice();
        changed[at] = (changed[at] as number) ^ by;
        const decoded = decodeHeader(changed);
        if (!decoded.ok) return false;
        const verdict = validateHeader(decoded.value, tip, RULES, getHeader);
        const isTime = at >= 36 && at < 41;
        const isFree = (at >= 43 && at < 107) || (at >= 118 && at < 141);
        const worked = hasWork(decoded.value, RULES);
        // Another time may ask for another difficulty; a commitment or a covered nonce may not.
        return isTime ? !verdict.ok || worked : verdict.ok === (isFree && worked);
      }),
      { seed: 13, numRuns: 5_000 },
    );
  });
});
