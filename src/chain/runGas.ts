import { CAPS } from "../chalang/budget.ts";
import type { RunResult } from "../chalang/run.ts";
import { CHALANG_LIMITS } from "../protocol/limits.ts";

/**
 * What a run under `CHALANG_LIMITS` is charged: its gas, or as large a part of all gas as the part that it took
 * of the work which gas does not pay for, whichever is more. One that did not end well is charged all gas, as
 * nothing says how far it went.
 */
export function computeRunGas(run: RunResult): number {
  const { opGas } = CHALANG_LIMITS;
  if (run.kind !== "ok") return opGas;
  return Math.max(opGas - run.opGas, Math.ceil((run.work * opGas) / CAPS.work));
}
