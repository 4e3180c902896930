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
      return { height: wallet.mainChain.tip().header.height, open: record.open };
    },

    async sendAnswers(responses) {
      const outbox = wallet.hands()?.outbox;
      // What is on its way is sent again by the outbox itself.
      if (outbox === undefined || outbox.pendingCount() > 0) return;
      for (const response of responses) await outbox.send({ kind: "data-response", response }, 0n);
    },
  };
}
