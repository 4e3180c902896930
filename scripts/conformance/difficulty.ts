import {
  computeEwah,
  computeMedian,
  computeNextDifficulty,
  scaleDifficulty,
} from "../../src/chain/header/difficulty.ts";
import type { Header } from "../../src/chain/header/header.ts";
import { createGenesisState } from "../../src/chain/header/headerState.ts";
import type { HeaderRules } from "../../src/chain/header/networkRules.ts";
import { computeWorkValue } from "../../src/chain/header/proofOfWork.ts";
import { integerToSci, sciToInteger } from "../../src/chain/header/sciNotation.ts";
import { parseHex } from "../../src/lib/hex.ts";
import { type ConformanceCase, createCase } from "./conformanceCase.ts";

type DifficultyFile = {
  readonly sci2int?: readonly { sci: number; int: string; back: number }[];
  readonly int2sci?: readonly { int: string; sci: number }[];
  readonly recalculate?: readonly { old: number; top: number; bottom: number; new: number }[];
  readonly hash2integer?: readonly { hash_hex: string; fork0: number; fork1: number }[];
  readonly ewah_mainnet_scale?: readonly {
    prev_time: number;
    time: number;
    prev_difficulty: number;
    prev_ewah: string;
    period: number;
    ewah: string;
    next_difficulty: number;
  }[];
  readonly median?: readonly { list: number[]; median: number }[];
};

/** The file's figures are those of Amoveo's main network, with parents above its fork 7. */
const RULES: HeaderRules = {
  initialDifficulty: 8_844,
  retargetFrequency: 2_000,
  fork2Height: 9_000,
  fork4Height: 26_900,
  fork7Height: 28_135,
  periodTenths: 5_982,
};

export function* conformanceCases(fileText: string): Generator<ConformanceCase> {
  const file = JSON.parse(fileText) as DifficultyFile;
  for (const entry of file.sci2int ?? []) {
    yield createCase(`sci2int ${entry.sci}`, () => {
      const integer = sciToInteger(entry.sci);
      return [
        { what: "int", expected: entry.int, got: integer.toString() },
        { what: "back", expected: entry.back, got: integerToSci(integer) },
      ];
    });
  }
  for (const entry of file.int2sci ?? []) {
    yield createCase(`int2sci ${entry.int}`, () => [
      { what: "sci", expected: entry.sci, got: integerToSci(BigInt(entry.int)) },
    ]);
  }
  for (const { old, top, bottom, new: scaled } of file.recalculate ?? []) {
    yield createCase(`recalculate ${old} ${top} ${bottom}`, () => [
      { what: "new", expected: scaled, got: scaleDifficulty(old, BigInt(top), BigInt(bottom)) },
    ]);
  }
  for (const entry of file.hash2integer ?? []) {
    yield createCase(`hash2integer ${entry.hash_hex}`, () => {
      const hash = parseHex(entry.hash_hex);
      return [
        { what: "fork0", expected: entry.fork0, got: computeWorkValue(hash, "old") },
        { what: "fork1", expected: entry.fork1, got: computeWorkValue(hash, "new") },
      ];
    });
  }
  for (const [index, entry] of (file.ewah_mainnet_scale ?? []).entries()) {
    yield createCase(`ewah ${index + 1}`, () => {
      const header: Header = {
        previousHash: new Uint8Array(32),
        height: RULES.fork7Height + 1,
        time: entry.prev_time,
        version: 3,
        treesHash: new Uint8Array(32),
        txsProofHash: new Uint8Array(32),
        difficulty: entry.prev_difficulty,
        nonce: new Uint8Array(32),
        period: entry.period,
      };
      const parent = { ...createGenesisState(header), ewah: BigInt(entry.prev_ewah) };
      const next = computeNextDifficulty(parent, entry.time, RULES, () => undefined);
      if (!next.ok) throw new Error(next.message);
      return [
        { what: "ewah", expected: entry.ewah, got: computeEwah(parent, entry.time).toString() },
        { what: "ewah of the child", expected: entry.ewah, got: next.value.ewah.toString() },
        {
          what: "next_difficulty",
          expected: entry.next_difficulty,
          got: next.value.difficulty,
        },
      ];
    });
  }
  for (const entry of file.median ?? []) {
    yield createCase(`median of ${entry.list.length}`, () => [
      { what: "median", expected: entry.median, got: computeMedian(entry.list) },
    ]);
  }
}
