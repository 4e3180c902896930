import { parentPort } from "node:worker_threads";
import { answerTask } from "../../src/client/answerTask.ts";
import type { PoolTask } from "../../src/client/verifyPool.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import { createRules } from "../../src/protocol/rules.ts";

const rules = createRules(LOCAL_NETWORK);

/** What a wallet's verification worker does, on a thread of Node. */
parentPort?.on("message", (task: PoolTask) => {
  parentPort?.postMessage(answerTask(task, rules));
});
