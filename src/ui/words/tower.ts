import type { TowerView } from "../../workers/towerView.ts";
import { groupThousands } from "./amount.ts";

export const towerStates: Record<TowerView["state"], string> = {
  live: "live",
  lags: "lags",
  down: "does not answer",
  refused: "refused",
};

/** What the wallet has a tower's signature for. */
export function describeReceipts({ appointments, receipts }: TowerView): string {
  if (appointments === 0) return "nothing to keep yet";
  const all = groupThousands(appointments);
  if (receipts >= appointments) return `signed for all ${all} pieces of evidence`;
  return `signed for ${groupThousands(receipts)} of ${all} pieces of evidence`;
}

/** What it means that no tower does what it should, or undefined where at least one does. */
export function warnOfTowers(towers: readonly TowerView[]): string | undefined {
  const [first] = towers;
  if (first === undefined) return undefined;
  const isGood = ({ state, appointments, receipts }: TowerView) =>
    state === "live" && receipts >= appointments;
  if (towers.some(isGood)) return undefined;
  const who =
    towers.length === 1 ? "Your watchtower does not guard" : "None of your watchtowers guards";
  return `${who} all that you hold now. What this device holds is safe while it is open and unlocked; do not leave it closed through a claim window.`;
}
