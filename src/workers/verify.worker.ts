import { checkAhead } from "../client/checkAhead.ts";
import type { PoolAnswer, PoolTask } from "../client/verifyPool.ts";
import { LOCAL_NETWORK } from "../protocol/network.ts";
import { createRules } from "../protocol/rules.ts";

const rules = createRules(LOCAL_NETWORK);

/** One block after another, each by itself; an error ends this worker for whoever opened it. */
self.addEventListener("message", ({ data }: MessageEvent<PoolTask>) => {
  const answer: PoolAnswer = { id: data.id, ...checkAhead(data, rules) };
  self.postMessage(answer);
});
