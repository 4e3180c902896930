import type { JsonForm } from "../api/jsonForm.ts";
import { MARKET_PATHS } from "../api/marketApi.ts";
import {
  cancelAnswerForm,
  cancelRequestForm,
  orderReceiptForm,
  signedOrderForm,
} from "../api/marketApiJson.ts";
import { OPERATOR_PATHS } from "../api/operatorApi.ts";
import {
  betOfferForm,
  betRequestForm,
  closesAnswerForm,
  closesRequestForm,
  postForm,
  purchaseOfferForm,
  purchaseRequestForm,
  saleOfferForm,
  saleRequestForm,
  sealRequestForm,
  signedStateForm,
  stateRequestForm,
} from "../api/operatorApiJson.ts";
import { BATCH_BYTES_MAX, decodePublishedBatch } from "../api/publishedBatch.ts";
import { type OperatorSource, SourceError } from "../client/ports.ts";
import { accept, type Verdict } from "../lib/verdict.ts";
import { type SocketOptions, socketUrl } from "./liveSocket.ts";
import { openMarketFeed } from "./marketFeed.ts";
import { ask, demandAnswer, parseJson } from "./request.ts";

const JSON_BYTES_MAX = 512 * 1024;

/** What an operator is asked by who acts: for offers, for signatures, and for all about orders. */
type OperatorDesk = Pick<
  OperatorSource,
  | "requestPurchase"
  | "requestBet"
  | "requestSale"
  | "submitCloses"
  | "submitOrder"
  | "cancelOrder"
  | "batch"
  | "followFeed"
  | "submitSeal"
  | "submitPost"
  | "proposeState"
>;

/** `url` without a slash at its end. */
export function createOperatorDesk(url: string, options: SocketOptions): OperatorDesk {
  async function post<Request, Answer>(
    path: string,
    requestForm: JsonForm<Request>,
    request: Request,
    answerForm: JsonForm<Answer>,
  ): Promise<Verdict<Answer>> {
    const body = { kind: "json", json: requestForm.write(request) } as const;
    const answer = await ask(url + path, JSON_BYTES_MAX, body);
    if (!answer.ok) return answer;
    return accept(demandAnswer(url + path, answerForm.read(parseJson(url + path, answer.value))));
  }

  return {
    requestPurchase: (buyer, width) =>
      post(OPERATOR_PATHS.purchases, purchaseRequestForm, { buyer, width }, purchaseOfferForm),

    requestBet(owner, oracleId, side, cashId, stake) {
      const request = { owner, oracleId, side, cashId, stake };
      return post(OPERATOR_PATHS.bets, betRequestForm, request, betOfferForm);
    },

    requestSale: (owner, contractIds) =>
      post(OPERATOR_PATHS.sales, saleRequestForm, { owner, contractIds }, saleOfferForm),

    async submitCloses(proposalId, closes) {
      const request = { proposalId, closes };
      const answer = await post(
        OPERATOR_PATHS.closes,
        closesRequestForm,
        request,
        closesAnswerForm,
      );
      return answer.ok ? accept(null) : answer;
    },

    submitOrder: (signed) => post(MARKET_PATHS.orders, signedOrderForm, signed, orderReceiptForm),

    async cancelOrder(orderName, signature) {
      const request = { orderName, signature };
      const answer = await post(MARKET_PATHS.cancel, cancelRequestForm, request, cancelAnswerForm);
      return answer.ok ? accept(answer.value.isCancelled) : answer;
    },

    async batch(height) {
      const path = `${url}${MARKET_PATHS.batches}/${height}`;
      const batch = await ask(path, BATCH_BYTES_MAX);
      if (batch.ok) return demandAnswer(path, decodePublishedBatch(batch.value));
      if (batch.code === "NO_SUCH_BATCH") return undefined;
      throw new SourceError("REFUSED", `${path} refused: ${batch.message}`);
    },

    followFeed: (onMessage, onDown) =>
      openMarketFeed(socketUrl(url, MARKET_PATHS.feed), options, { onMessage, onDown }),

    async submitSeal(seal, signature) {
      const request = { seal, signature };
      const answer = await post(OPERATOR_PATHS.seals, sealRequestForm, request, closesAnswerForm);
      return answer.ok ? accept(null) : answer;
    },

    async submitPost(signed) {
      const answer = await post(OPERATOR_PATHS.posts, postForm, signed, closesAnswerForm);
      return answer.ok ? accept(null) : answer;
    },

    proposeState: (state, ownerSignature) =>
      post(OPERATOR_PATHS.states, stateRequestForm, { state, ownerSignature }, signedStateForm),
  };
}
