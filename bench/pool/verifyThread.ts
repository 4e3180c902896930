import { parentPort, workerData } from "node:worker_threads";
import { answerTask } from "../../src/client/answerTask.ts";
import type { PoolTask } from "../../src/client/verifyPool.ts";
import { loadFastVerify } from "../../src/crypto/fastVerify.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import { createRules } from "../../src/protocol/rules.ts";
import { verifySignature } from "../../src/protocol/signature.ts";
import type { Implementation } from "./openThreads.ts";

const { implementation } = workerData as { readonly implementation: Implementation };
const verify = implementation === "libauth" ? await loadFastVerify() : verifySignature;
const rules = createRules(LOCAL_NETWORK, verify);

/** What a wallet's verification worker does, on a thread of Node. */
parentPort?.on("message", (task: PoolTask) => {
  parentPort?.postMessage(answerTask(task, rules));
});
