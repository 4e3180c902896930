import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { assemble } from "../src/chalang/assemble.ts";
import { Budget } from "../src/chalang/budget.ts";
import { type RunOptions, runScripts } from "../src/chalang/run.ts";
import { serialise } from "../src/chalang/serialise.ts";
import { formatBase64 } from "../src/lib/base64.ts";
import { sha256 } from "../src/lib/hash.ts";
import { parseHex } from "../src/lib/hex.ts";
import { signDer } from "../src/protocol/amoveo/derSignature.ts";
import { computePublicKey } from "../src/protocol/signature.ts";
import { comparable } from "../tests/reference/chalangJson.ts";
import { runNaively } from "../tests/reference/naiveChalang.ts";

/** One row: the median of the samples, and the figures to be beaten (PERF.md section 8b). */
export type ChalangBenchmark = {
  readonly name: string;
  readonly opsPerSecond: number;
  readonly unit: "opcodes/s" | "evaluations/s";
  readonly note: string;
};

type Program = { readonly name: string; readonly options: RunOptions & { height: number } };
/** Millions of opcodes a second, or evaluations a second, as measured for PERF.md. */
type Rivals = { readonly original: string; readonly incumbent: string };

const SAMPLES = 15;
const SAMPLE_MS = 60;
const LIMITS = {
  opGas: 10_000_000_000,
  ramGas: 10_000_000_000,
  vars: 200,
  funs: 1000,
  height: 1000,
  version: 2,
} as const;
const EMPTY = new Uint8Array();

/** Measure the machine; each program's outcome is checked first, figure by figure. */
export function benchChalang(): ChalangBenchmark[] {
  const rows: ChalangBenchmark[] = [];
  for (const { program, opcodes, rivals } of readVectorPrograms()) {
    rows.push(opcodeRow(program, opcodes, rivals));
  }
  const sort = { name: "merge sort of 200 integers", options: mergeSort() };
  rows.push(opcodeRow(sort, countOpcodes(sort), { original: "3.5-4.4 M", incumbent: "1.3-1.5 M" }));
  const bet = { name: "scalar bet on three proven facts", options: scalarBet() };
  const betOpcodes = countOpcodes(bet);
  rows.push(opcodeRow(bet, betOpcodes, { original: "4.2-6.0 M", incumbent: "1.3-1.55 M" }));
  const betRivals = {
    original: "15-21 k with one fact, 287 opcodes",
    incumbent: "4.5-5.4 k with one fact, 287 opcodes",
  };
  rows.push(evaluationRow(bet, `${betOpcodes} opcodes`, betRivals));
  const contract = { name: "contract with two signatures", options: twoSignatures() };
  countOpcodes(contract);
  const contractRivals = { original: "960-1,240", incumbent: "about 5" };
  rows.push(evaluationRow(contract, "two verifications", contractRivals));
  return rows;
}

function opcodeRow(program: Program, opcodes: number, rivals: Rivals): ChalangBenchmark {
  return {
    name: `chalang: ${program.name}`,
    opsPerSecond: Math.round(measure(program) * opcodes),
    unit: "opcodes/s",
    note: describeRivals(`${opcodes} opcodes`, rivals),
  };
}

function evaluationRow(program: Program, what: string, rivals: Rivals): ChalangBenchmark {
  return {
    name: `chalang: ${program.name}, evaluations`,
    opsPerSecond: Math.round(measure(program)),
    unit: "evaluations/s",
    note: describeRivals(what, rivals),
  };
}

function describeRivals(what: string, { original, incumbent }: Rivals): string {
  return `${what}; original ${original}, incumbent ${incumbent} (PERF.md 8b)`;
}

/** Evaluations a second: the median of the samples, after a warm-up of two. */
function measure({ options }: Program): number {
  const rates: number[] = [];
  for (let sample = -2; sample < SAMPLES; sample++) {
    const start = performance.now();
    let count = 0;
    while (performance.now() - start < SAMPLE_MS) {
      runScripts(options);
      count++;
    }
    if (sample >= 0) rates.push((1000 * count) / (performance.now() - start));
  }
  return rates.sort((a, b) => a - b)[SAMPLES >> 1] as number;
}

/** Opcodes dispatched by the naive machine, which must come to the same outcome. */
function countOpcodes({ name, options }: Program): number {
  const naive = runNaively(options);
  const result = runScripts(options);
  const isSame = JSON.stringify(comparable(naive)) === JSON.stringify(comparable(result));
  if (naive.kind !== "ok" || !isSame) throw new Error(`${name}: ${JSON.stringify(result)}`);
  return naive.opcodes;
}

type VectorProgram = {
  readonly name: string;
  readonly sig: string;
  readonly spk: string;
  readonly opcodes: number;
  readonly expect: { readonly op_gas: number; readonly ram_most: number };
};

const VECTOR_RIVALS: Readonly<Record<string, Rivals>> = {
  arith: { original: "5.4-6.1 M", incumbent: "1.7-1.8 M" },
  hash: { original: "4.1-4.2 M", incumbent: "0.9-1.05 M" },
};

function readVectorPrograms(): { program: Program; opcodes: number; rivals: Rivals }[] {
  const url = new URL("../tests/vectors/chalang/chalang-bench.json", import.meta.url);
  const file: { programs: VectorProgram[] } = JSON.parse(readFileSync(url, "utf8"));
  return file.programs.map(({ name, sig, spk, opcodes, expect }) => {
    const options = { scriptSig: parseHex(sig), script: parseHex(spk), ...LIMITS };
    const result = runScripts(options);
    if (
      result.kind !== "ok" ||
      result.opGas !== expect.op_gas ||
      result.ramMost !== expect.ram_most
    ) {
      throw new Error(`${name} did not come out as the original has it`);
    }
    const rivals = VECTOR_RIVALS[name] ?? { original: "not measured", incumbent: "not measured" };
    return { program: { name, options }, opcodes, rivals };
  });
}

function code(source: string): Uint8Array {
  const assembled = assemble(source);
  if (!assembled.ok) throw new Error(assembled.message);
  return assembled.value;
}

function binary(bytes: Uint8Array): string {
  return `binary ${bytes.length} ${formatBase64(bytes)}`;
}

/** Bottom up: single lists, then passes that merge neighbours, until one list is left. */
function mergeSort(): RunOptions & { height: number } {
  let value = 12345;
  const items = Array.from({ length: 200 }, () => {
    value = (value * 1103515245 + 12345) % 2 ** 31;
    return `int ${value % 100_000} swap cons`;
  });
  const script = code(`
    : merge ( done a b -- list )
      dup nil =2 if drop swap reverse swap ++ else
        swap dup nil =2 if drop swap reverse swap ++ else
          car rot car Tb ! Hb ! Ta ! Ha !
          Ha @ Hb @ < if
            Ha @ swap cons Ta @ Hb @ Tb @ cons
          else
            Hb @ swap cons Ha @ Ta @ cons Tb @
          then recurse call
        then
      then ;
    : singles ( done list -- lists )
      dup nil =2 if drop else car swap nil cons rot cons swap recurse call then ;
    : pass ( done lists -- lists )
      dup nil =2 if drop else
        car dup nil =2 if drop swap cons else
          car >r nil tuck merge call swap cons r> recurse call
        then
      then ;
    : all ( lists -- list )
      car dup nil =2 if drop else cons nil swap pass call recurse call then ;
    nil ${items.join(" ")} nil swap singles call all call`);
  return { scriptSig: EMPTY, script, ...LIMITS };
}

/** Pays between 0 and 10,000 as the median of three proven prices moves from 1,000 to 5,000. */
function scalarBet(): RunOptions & { height: number } {
  const oracles = [1, 2, 3].map((byte) => binary(sha256(Uint8Array.of(byte))));
  const facts = [3250, 3100, 3900].map((price, index) => {
    const fact = `nil int4 5 swap cons ${oracles[index]} swap cons int4 ${price} swap cons reverse`;
    return `${fact} swap cons`;
  });
  const script = code(`
    macro or_die if else fail then ;
    macro [ nil ; macro , swap cons ; macro ] swap cons reverse ;
    : max ( x y -- z ) 2dup > if drop else swap drop then ;
    : min ( x y -- z ) 2dup < if drop else swap drop then ;
    : price ( fact oracle -- price )
      >r car swap int 5 =2 or_die car swap r> =2 or_die car drop ;
    : sum ( total list -- total ) dup nil =2 if drop else car >r + r> recurse call then ;
    nil ${facts.join(" ")} reverse
    car swap ${oracles[0]} price call A !
    car swap ${oracles[1]} price call B !
    car swap ${oracles[2]} price call C !
    drop
    A @ B @ min call A @ B @ max call C @ min call max call
    int 1000 max call int 5000 min call
    int 1000 - int 10000 * int 4000 / Share !
    [ Share @ , int 10000 Share @ - ] Payout !
    int 0 Payout @ sum call int 10000 =2 or_die
    Payout @ int 0 int 3 Share @`);
  return { scriptSig: EMPTY, script, ...LIMITS };
}

/** The latest state both sides signed: nonce and amount, 4 bytes each. */
function twoSignatures(): RunOptions & { height: number } {
  const state = Uint8Array.of(0, 0, 0, 9, 0, 0, 0x13, 0x88);
  const keys = [1, 2].map((byte) => new Uint8Array(32).fill(byte));
  const digest = sha256(serialise(state, new Budget()));
  const signatures = keys.map((key) => binary(signDer(digest, key)));
  const [first = "", second = ""] = keys.map((key) => binary(computePublicKey(key)));
  const scriptSig = code(`${signatures.join(" ")} ${binary(state)}`);
  const script = code(`
    macro or_die if else fail then ;
    dup >r ${second} verify_sig or_die
    r@ ${first} verify_sig or_die
    int 10 r> int 4 split swap`);
  return { scriptSig, script, ...LIMITS };
}
