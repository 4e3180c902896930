import { parentPort } from "node:worker_threads";
import { checkAhead } from "../../src/client/checkAhead.ts";
import type { PoolTask } from "../../src/client/verifyPool.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import { createRules } from "../../src/protocol/rules.ts";

const rules = createRules(LOCAL_NETWORK);

/** What a wallet's verification worker does, on a thread of Node. */
parentPort?.on("message", (task: PoolTask) => {
  parentPort?.postMessage({ id: task.id, ...checkAhead(task, rules) });
});
