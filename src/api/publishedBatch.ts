import { assert } from "../lib/assert.ts";
import { equalBytes } from "../lib/bytes.ts";
import { decode, encode, type Reader, type Writer } from "../lib/codec.ts";
import { demand, type Verdict } from "../lib/verdict.ts";
import type { BatchBounds } from "../market/batch.ts";
import { PRICE_PARTS } from "../protocol/limits.ts";
import {
  type MarketRef,
  ORDER_TERMS_BYTES_MIN,
  readMarketRef,
  readOrderTerms,
  writeMarketRef,
  writeOrderTerms,
} from "../protocol/order.ts";
import { readSignature, SIGNATURE_BYTES, writeSignature } from "../protocol/signature.ts";
import { OFFERED_OUTCOMES_MAX, type PublishedBatch, type PublishedBook } from "./marketApi.ts";

/** Orders of one batch, of all its books together. */
export const BATCH_ORDERS_MAX = 16_384;
/** Bytes of an encoded batch of so many orders, each with as many contracts as it may name. */
export const BATCH_BYTES_MAX = 8 * 1024 * 1024;

const OWNER_BYTES = 33;
const ORDER_BYTES_MIN = ORDER_TERMS_BYTES_MIN + SIGNATURE_BYTES + OWNER_BYTES;
const BOOK_BYTES_MIN = 32 + 32 + 2 + 2 + 2 + ORDER_BYTES_MIN;

/**
 * Encode: height u32, seen block 32, recorded u32, books: market, price u16 (0 for none), orders: terms, signature 65, owner 33.
 * All orders of a batch have the same bounds, and all of a book its market; a book without orders is left out.
 */
export function encodePublishedBatch({ height, books }: PublishedBatch): Uint8Array {
  const bounds = books[0]?.orders[0]?.signed.order;
  assert(bounds !== undefined, "a batch that is published has an order");
  return encode((writer) => {
    writer.u32(height).fixed(bounds.seenBlock, 32).u32(bounds.recorded);
    writer.list(books, OFFERED_OUTCOMES_MAX, (each, book) => writeBook(each, book, bounds));
  });
}

export function decodePublishedBatch(bytes: Uint8Array): Verdict<PublishedBatch> {
  return decode(bytes, (reader) => {
    const height = reader.u32();
    const bounds = { seenBlock: reader.fixed(32), recorded: reader.u32() };
    const books = reader.list(OFFERED_OUTCOMES_MAX, BOOK_BYTES_MIN, (each) =>
      readBook(each, bounds),
    );
    const orders = books.reduce((sum, book) => sum + book.orders.length, 0);
    demand(
      0 < orders && orders <= BATCH_ORDERS_MAX,
      "WRONG_COUNT",
      `expected 1 to ${BATCH_ORDERS_MAX} orders in a batch, got ${orders}`,
    );
    return { height, books };
  });
}

function writeBook(writer: Writer, { price, orders }: PublishedBook, bounds: BatchBounds): void {
  const market = orders[0]?.signed.order.market;
  assert(market !== undefined, "a book that is published has an order");
  writeMarketRef(writer, market);
  writer.u16(price ?? 0);
  writer.list(orders, BATCH_ORDERS_MAX, (each, { signed: { order, signature }, owner }) => {
    const isOfBatch =
      equalBytes(order.seenBlock, bounds.seenBlock) &&
      order.recorded === bounds.recorded &&
      isSameMarket(order.market, market);
    assert(isOfBatch, "the orders of a book have the same bounds and one market");
    writeOrderTerms(each, order.terms);
    writeSignature(each, signature);
    each.fixed(owner, OWNER_BYTES);
  });
}

function readBook(reader: Reader, bounds: BatchBounds): PublishedBook {
  const market = readMarketRef(reader);
  const price = reader.u16();
  demand(price < PRICE_PARTS, "BAD_PRICE", `expected a price below ${PRICE_PARTS}, got ${price}`);
  const orders = reader.list(BATCH_ORDERS_MAX, ORDER_BYTES_MIN, (each) => {
    const terms = readOrderTerms(each);
    const signature = readSignature(each);
    return {
      signed: { order: { ...bounds, market, terms }, signature },
      owner: each.fixed(OWNER_BYTES),
    };
  });
  demand(orders.length > 0, "WRONG_COUNT", "expected a book with orders");
  return { bookId: market.win, price: price === 0 ? undefined : price, orders };
}

function isSameMarket(a: MarketRef, b: MarketRef): boolean {
  const isSame = equalBytes(a.win, b.win) && equalBytes(a.refund, b.refund);
  return isSame && a.depositBps === b.depositBps;
}
