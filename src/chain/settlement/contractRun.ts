import { runContractScript, type ScriptOutcome } from "../../blocks/contractScript.ts";
import type { Reader, Writer } from "../../lib/codec.ts";
import { hashScript, TRUE_SCRIPT_HASH } from "../../protocol/script.ts";
import type { GasMeter } from "../gasMeter.ts";

/**
 * The last run of a result: which terms, and what they said.
 *
 * - `stateNonce`: 0 for the leaf's own script. - `scriptHash`: of the script that was run.
 */
export type ContractRun = {
  readonly stateNonce: number;
  readonly scriptHash: Uint8Array;
  readonly outcome: ScriptOutcome;
};

/** What stands for the run of a sealed leaf: its script is the constant true, and nothing is run. */
export const SEALED_RUN: ContractRun = {
  stateNonce: 0,
  scriptHash: TRUE_SCRIPT_HASH,
  outcome: { kind: "ran", isTrue: true, nonce: 0 },
};

/** Run a contract's terms, and pay for it: evidence, then script, as PROTOCOL section 5 has it. */
export function runTerms(
  stateNonce: number,
  script: Uint8Array,
  scriptSig: Uint8Array,
  meter: GasMeter,
): ContractRun {
  const outcome = runContractScript(scriptSig, script, meter.run);
  return { stateNonce, scriptHash: hashScript(script), outcome };
}

/** Whether the owner wins by this run; a failed run is false. */
export function isRunTrue(run: ContractRun): boolean {
  return run.outcome.kind === "ran" && run.outcome.isTrue;
}

/**
 * Order of runs, by the pair (state nonce, script nonce), state first, a failed run lowest for its
 * state. The two are never added: a new state always beats any evidence for an old one.
 */
export function compareRuns(a: ContractRun, b: ContractRun): number {
  return a.stateNonce - b.stateNonce || scriptNonce(a) - scriptNonce(b);
}

function scriptNonce({ outcome }: ContractRun): number {
  return outcome.kind === "ran" ? outcome.nonce : -1;
}

/** Encode: state nonce u32, script hash 32, flag ran; if it ran, flag true and script nonce u32. */
export function writeContractRun(writer: Writer, run: ContractRun): void {
  writer
    .u32(run.stateNonce)
    .fixed(run.scriptHash, 32)
    .flag(run.outcome.kind === "ran");
  if (run.outcome.kind === "ran") writer.flag(run.outcome.isTrue).u32(run.outcome.nonce);
}

export function readContractRun(reader: Reader): ContractRun {
  const stateNonce = reader.u32();
  const scriptHash = reader.fixed(32);
  const outcome: ScriptOutcome = reader.flag()
    ? { kind: "ran", isTrue: reader.flag(), nonce: reader.u32() }
    : { kind: "failed" };
  return { stateNonce, scriptHash, outcome };
}
