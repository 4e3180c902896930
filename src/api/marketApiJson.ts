import { decode } from "../lib/codec.ts";
import { formatHex } from "../lib/hex.ts";
import { demand, insist, Refusal } from "../lib/verdict.ts";
import type { SignedOrder } from "../market/batch.ts";
import { PRICE_PARTS } from "../protocol/limits.ts";
import { encodeOrder, readOrder } from "../protocol/order.ts";
import {
  amount,
  bytes,
  fields,
  flag,
  form,
  integer,
  type JsonForm,
  kindOf,
  list,
} from "./jsonForm.ts";
import type { BookLevel, CancelRequest, FeedMessage, OrderReceipt } from "./marketApi.ts";

export const signedOrderForm: JsonForm<SignedOrder> = form(
  ({ order, signature }) => ({
    order: formatHex(encodeOrder(order)),
    signature: formatHex(signature),
  }),
  (json) => {
    const all = fields(json, ["order", "signature"]);
    const order = insist(decode(bytes(all.order, "order"), readOrder));
    return { order, signature: bytes(all.signature, "signature", 65) };
  },
);

export const orderReceiptForm: JsonForm<OrderReceipt> = form(
  ({ orderHash, height }) => ({ orderHash: formatHex(orderHash), height }),
  (json) => {
    const all = fields(json, ["orderHash", "height"], "receipt");
    const orderHash = bytes(all.orderHash, "orderHash", 32);
    return { orderHash, height: integer(all.height, "height") };
  },
);

export const cancelRequestForm: JsonForm<CancelRequest> = form(
  ({ orderName, signature }) => ({
    orderName: formatHex(orderName),
    signature: formatHex(signature),
  }),
  (json) => {
    const all = fields(json, ["orderName", "signature"]);
    const orderName = bytes(all.orderName, "orderName", 32);
    return { orderName, signature: bytes(all.signature, "signature", 65) };
  },
);

export const cancelAnswerForm: JsonForm<{ readonly isCancelled: boolean }> = form(
  ({ isCancelled }) => ({ isCancelled }),
  (json) => {
    const all = fields(json, ["isCancelled"]);
    return { isCancelled: flag(all.isCancelled, "isCancelled") };
  },
);

function writeLevel({ price, lots }: BookLevel): unknown {
  return { price, lots: lots.toString() };
}

/** Levels, best first: `sign` is 1 where prices rise from there on, -1 where they fall. */
function readLevels(json: unknown, what: string, sign: 1 | -1): BookLevel[] {
  const levels = list(json, what, PRICE_PARTS, (level) => {
    const all = fields(level, ["price", "lots"], "level");
    return { price: readPrice(all.price), lots: amount(all.lots, "lots") };
  });
  levels.forEach(({ price, lots }, index) => {
    const before = levels[index - 1]?.price ?? price - sign;
    demand(lots > 0n && sign * (price - before) > 0, "NOT_A_BOOK", `expected ${what} best first`);
  });
  return levels;
}

function readPrice(json: unknown): number {
  const price = integer(json, "price", PRICE_PARTS - 1);
  demand(price > 0, "NOT_A_NUMBER", "expected a price above 0");
  return price;
}

function readTime(json: unknown, what: string): number {
  return integer(json, what, Number.MAX_SAFE_INTEGER);
}

export const feedMessageForm: JsonForm<FeedMessage> = form((message) => {
  switch (message.kind) {
    case "book":
      return {
        ...message,
        bookId: formatHex(message.bookId),
        bids: message.bids.map(writeLevel),
        asks: message.asks.map(writeLevel),
      };
    case "trade":
      return {
        ...message,
        bookId: formatHex(message.bookId),
        volume: message.volume.toString(),
      };
    case "deadline":
    case "beat":
      return message;
  }
}, readFeedMessage);

function readFeedMessage(json: unknown): FeedMessage {
  const kind = kindOf(json);
  switch (kind) {
    case "book": {
      const all = fields(json, ["kind", "sequence", "bookId", "bids", "asks"]);
      return {
        kind,
        sequence: integer(all.sequence, "sequence"),
        bookId: bytes(all.bookId, "bookId", 32),
        bids: readLevels(all.bids, "bids", -1),
        asks: readLevels(all.asks, "asks", 1),
      };
    }
    case "deadline": {
      const all = fields(json, ["kind", "sequence", "height", "atMs"]);
      return {
        kind,
        sequence: integer(all.sequence, "sequence"),
        height: integer(all.height, "height"),
        atMs: all.atMs === null ? null : readTime(all.atMs, "atMs"),
      };
    }
    case "trade": {
      const names = ["kind", "sequence", "height", "bookId", "price", "volume", "timeMs"];
      const all = fields(json, names);
      return {
        kind,
        sequence: integer(all.sequence, "sequence"),
        height: integer(all.height, "height"),
        bookId: bytes(all.bookId, "bookId", 32),
        price: readPrice(all.price),
        volume: amount(all.volume, "volume"),
        timeMs: readTime(all.timeMs, "timeMs"),
      };
    }
    case "beat": {
      const all = fields(json, ["kind", "sequence", "nowMs"]);
      const sequence = integer(all.sequence, "sequence");
      return { kind, sequence, nowMs: readTime(all.nowMs, "nowMs") };
    }
    default:
      throw new Refusal("UNKNOWN_KIND", "expected a message of a known kind");
  }
}
