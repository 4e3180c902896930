import type { NetworkView } from "../../workers/walletApi.ts";
import type { Deadline } from "../figures/deadlines.ts";
import { estimateMs } from "../words/time.ts";

const MINUTE = 60_000;

/** Told when no more than so much time is left, each once. */
const STAGES_MS = [24 * 60 * MINUTE, 60 * MINUTE, 10 * MINUTE];

/** How many stages of each deadline have been told, by its id; what must be done is also told of when it opens. */
export type Told = ReadonlyMap<string, number>;

/**
 * Which deadlines are to be told of now. Time is judged by the clock, so that a main chain which is not heard any more
 * silences nothing. A deadline that went unnoticed through several stages is told of once.
 *
 * @param isOver - whether its last block has gone by is judged by the height that was checked here.
 * @returns those due, and what has been told with them; what is no deadline any more is forgotten.
 */
export function findDueReminders(
  deadlines: readonly Deadline[],
  told: Told,
  network: Pick<NetworkView, "height" | "tipTimeMs" | "blockPeriodMs">,
  nowMs: number,
): { readonly due: readonly Deadline[]; readonly told: Told } {
  const open = deadlines.filter((each) => each.kind === "task" && network.height < each.until);
  const due: Deadline[] = [];
  const next = new Map<string, number>();
  for (const deadline of open) {
    const left = estimateMs(deadline.until, network) - nowMs;
    const passed = STAGES_MS.filter((stage) => left <= stage).length;
    const isMust = deadline.kind === "task" && deadline.task.isMust;
    const stage = isMust ? passed + 1 : passed;
    const before = told.get(deadline.id) ?? 0;
    if (stage > before) due.push(deadline);
    next.set(deadline.id, Math.max(stage, before));
  }
  return { due, told: next };
}
