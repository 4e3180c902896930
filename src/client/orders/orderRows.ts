import { decode, encode, type Reader, type Writer } from "../../lib/codec.ts";
import { encodeUtf8 } from "../../lib/utf8.ts";
import { demand, type Verdict } from "../../lib/verdict.ts";
import type { SignedOrder } from "../../market/batch.ts";
import { ORDER_CONTRACTS_MAX } from "../../protocol/limits.ts";
import {
  readMarketRef,
  readOrder,
  readOrderSide,
  writeMarketRef,
  writeOrder,
  writeOrderSide,
} from "../../protocol/order.ts";
import { readSignature, writeSignature } from "../../protocol/signature.ts";
import { LIST_MAX, readOptional, writeOptional } from "../bookParts.ts";
import { oneOf, readText } from "../rows.ts";
import { OWN_FILL_BYTES, type OwnFill, readOwnFill, writeOwnFill } from "../tradeRecords.ts";
import type { OrderLimits } from "./orderLimits.ts";

/** How an order ended before it was filled. */
export type OrderEnd =
  | { readonly kind: "expired" | "cancelled" }
  | { readonly kind: "refused"; readonly why: string };

/** A batch that has gone by, and why it left some or all of an order; `given`: satoshi that it filled. */
export type PastBatch = { readonly height: number; readonly given: bigint; readonly why: string };

/**
 * An order of the holder's that rests in the wallet: signed anew for each block, for what is left of it.
 *
 * - `limits.quantity`: satoshi of the whole order. - `contractIds`: the position, to sell; none to buy.
 * - `fills`: those that may still turn out not to count. - `settled`: satoshi and their price of all the others.
 * - `last`: the newest batch that it was in. - `end`: undefined while it rests, and after it is filled.
 */
export type RestingOrder = {
  readonly chainId: Uint8Array;
  readonly limits: OrderLimits;
  readonly contractIds: readonly Uint8Array[];
  readonly madeAtMs: number;
  readonly goodUntilMs: number;
  readonly fills: readonly OwnFill[];
  readonly settled: { readonly quantity: bigint; readonly paid: bigint };
  readonly last: PastBatch | undefined;
  readonly end: OrderEnd | undefined;
};

/**
 * An order as it was signed for the block of `height`: kept until another block stands recorded there, and sent again as it
 * is.
 *
 * - `signed`: its newest version. - `earlier`: the last heights of the versions before it that may still count: each is the
 *   same order, and at most one of them all is ever filled, as they use up the same contracts.
 * - `answer`: what the operator said to it; undefined before he did. - `isOver`: that block is checked.
 */
export type SentOrder = {
  readonly orderId: string;
  readonly chainId: Uint8Array;
  readonly height: number;
  readonly contractIds: readonly Uint8Array[];
  readonly signed: SignedOrder;
  readonly earlier: readonly number[];
  readonly answer: SentAnswer | undefined;
  readonly isOver: boolean;
};

/**
 * `taken`: he has put it into the batch, in the version that is good to `heightMax`; he may not have heard of the newest yet.
 * `back`: he has taken it out again, as he was told. `overtaken`: he has made the block that it was for, as he says; it is signed
 * again for the next one once that block is checked.
 */
export type SentAnswer =
  | { readonly kind: "taken"; readonly heightMax: number }
  | { readonly kind: "back" | "overtaken" }
  | { readonly kind: "refused"; readonly why: string };

/** An order that its operator has acknowledged. */
export type TakenOrder = SentOrder & {
  readonly answer: Extract<SentAnswer, { readonly kind: "taken" }>;
};

export function isTaken(sent: SentOrder): sent is TakenOrder {
  return sent.answer?.kind === "taken";
}

/** Contracts of one position. */
const POSITION_CONTRACTS_MAX = 1_024;
const WORDS_BYTES_MAX = 512;
const ID_BYTES_MAX = 32;
/** Versions of one order that may count at a time. */
const EARLIER_MAX = 64;
const ENDS = ["expired", "cancelled", "refused"] as const;
const ANSWERS = ["taken", "back", "refused", "overtaken"] as const;

/** Encode: chain id 32, limits, contract ids, times u64, fills, settled u64 u64, last, end. */
export function encodeRestingOrder(order: RestingOrder): Uint8Array {
  return encode((writer) => {
    writer.fixed(order.chainId, 32);
    writeLimits(writer, order.limits);
    writer.list(order.contractIds, POSITION_CONTRACTS_MAX, (each, id) => each.fixed(id, 32));
    writer.u64(BigInt(order.madeAtMs)).u64(BigInt(order.goodUntilMs));
    writer.list(order.fills, LIST_MAX, writeOwnFill);
    writer.u64(order.settled.quantity).u64(order.settled.paid);
    writeOptional(writer, order.last, (each, { height, given, why }) => {
      each.u32(height).u64(given);
      writeWords(each, why);
    });
    writeOptional(writer, order.end, (each, end) => {
      each.u8(ENDS.indexOf(end.kind));
      writeWords(each, end.kind === "refused" ? end.why : "");
    });
  });
}

export function decodeRestingOrder(bytes: Uint8Array): Verdict<RestingOrder> {
  return decode(bytes, (reader) => {
    const chainId = reader.fixed(32);
    const limits = readLimits(reader);
    const contractIds = reader.list(POSITION_CONTRACTS_MAX, 32, (each) => each.fixed(32));
    const madeAtMs = readTime(reader);
    const goodUntilMs = readTime(reader);
    const fills = reader.list(LIST_MAX, OWN_FILL_BYTES, readOwnFill);
    const settled = { quantity: reader.u64(), paid: reader.u64() };
    const last = readOptional(reader, (each) => {
      return { height: each.u32(), given: each.u64(), why: readWords(each) };
    });
    const end = readOptional(reader, (each): OrderEnd => {
      const kind = oneOf(ENDS, each.u8());
      const why = readWords(each);
      return kind === "refused" ? { kind, why } : { kind };
    });
    const what = { chainId, limits, contractIds, madeAtMs, goodUntilMs };
    return { ...what, fills, settled, last, end };
  });
}

/** Encode: id bytes, chain id 32, height u32, contract ids, order, signature 65, earlier heights u32, answer, flag whether it is over. */
export function encodeSentOrder(sent: SentOrder): Uint8Array {
  return encode((writer) => {
    writer.bytes(encodeUtf8(sent.orderId), ID_BYTES_MAX).fixed(sent.chainId, 32).u32(sent.height);
    writer.list(sent.contractIds, ORDER_CONTRACTS_MAX, (each, id) => each.fixed(id, 32));
    writeOrder(writer, sent.signed.order);
    writeSignature(writer, sent.signed.signature);
    writer.list(sent.earlier, EARLIER_MAX, (each, heightMax) => each.u32(heightMax));
    writeOptional(writer, sent.answer, (each, answer) => {
      each.u8(ANSWERS.indexOf(answer.kind));
      if (answer.kind === "taken") each.u32(answer.heightMax);
      if (answer.kind === "refused") writeWords(each, answer.why);
    });
    writer.flag(sent.isOver);
  });
}

export function decodeSentOrder(bytes: Uint8Array): Verdict<SentOrder> {
  return decode(bytes, (reader) => {
    const orderId = readText(reader, ID_BYTES_MAX);
    const chainId = reader.fixed(32);
    const height = reader.u32();
    const contractIds = reader.list(ORDER_CONTRACTS_MAX, 32, (each) => each.fixed(32));
    const order = readOrder(reader);
    const signed = { order, signature: readSignature(reader) };
    const earlier = reader.list(EARLIER_MAX, 4, (each) => each.u32());
    const answer = readOptional(reader, (each): SentAnswer => {
      const kind = oneOf(ANSWERS, each.u8());
      if (kind === "taken") return { kind, heightMax: each.u32() };
      return kind === "refused" ? { kind, why: readWords(each) } : { kind };
    });
    const what = { orderId, chainId, height, contractIds, signed, earlier };
    return { ...what, answer, isOver: reader.flag() };
  });
}

function writeLimits(writer: Writer, limits: OrderLimits): void {
  writeMarketRef(writer, limits.market);
  writeOrderSide(writer, limits.side);
  writer.u16(limits.limit).u64(limits.quantity).u16(limits.refundLeast);
}

function readLimits(reader: Reader): OrderLimits {
  const market = readMarketRef(reader);
  const side = readOrderSide(reader);
  return { market, side, limit: reader.u16(), quantity: reader.u64(), refundLeast: reader.u16() };
}

function readTime(reader: Reader): number {
  const timeMs = Number(reader.u64());
  demand(Number.isSafeInteger(timeMs), "NOT_A_TIME", "expected a time in unix milliseconds");
  return timeMs;
}

function writeWords(writer: Writer, words: string): void {
  writer.bytes(encodeUtf8(words), WORDS_BYTES_MAX);
}

function readWords(reader: Reader): string {
  return readText(reader, WORDS_BYTES_MAX);
}
