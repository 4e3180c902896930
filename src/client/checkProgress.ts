/**
 * How far a long check has come, in blocks. `total` is the operator's word, good for an estimate only.
 *
 * - `begun`: when and at which block this check began, unix ms. - `secondsLeft`: at the speed so far; undefined at first.
 */
export type CheckProgress = {
  readonly begun: { readonly atMs: number; readonly done: number };
  readonly done: number;
  readonly total: number;
  readonly secondsLeft: number | undefined;
};

/** The progress after one more step of the check. */
export function measureProgress(
  before: CheckProgress | undefined,
  step: { readonly from: number; readonly to: number; readonly total: number },
  startMs: number,
  nowMs: number,
): CheckProgress {
  const begun = before?.begun ?? { atMs: startMs, done: step.from };
  const total = Math.max(step.total, step.to);
  const spentMs = nowMs - begun.atMs;
  const speed = spentMs > 0 ? (step.to - begun.done) / spentMs : 0;
  const secondsLeft = speed > 0 ? Math.ceil((total - step.to) / speed / 1_000) : undefined;
  return { begun, done: step.to, total, secondsLeft };
}
