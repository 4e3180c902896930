import { encodeCancel } from "../../../src/api/marketApi.ts";
import { decodePublishedBatch } from "../../../src/api/publishedBatch.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { insist } from "../../../src/lib/verdict.ts";
import { nameOrder, type SignedOrder } from "../../../src/market/batch.ts";
import { createMarketRef, createOutcomeConditions } from "../../../src/market/outcomes.ts";
import { rowKey } from "../../../src/operator/engine/rowKey.ts";
import {
  encodeOrder,
  type Order,
  type OrderTerms,
  type Piece,
} from "../../../src/protocol/order.ts";
import type { Place } from "../../../src/protocol/place.ts";
import { computeDigest, signDigest } from "../../../src/protocol/signature.ts";
import { contractsOf } from "./traders.ts";
import { CHAIN, type keyOf, ORACLE_ID, RULES, type World } from "./world.ts";

type Trader = ReturnType<typeof keyOf>;

export const LOT = 100_000n;
export const REF = createMarketRef(
  createOutcomeConditions({ kind: "binary", oracle: ORACLE_ID }, 0),
  0,
);
export const BOOK_ID = formatHex(REF.win);

/** How somebody holds the contract at a place, in the words of an order. */
function pieceOf({ lo, hi, conditions: [only] }: Place): Piece {
  if (only === undefined) return { lo, hi, kind: "cash" };
  const isRefund = (formatHex(only.hash) === formatHex(REF.refund)) === only.side;
  return { lo, hi, kind: isRefund ? "refund" : "win" };
}

export function cashOf(world: World, trader: Trader): Piece[] {
  const pieces = contractsOf(world, trader).map(({ place }) => pieceOf(place));
  return pieces.filter(({ kind }) => kind === "cash");
}

/** The pieces of `yes` or `no` that somebody holds. */
export function positionOf(world: World, trader: Trader, isYes: boolean): Piece[] {
  return contractsOf(world, trader)
    .filter(({ place }) => place.conditions[0]?.side === isYes)
    .map(({ place }) => pieceOf(place));
}

/** An order on the present tip. Unless told otherwise it buys with all the cash that its signer has. */
export function signOrder(
  world: World,
  trader: Trader,
  terms: Pick<OrderTerms, "side" | "limit"> & Partial<OrderTerms>,
  more: Partial<Order> = {},
): SignedOrder {
  const order: Order = {
    seenBlock: world.state.tip.hash,
    recorded: world.state.recorded,
    market: REF,
    terms: {
      heightMax: world.durable.main.length + 14,
      quantity: 10n * LOT,
      refundLeast: 0,
      contracts: cashOf(world, trader),
      ...terms,
    },
    ...more,
  };
  const digest = computeDigest("signOrder", RULES.networkId, encodeOrder(order));
  return { order, signature: signDigest(digest, trader.privateKey) };
}

export function handInOrder(world: World, signed: SignedOrder): number {
  return world.ask({ kind: "order", signed });
}

export function askToCancel(world: World, trader: Trader, { order }: SignedOrder): number {
  const orderName = nameOrder(order);
  const body = encodeCancel(CHAIN.id, orderName);
  const digest = computeDigest("signRequest", RULES.networkId, body);
  const signature = signDigest(digest, trader.privateKey);
  return world.ask({ kind: "cancel", orderName, signature });
}

/** What is published of the batch of a height; undefined if nothing is. */
export function publishedBatch(world: World, height: number) {
  const bytes = world.durable.rows.get(rowKey.batch(height));
  return bytes && insist(decodePublishedBatch(bytes));
}
