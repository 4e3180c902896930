import { vi } from "vitest";
import type { SettlementEffect } from "../../../src/chain/settlement/settlementEffect.ts";
import type { SettlementView } from "../../../src/chain/settlement/settlementView.ts";
import { accept, type Verdict } from "../../../src/lib/verdict.ts";
import type { Counters, Judges } from "./courtPlay.ts";

const SOURCE = "../../../src";
const ROOM = `${SOURCE}/chain/settlement`;

/** Modules that some bug has put another in the place of. */
const mocked = new Set<string>();

/** What a bug is behind: modules put in the place of real ones, or a wrong judge around the real one. */
export type Bug = { readonly mock?: () => void; readonly wrap?: (judges: Judges) => Judges };

/** Plays one history; what is wrong about it, or undefined. */
export type Trial = (seed: number, judges: Judges, counters: Counters) => string | undefined;

/** Put what `change` makes of a real module in its place, for whoever imports it next. */
export function replace<Module extends object>(
  path: string,
  change: (real: Module) => Partial<Module>,
): void {
  mocked.add(path);
  vi.doMock(`${SOURCE}/${path}`, async (original) => {
    const real = await original<Module>();
    return { ...real, ...change(real) };
  });
}

/** Let every module be its own again. */
export function restoreAll(): void {
  vi.resetModules();
  for (const path of mocked) vi.doUnmock(`${SOURCE}/${path}`);
}

/** The real judges, each effect changed on its way out. */
export const changeEffects =
  (change: (effect: SettlementEffect, view: SettlementView) => SettlementEffect) =>
  ({ judgeClaim, judgeSlash, judgeTimeout }: Judges): Judges => {
    const through = (verdict: Verdict<SettlementEffect>, view: SettlementView) =>
      verdict.ok ? accept(change(verdict.value, view)) : verdict;
    return {
      judgeClaim: (claim, carrier, view) => through(judgeClaim(claim, carrier, view), view),
      judgeSlash: (slash, carrier, view) => through(judgeSlash(slash, carrier, view), view),
      judgeTimeout: (timeout, view) => through(judgeTimeout(timeout, view), view),
    };
  };

/**
 * What the first histories that betray the bug say of it. Judges and trial are loaded anew, so that the
 * planted module is the one they use.
 */
export async function findFirstWrong(
  { mock, wrap }: Bug,
  histories: number,
  load: () => Promise<Trial>,
): Promise<string | undefined> {
  vi.resetModules();
  mock?.();
  const { judgeClaim } = await import(`${ROOM}/judgeClaim.ts`);
  const { judgeSlash } = await import(`${ROOM}/judgeSlash.ts`);
  const { judgeTimeout } = await import(`${ROOM}/judgeTimeout.ts`);
  const real: Judges = { judgeClaim, judgeSlash, judgeTimeout };
  const judges = wrap?.(real) ?? real;
  const trial = await load();
  for (let seed = 1; seed <= histories; seed++) {
    const wrong = trial(seed, judges, new Map());
    if (wrong !== undefined) return `seed ${seed}: ${wrong}`;
  }
  return undefined;
}
