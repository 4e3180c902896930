import { type RunOptions, type RunResult, runScripts } from "../../src/chalang/run.ts";
import { bytesOf, List, type Value } from "../../src/chalang/value.ts";
import { formatHex, parseHex } from "../../src/lib/hex.ts";
import type { ConformanceCase } from "./conformanceCase.ts";
import { casesOfLines, readInteger, readRecord, readText } from "./jsonLines.ts";

/** The entries of a file of VM programs: CHALANG.md section 10. */
export function conformanceCases(fileText: string): Iterable<ConformanceCase> {
  return casesOfLines(fileText, (entry) => {
    const result = runScripts(readOptions(entry));
    const expected = JSON.stringify(normalise(readRecord(entry, "expect")));
    const got = JSON.stringify(summarise(result));
    return got === expected ? undefined : `expected ${expected}, got ${got}`;
  });
}

function readOptions(entry: Record<string, unknown>): RunOptions {
  const version = readInteger(entry, "version");
  if (version !== 0 && version !== 1 && version !== 2) throw new Error(`version ${version}`);
  return {
    scriptSig: parseHex(readText(entry, "script_sig")),
    script: parseHex(readText(entry, "spk")),
    opGas: readInteger(entry, "op_gas"),
    ramGas: readInteger(entry, "ram_gas"),
    vars: readInteger(entry, "vars"),
    funs: readInteger(entry, "funs"),
    height: readInteger(entry, "height"),
    version,
    ...("hash_size" in entry ? { hashSize: readInteger(entry, "hash_size") } : {}),
  };
}

/** The parts of an expected outcome that are compared, in the order of `summarise`. */
function normalise(expect: Record<string, unknown>): Record<string, unknown> {
  if (expect.ok !== true) {
    return { error: readText(expect, "error"), stage: readText(expect, "stage") };
  }
  const { stack, alt, op_gas, ram_current, ram_most, many_funs } = expect;
  return { ok: true, stack, alt, op_gas, ram_current, ram_most, many_funs };
}

const STAGES = { noneOf: "none_of", scriptSig: "script_sig", script: "spk" } as const;
const KINDS = { error: "vm", crash: "crash", limit: "limit" } as const;

function summarise(result: RunResult): Record<string, unknown> {
  if (result.kind !== "ok") return { error: KINDS[result.kind], stage: STAGES[result.stage] };
  return {
    ok: true,
    stack: result.stack.map(toJson),
    alt: result.alt.map(toJson),
    op_gas: result.opGas,
    ram_current: result.ramCurrent,
    ram_most: result.ramMost,
    many_funs: result.manyFuns,
  };
}

function toJson(value: Value): unknown {
  return value instanceof List ? Array.from(value, toJson) : formatHex(bytesOf(value));
}
