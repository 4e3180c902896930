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

/** Why a tower is not live, as a sentence of its own; empty where it is. */
export function describeTrouble({ note }: TowerView): string {
  if (note === "") return "";
  // An address is no word that begins with a capital.
  const isWord = !/^\w+:/.test(note);
  const sentence = isWord ? `${note.charAt(0).toUpperCase()}${note.slice(1)}` : note;
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}

/** What it means that no tower does what it should; undefined where one does, or has nothing to do. */
export function warnOfTowers(
  towers: readonly TowerView[],
): { readonly tone: "waiting" | "danger"; readonly words: string } | undefined {
  const isGood = ({ state, appointments, receipts }: TowerView) =>
    appointments === 0 || (state === "live" && receipts >= appointments);
  if (towers.length === 0 || towers.some(isGood)) return undefined;
  const isOne = towers.length === 1;
  if (towers.every(({ scannedHeight }) => scannedHeight === 0)) {
    const who = isOne ? "Your watchtower has" : "Your watchtowers have";
    return { tone: "waiting", words: `${who} not answered yet.` };
  }
  const who = isOne ? "Your watchtower does not guard" : "None of your watchtowers guards";
  return {
    tone: "danger",
    words: `${who} all that you hold now. What this device holds is safe while it is open and unlocked; do not leave it closed through a claim window.`,
  };
}
