import { answerTask } from "../client/answerTask.ts";
import type { PoolTask } from "../client/verifyPool.ts";
import { createUpgradingVerify } from "../crypto/upgradingVerify.ts";
import { LOCAL_NETWORK } from "../protocol/network.ts";
import { createRules } from "../protocol/rules.ts";

const rules = createRules(LOCAL_NETWORK, createUpgradingVerify());

/** Held as long as this worker lives: by it whoever opened the worker learns of its end, however it came. */
const isAlive = new Promise<void>((resolve) => {
  void navigator.locks.request(self.name, () => {
    resolve();
    return new Promise(() => undefined);
  });
});

/** One task after another, each by itself; an error is an end as well. */
self.addEventListener("message", ({ data }: MessageEvent<PoolTask>) => {
  const answer = (): void => {
    self.postMessage(answerTask(data, rules));
  };
  isAlive.then(answer).catch(reportError);
});
