import type { WalletSnapshot } from "../../workers/walletApi.ts";
import { groupByPrize, listTasks, type Task } from "./tasks.ts";

/**
 * A height to know of before it has come.
 *
 * - `until`: the last main-chain height at which something counts. - `claims`: claims of a prize close, should the point
 *   fall on what is held.
 */
export type Deadline = { readonly id: string; readonly until: number } & (
  | { readonly kind: "task"; readonly task: Task }
  | { readonly kind: "claims"; readonly chain: Task["chain"] }
);

/** All that is due, the next first: what is to be done now, and claims that may have to be made after a draw. */
export function listDeadlines(wallet: WalletSnapshot): readonly Deadline[] {
  const tasks = listTasks(wallet);
  const due = tasks.flatMap((task): Deadline[] =>
    task.until === undefined ? [] : [{ id: task.id, until: task.until, kind: "task", task }],
  );
  return [...due, ...listClaims(wallet)].toSorted((a, b) => a.until - b.until);
}

function listClaims({ chains, contracts }: WalletSnapshot): Deadline[] {
  return groupByPrize(chains).flatMap(([top, inside]): Deadline[] => {
    const { kind } = top.phase;
    const isBefore = kind === "trading" || kind === "drawing";
    const isHeld = contracts.some(
      ({ state, chainId }) => state === "held" && inside.some(({ id }) => id === chainId),
    );
    if (!isBefore || !isHeld) return [];
    const until = top.schedule.claimsEnd - 1;
    return [{ id: `claims:${top.id}`, until, kind: "claims", chain: top }];
  });
}
