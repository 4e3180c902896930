import type { DoRun } from "../chalang/run.ts";
import { Refusal } from "../lib/verdict.ts";
import { computeRunGas } from "./runGas.ts";

/**
 * What the runs of conditions and scripts take of a main-chain block; whoever judges a block has one for all
 * of it. Nothing is run once all gas is used, so that the work of judging is bounded too: by one run more.
 *
 * @see docs/PROTOCOL.md section 6, docs/adr/0022-a-block-has-a-budget-of-gas.md
 */
export type GasMeter = {
  readonly used: () => number;
  /** Do a run under `CHALANG_LIMITS` and pay for it; refuses with `GAS_USED_UP` where that is more than there is. */
  readonly run: DoRun;
};

export function createGasMeter(gasMax: number): GasMeter {
  let used = 0;
  const refusal = () =>
    new Refusal("GAS_USED_UP", `expected runs of at most ${gasMax} gas in all, got more`);
  return {
    used: () => used,
    run(work) {
      if (used >= gasMax) throw refusal();
      const result = work();
      used += computeRunGas(result);
      if (used > gasMax) throw refusal();
      return result;
    },
  };
}
