import { assert } from "../lib/assert.ts";
import { CAPS, Stop, type StopKind } from "./budget.ts";
import { decodeScript, refuseReturn } from "./code.ts";
import { execute } from "./execute.ts";
import { Machine, type MachineOptions } from "./machine.ts";
import type { Value } from "./value.ts";

/** Evidence, script, and what a run is given. */
export type RunOptions = MachineOptions & {
  readonly scriptSig: Uint8Array;
  readonly script: Uint8Array;
};

/** Has a run done, or refuses it; who pays for runs counts them so. */
export type DoRun = (run: () => RunResult) => RunResult;

/** Where a run ended early: the test on the evidence, the evidence, or the script. */
export type Stage = "noneOf" | "scriptSig" | "script";

/**
 * What a run came to. `error` and `crash` are the original's two failures, which consensus tells
 * apart; `limit` is one of our own hard caps. The reason is for people, and may change.
 */
export type RunResult =
  | {
      readonly kind: "ok";
      /** Main stack, top first. */
      readonly stack: readonly Value[];
      /** Alt stack, top first. */
      readonly alt: readonly Value[];
      readonly opGas: number;
      readonly ramCurrent: number;
      readonly ramMost: number;
      /** Definitions executed. */
      readonly manyFuns: number;
      /** Units of work that gas does not pay for, up to `CAPS.work`. */
      readonly work: number;
    }
  | { readonly kind: StopKind; readonly stage: Stage; readonly reason: string };

/**
 * Refuse `return` in the evidence, then run the evidence and the script, each as a script of its own,
 * on one fresh machine. Any bytes give a result, after work bounded by gas and `CAPS`.
 *
 * @see CHALANG.md sections 4 and 10
 */
export function runScripts(options: RunOptions): RunResult {
  const { opGas, ramGas, vars, funs, height = 0, hashSize = 32 } = options;
  for (const number of [opGas, ramGas, vars, funs, height, hashSize]) {
    assert(Number.isSafeInteger(number), "gas, limits and height are safe integers");
  }
  assert(hashSize >= 0, "a hash has a length");
  let stage: Stage = "noneOf";
  try {
    const sig = ownCopy(options.scriptSig);
    refuseReturn(sig);
    const machine = new Machine(options, sig.length + options.script.length);
    stage = "scriptSig";
    execute(machine, sig, decodeScript(sig, options.version));
    stage = "script";
    const script = ownCopy(options.script);
    execute(machine, script, decodeScript(script, options.version));
    return {
      kind: "ok",
      stack: machine.stack.slice(0, machine.depth).reverse(),
      alt: machine.alt.toReversed(),
      opGas: machine.gas,
      ramCurrent: machine.ram,
      ramMost: machine.ramMost,
      manyFuns: machine.functionCount,
      work: machine.budget.paid,
    };
  } catch (error) {
    if (error instanceof Stop) return { kind: error.kind, stage, reason: error.message };
    throw error;
  }
}

/** Literals are views of the code, so a caller who reuses a buffer must not reach them. */
function ownCopy(code: Uint8Array): Uint8Array {
  if (code.length > CAPS.binaryBytes) throw new Stop("limit", "a script is too long");
  return new Uint8Array(code);
}
