import { Worker } from "node:worker_threads";
import type { BlockVerifier } from "../../src/client/ports.ts";
import {
  createVerifyPool,
  type PoolTask,
  type PoolWorkerListener,
} from "../../src/client/verifyPool.ts";
import type { Rules } from "../../src/protocol/rules.ts";

/** Which of the two implementations of signatures is measured. */
export type Implementation = "noble" | "libauth";

/** A thread does not inherit the loader of TypeScript. */
const START_THREAD = `
  const { workerData } = require("node:worker_threads");
  import("tsx/esm/api").then(({ register }) => (register(), import(workerData.module)));
`;
const MODULE = new URL("verifyThread.ts", import.meta.url).href;

/** A pool as the wallet's, on threads of Node. */
export function openThreads(
  size: number,
  implementation: Implementation,
  rules: Rules,
): BlockVerifier {
  const open = ({ onAnswer, onDeath }: PoolWorkerListener) => {
    const thread = new Worker(START_THREAD, {
      eval: true,
      workerData: { module: MODULE, implementation },
    });
    thread.on("message", onAnswer);
    // A pool does without workers that die; here that would be measured as something else.
    thread.on("error", (error) => {
      onDeath();
      throw error;
    });
    return {
      send: (task: PoolTask) => thread.postMessage(task),
      end: () => void thread.terminate(),
    };
  };
  return createVerifyPool(size, open, rules);
}
