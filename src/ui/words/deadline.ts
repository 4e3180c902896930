import type { Deadline } from "../figures/deadlines.ts";
import { namePlace } from "./chain.ts";
import { describeTask, type TaskWords } from "./task.ts";

export function describeDeadline(deadline: Deadline): TaskWords {
  if (deadline.kind === "task") return describeTask(deadline.task);
  return {
    title: `Claims in ${namePlace(deadline.chain)} close`,
    gist: "If the point falls on your range, the prize must be claimed before. The wallet tells you once the point is drawn.",
  };
}
