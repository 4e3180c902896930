import {
  computeChallengeKey,
  NO_CHALLENGES,
  readChallengeRecord,
} from "../chain/challenges/challengeRecord.ts";
import { NO_REQUESTS, readDataRecord } from "../chain/requests/dataRecord.ts";
import { computeDataKey, type DataTarget } from "../chain/requests/dataTarget.ts";
import { readAccountRecord } from "../chain/state/accountRecord.ts";
import { encodeTransaction, encodeUnsigned } from "../chain/transaction.ts";
import { decode } from "../lib/codec.ts";
import { insist } from "../lib/verdict.ts";
import { computeAccountKey } from "../protocol/keys.ts";
import type { Rules } from "../protocol/rules.ts";
import { computeDigest, computePublicKey, signDigest } from "../protocol/signature.ts";
import type { AnswerPort } from "./answerRequests.ts";
import type { NodePort } from "./nodePort.ts";

/**
 * Requests to a chain on the main chain, read and answered by way of the operator's own node. Answers
 * are sent by an account of their own, which needs no money because the asker pays for them: one that
 * somebody else was faster with leaves no gap in the nonces that the posts need.
 *
 * @param key - private key of that account, 32 bytes of chance for each start; nothing is ever owed to it.
 */
export function createAnswerLink(
  node: Pick<NodePort, "tip" | "read" | "send">,
  rules: Rules,
  target: DataTarget,
  key: Uint8Array,
): AnswerPort {
  const from = computePublicKey(key);
  const account = { map: "accounts", key: computeAccountKey(from) } as const;
  const requests = { map: "requests", key: computeDataKey(target) } as const;
  const challenges = { map: "requests", key: computeChallengeKey(target) } as const;

  return {
    target,

    async readRequests() {
      const tip = await node.tip();
      const { values } = await node.read([requests, challenges], tip);
      const [asked, challenged] = values;
      const { open } = asked === undefined ? NO_REQUESTS : insist(decode(asked, readDataRecord));
      const record =
        challenged === undefined ? NO_CHALLENGES : insist(decode(challenged, readChallengeRecord));
      return { height: tip.height, open, challenges: record.open };
    },

    async sendAnswers(bodies) {
      const { values } = await node.read([account], await node.tip());
      const [bytes] = values;
      let nonce = bytes === undefined ? 0 : insist(decode(bytes, readAccountRecord)).nonce;
      for (const body of bodies) {
        const transaction = { from, nonce: nonce + 1, fee: 0n, body };
        const digest = computeDigest(
          "signTransaction",
          rules.networkId,
          encodeUnsigned(transaction),
        );
        const signed = { transaction, signature: signDigest(digest, key) };
        const sent = await node.send(encodeTransaction(signed));
        if (sent.ok) nonce += 1;
      }
    },
  };
}
