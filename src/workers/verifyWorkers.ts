import type { BlockVerifier } from "../client/ports.ts";
import {
  createVerifyPool,
  type PoolAnswer,
  type PoolWorker,
  type PoolWorkerListener,
} from "../client/verifyPool.ts";
import type { Rules } from "../protocol/rules.ts";

/** Beyond that, taking the blocks in order is what takes the time. */
const WORKERS_MAX = 8;

/** Workers for a machine of so many cores: one core is the page's, except where that would leave one worker alone. */
export function countWorkers(cores: number): number {
  return Math.min(Math.max(cores - 1, Math.min(cores, 2)), WORKERS_MAX);
}

/** A pool of this machine's size, of workers inside the one that opens it. */
export function openVerifyPool(rules: Rules): BlockVerifier {
  return createVerifyPool(countWorkers(navigator.hardwareConcurrency), openWorker, rules);
}

function openWorker({ onAnswer, onDeath }: PoolWorkerListener): PoolWorker {
  const name = `verify-${crypto.randomUUID()}`;
  const worker = new Worker(new URL("./verify.worker.ts", import.meta.url), {
    type: "module",
    name,
  });
  let isKnown = false;
  worker.onmessage = ({ data }: MessageEvent<PoolAnswer>) => {
    // It holds the lock of its name since before its first answer, to its end: no event tells of every end.
    if (!isKnown) void navigator.locks.request(name, onDeath);
    isKnown = true;
    onAnswer(data);
  };
  worker.onerror = (event) => {
    // A new worker does its work: there is nothing for the page to hear of.
    event.preventDefault();
    onDeath();
  };
  worker.onmessageerror = onDeath;
  return {
    send: (task) => worker.postMessage(task),
    end: () => worker.terminate(),
  };
}
