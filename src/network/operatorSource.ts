import type { JsonForm } from "../api/jsonForm.ts";
import { MARKET_PATHS } from "../api/marketApi.ts";
import {
  cancelAnswerForm,
  cancelRequestForm,
  orderReceiptForm,
  signedOrderForm,
} from "../api/marketApiJson.ts";
import { BLOCKS_AT_ONCE_MAX, BLOCKS_BYTES_MAX, OPERATOR_PATHS } from "../api/operatorApi.ts";
import { decodeBlockFrames } from "../api/operatorApiBlocks.ts";
import { encodeHoldingQuestion } from "../api/operatorApiHoldings.ts";
import {
  betOfferForm,
  betRequestForm,
  closesAnswerForm,
  closesRequestForm,
  factsForm,
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
import { formatHex } from "../lib/hex.ts";
import { accept, type Verdict } from "../lib/verdict.ts";
import { BLOCK_BYTES_MAX } from "../protocol/limits.ts";
import { type BlockFeed, openBlockFeed } from "./blockFeed.ts";
import { openLiveSocket, type SocketOptions, socketUrl } from "./liveSocket.ts";
import { openMarketFeed } from "./marketFeed.ts";
import { ask, askFor, demandAnswer, parseJson } from "./request.ts";

const JSON_BYTES_MAX = 512 * 1024;
const HOLDING_BYTES_MAX = 512 * 1024;
const FRAMES_BYTES_MAX = BLOCKS_BYTES_MAX + BLOCK_BYTES_MAX + 1_024;

/** An operator over HTTP and WebSocket. `url` without a slash at its end. */
export function createOperatorSource(url: string, options: SocketOptions = {}): OperatorSource {
  /** The stream is asked from here on: what was fetched is not sent again. */
  let streamFrom = 1;

  /** A long chain on its way; none while there is little to ask for. */
  let feed: BlockFeed | undefined;

  async function takeFromFeed(from: BlockFeed, count: number): Promise<Uint8Array[]> {
    try {
      const blocks = await from.take(count);
      if (blocks.length < count) endFeed(from);
      return blocks;
    } catch (error) {
      endFeed(from);
      throw error;
    }
  }

  function endFeed(ended: BlockFeed): void {
    ended.close();
    feed = undefined;
  }

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
    url,

    async facts() {
      const path = url + OPERATOR_PATHS.chain;
      const json = parseJson(path, await askFor(path, JSON_BYTES_MAX));
      return demandAnswer(path, factsForm.read(json));
    },

    async blocks(from, count) {
      if (feed?.next() === from) return takeFromFeed(feed, count);
      feed?.close();
      feed = undefined;
      const asked = Math.min(count, BLOCKS_AT_ONCE_MAX);
      const path = `${url}${OPERATOR_PATHS.blocks}?from=${from}&count=${asked}`;
      const blocks = demandAnswer(path, decodeBlockFrames(await askFor(path, FRAMES_BYTES_MAX)));
      streamFrom = Math.max(streamFrom, from + blocks.length);
      // There is more: it comes as a stream, from where this page ends.
      if (blocks.length === asked && asked === BLOCKS_AT_ONCE_MAX) {
        feed = openBlockFeed(socketUrl(url, OPERATOR_PATHS.stream), from + asked, options);
      }
      return blocks;
    },

    async block(hash) {
      const path = `${url}${OPERATOR_PATHS.blocks}/${formatHex(hash)}`;
      const block = await ask(path, BLOCK_BYTES_MAX);
      if (!block.ok && block.code !== "NO_SUCH_BLOCK") {
        throw new SourceError("REFUSED", `${path} refused: ${block.message}`);
      }
      return block.ok ? block.value : undefined;
    },

    holding(sequence, question) {
      const hex = formatHex(encodeHoldingQuestion(question));
      const path = `${OPERATOR_PATHS.holdings}?sequence=${sequence}&question=${hex}`;
      return ask(url + path, HOLDING_BYTES_MAX);
    },

    follow(onBlock, onDown) {
      const streamUrl = () => socketUrl(url, `${OPERATOR_PATHS.stream}?from=${streamFrom}`);
      return openLiveSocket(streamUrl, options, { onMessage: onBlock, onDown }).close;
    },

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

    async cancelOrder(orderHash, signature) {
      const request = { orderHash, signature };
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
