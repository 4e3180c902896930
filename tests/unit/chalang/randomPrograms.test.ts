import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { OPCODES } from "../../../src/chalang/opcodes.ts";
import { type RunOptions, runScripts } from "../../../src/chalang/run.ts";
import { parseHex } from "../../../src/lib/hex.ts";
import { comparable } from "../../reference/chalangJson.ts";
import { runNaively } from "../../reference/naiveChalang.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";

const RUNS = 100_000;
const LIMITS = { opGas: 2_000, ramGas: 2_000, vars: 8, funs: 4, height: 77, version: 2 } as const;

const STRUCTURE = new Set([70, 71, 72, 110, 111, 112, 114]);
const NOT_IN_THE_MACHINE = new Set([42, 91, 92, 93, 95, 97, 98, 99]);

function options(scriptSig: Uint8Array, script: Uint8Array): RunOptions & { height: number } {
  return { scriptSig, script, ...LIMITS };
}

/** Opcodes that are of use anywhere: no marks of structure, no immediates, nothing always fatal. */
const USEFUL = OPCODES.filter(
  ({ byte, immediate }) =>
    immediate === 0 && !STRUCTURE.has(byte) && !NOT_IN_THE_MACHINE.has(byte) && byte !== 13,
).map(({ byte }) => byte);

/** Code that gets further than random bytes: literals, balanced branches and definitions, calls. */
function randomProgram(random: SeededRandom, length: number, isInside = false): number[] {
  const code: number[] = [];
  for (let i = 0; i < length; i++) {
    const kind = random.below(64);
    if (kind < 24) code.push(140 + random.below(6));
    else if (kind < 28) code.push(2, 0, 0, 0, 5, ...random.bytes(5));
    else if (kind < 30) code.push(132, ...(random.below(2) === 0 ? [130] : []));
    else if (kind < 34) {
      const [a, b] = [randomProgram(random, 3, true), randomProgram(random, 3, true)];
      code.push(140 + random.below(2), 70, ...a, 71, ...b, 72);
    } else if (kind < 37 && !isInside) {
      const tail = random.below(3) === 0 ? [112, 113] : [];
      code.push(114, ...randomProgram(random, 4, true), ...tail, 111);
      if (random.below(4) > 0) code.push(113);
    } else if (kind === 37) code.push(random.below(256));
    else code.push(USEFUL[random.below(USEFUL.length)] as number);
  }
  return code;
}

test("random bytes give a verdict, and never more gas than there was", () => {
  const random = new SeededRandom(8);
  for (let i = 0; i < RUNS; i++) {
    const result = runScripts(
      options(random.bytes(random.below(24)), random.bytes(random.below(48))),
    );
    if (result.kind !== "ok") continue;
    expect(result.opGas >= 0 && result.opGas <= LIMITS.opGas).toBe(true);
    expect(result.ramMost <= LIMITS.ramGas).toBe(true);
  }
});

test("the naive machine agrees on random programs, figure by figure", () => {
  const random = new SeededRandom(9);
  const kinds = new Map<string, number>();
  for (let i = 0; i < 30_000; i++) {
    const values = Array.from({ length: 6 }, () => [140 + random.below(6), 132, 132]);
    const pushed = values.flatMap((kinds) => kinds[random.below(2)] as number);
    const sig = Uint8Array.from([...pushed, ...randomProgram(random, random.below(4))]);
    const script = Uint8Array.from(randomProgram(random, 1 + random.below(24)));
    const version = i % 16 === 0 ? 0 : i % 16 === 1 ? 1 : 2;
    const given = { ...options(sig, script), version } as const;
    const result = runScripts(given);
    kinds.set(result.kind, (kinds.get(result.kind) ?? 0) + 1);
    expect(comparable(result)).toEqual(comparable(runNaively(given)));
  }
  // The programs are of use only if they reach all ends, and many reach a good one.
  expect(kinds.get("ok")).toBeGreaterThan(3_000);
  expect(kinds.get("error")).toBeGreaterThan(3_000);
  expect(kinds.get("crash")).toBeGreaterThan(300);
});

test("the naive machine agrees on the original's own programs, changed at random", () => {
  const url = new URL("../../vectors/chalang/chalang-vm.jsonl.gz", import.meta.url);
  const lines = gunzipSync(readFileSync(url)).toString("utf8").trim().split("\n");
  const random = new SeededRandom(10);
  for (let i = 0; i < lines.length; i += 3) {
    const entry: { script_sig: string; spk: string } = JSON.parse(lines[i] as string);
    const script = random.mutate(parseHex(entry.spk)).slice(0, 400);
    const given = options(parseHex(entry.script_sig), script);
    expect(comparable(runScripts(given))).toEqual(comparable(runNaively(given)));
  }
});
