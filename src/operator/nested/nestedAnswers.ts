import {
  computeChallengeKey,
  NO_CHALLENGES,
  readChallengeRecord,
} from "../../chain/challenges/challengeRecord.ts";
import { NO_REQUESTS, readDataRecord } from "../../chain/requests/dataRecord.ts";
import { computeDataKey, type DataTarget } from "../../chain/requests/dataTarget.ts";
import type { Wallet } from "../../client/wallet.ts";
import type { AnswerPort } from "../answerRequests.ts";

/** Requests to a chain inside another, which its operator alone answers, with the account of his own wallet. */
export function createNestedAnswers(wallet: Wallet, target: DataTarget): AnswerPort {
  return {
    target,

    async readRequests() {
      const key = computeDataKey(target);
      const record = (await wallet.mainChain.read("requests", key, readDataRecord)) ?? NO_REQUESTS;
      const challengeKey = computeChallengeKey(target);
      const { open: challenges } =
        (await wallet.mainChain.read("requests", challengeKey, readChallengeRecord)) ??
        NO_CHALLENGES;
      return { height: wallet.mainChain.tip().header.height, open: record.open, challenges };
    },

    async sendAnswers(bodies) {
      const outbox = wallet.hands()?.outbox;
      // What is on its way is sent again by the outbox itself.
      if (outbox === undefined || outbox.pendingCount() > 0) return;
      for (const body of bodies) await outbox.send(body, 0n);
    },
  };
}
