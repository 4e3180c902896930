import { BLOCKS_AT_ONCE_MAX, BLOCKS_BYTES_MAX, OPERATOR_PATHS } from "../api/operatorApi.ts";
import { decodeBlockFrames } from "../api/operatorApiBlocks.ts";
import { encodeHoldingQuestion } from "../api/operatorApiHoldings.ts";
import { factsForm } from "../api/operatorFactsJson.ts";
import { type OperatorSource, SourceError } from "../client/ports.ts";
import { formatHex } from "../lib/hex.ts";
import { BLOCK_BYTES_MAX } from "../protocol/limits.ts";
import { type BlockFeed, openBlockFeed } from "./blockFeed.ts";
import { openLiveSocket, type SocketOptions, socketUrl } from "./liveSocket.ts";
import { ask, askFor, demandAnswer, parseJson } from "./request.ts";

const JSON_BYTES_MAX = 512 * 1024;
const HOLDING_BYTES_MAX = 512 * 1024;
const FRAMES_BYTES_MAX = BLOCKS_BYTES_MAX + BLOCK_BYTES_MAX + 1_024;

/** An operator over HTTP and WebSocket. `url` without a slash at its end. */
export function createOperatorSource(url: string, options: SocketOptions = {}): OperatorSource {
  /** What only who acts asks for: a page loads it then. */
  const desk = () =>
    import("./operatorDesk.ts").then(({ createOperatorDesk }) => createOperatorDesk(url, options));

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

    requestPurchase: async (...asked) => (await desk()).requestPurchase(...asked),
    requestBet: async (...asked) => (await desk()).requestBet(...asked),
    requestSale: async (...asked) => (await desk()).requestSale(...asked),
    submitCloses: async (...asked) => (await desk()).submitCloses(...asked),
    submitOrder: async (...asked) => (await desk()).submitOrder(...asked),
    cancelOrder: async (...asked) => (await desk()).cancelOrder(...asked),
    batch: async (...asked) => (await desk()).batch(...asked),
    submitSeal: async (...asked) => (await desk()).submitSeal(...asked),
    submitPost: async (...asked) => (await desk()).submitPost(...asked),
    proposeState: async (...asked) => (await desk()).proposeState(...asked),

    followFeed(onMessage, onDown) {
      let end: (() => void) | undefined;
      let isEnded = false;
      desk().then((opened) => {
        if (!isEnded) end = opened.followFeed(onMessage, onDown);
      }, onDown);
      return () => {
        isEnded = true;
        end?.();
      };
    },
  };
}
