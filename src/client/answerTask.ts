import type { Rules } from "../protocol/rules.ts";
import { checkAhead } from "./checkAhead.ts";
import { indexHeaders } from "./namedHeaders.ts";
import { checkClaims } from "./signatureTask.ts";
import type { PoolAnswer, PoolTask } from "./verifyPool.ts";

/** All that a worker of a pool does. */
export function answerTask(task: PoolTask, rules: Rules): PoolAnswer {
  if ("claims" in task) return { id: task.id, ...checkClaims(task, rules) };
  const { id, bytes, chain, mainHeaders } = task;
  return { id, ...checkAhead({ bytes, chain, mainHeader: indexHeaders(mainHeaders) }, rules) };
}
