import { type DoRun, runScripts } from "../chalang/run.ts";
import { CHALANG_LIMITS } from "../protocol/limits.ts";

/**
 * What a contract's script says: whether the owner wins, and the nonce of this evidence. A crash, an
 * error, a hit of a hard cap and a stack of another shape are all a failed run, which is false.
 */
export type ScriptOutcome =
  | { readonly kind: "ran"; readonly isTrue: boolean; readonly nonce: number }
  | { readonly kind: "failed" };

/**
 * Run the evidence, then the contract's script, in two runs on one machine. No main-chain height is
 * given, so that the outcome is the same for whoever runs it and whenever: reading it fails the run.
 *
 * @returns the outcome by the stack, top first: result (4-byte 1 is true), then nonce.
 * @see docs/PROTOCOL.md section 5
 */
export function runContractScript(
  scriptSig: Uint8Array,
  script: Uint8Array,
  doRun: DoRun = (run) => run(),
): ScriptOutcome {
  const run = doRun(() => runScripts({ scriptSig, script, ...CHALANG_LIMITS }));
  if (run.kind !== "ok") return { kind: "failed" };
  const [result, nonce] = run.stack;
  if (typeof result !== "number" || typeof nonce !== "number") return { kind: "failed" };
  return { kind: "ran", isTrue: result === 1, nonce };
}
