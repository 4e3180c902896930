import type { Rules } from "../protocol/rules.ts";
import { checkAhead } from "./checkAhead.ts";
import { checkClaims } from "./signatureTask.ts";
import type { PoolAnswer, PoolTask } from "./verifyPool.ts";

/** All that a worker of a pool does. */
export function answerTask(task: PoolTask, rules: Rules): PoolAnswer {
  const found = "claims" in task ? checkClaims(task, rules) : checkAhead(task, rules);
  return { id: task.id, ...found };
}
