import { veo } from "../telling.ts";
import type { Attack, Judgement } from "./stage.ts";

/** An attack with all that was told of it, and what it came to. */
export type Played = {
  readonly attack: Attack;
  readonly told: readonly string[];
  readonly judgement: Judgement;
};

/** Whether the honest user has at least what his wallet had shown as his. */
export function isMadeGood({ shown, ended }: Judgement): boolean {
  return ended >= shown;
}

/** One attack in words: what was tried, step by step, and what the main chain decided. */
export function explain({ attack, told, judgement }: Played): string {
  const steps = [...told, ...judgement.court.map((words) => `court: ${words}`)];
  return [
    `${attack.title} (${attack.name})`,
    `  ${attack.idea}`,
    ...steps.map((each) => `  - ${each}`),
  ].join("\n");
}

/** All attacks, a line each: shown as the user's, what he ended with, and who won. */
export function writeTable(played: readonly Played[]): string {
  const rows = played.map(({ attack, judgement }) => [
    attack.name,
    veo(judgement.shown),
    veo(judgement.ended),
    describe(judgement),
  ]);
  const all = [["attack", "shown as his", "ended with", ""], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function describe(judgement: Judgement): string {
  if (judgement.isIdle) return "the point fell beside: nothing was tried";
  return isMadeGood(judgement) ? "holds" : "LOST";
}
