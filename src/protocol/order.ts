import { encode, type Reader, type Writer } from "../lib/codec.ts";
import { demand, Refusal } from "../lib/verdict.ts";
import { DEPOSIT_BPS_MAX, ORDER_CONTRACTS_MAX, PRICE_PARTS } from "./limits.ts";

/**
 * What positions of one market are made of: two conditions at `MARKET_LEVEL`, named by their hashes.
 *
 * - `refund`: true where `yes` is right, and where the question is bad. - `win`: true where `yes` is right.
 * - `depositBps`: deposit share written into every leaf that a fill makes.
 *
 * @see docs/PROTOCOL.md section 7
 */
export type MarketRef = {
  readonly refund: Uint8Array;
  readonly win: Uint8Array;
  readonly depositBps: number;
};

/** Which side of the question an order is about, and whether it takes that side on or gives it up. */
export type OrderSide = "buyYes" | "buyNo" | "sellYes" | "sellNo";

/**
 * How a piece of space is held.
 *
 * - `cash`: without conditions. - `refund`: part of a position; its holder has it where his side is right, and
 *   where the question is bad. - `win`: part of a position that he has only where his side is right.
 */
export type PieceKind = "cash" | "refund" | "win";

/** A half-open range `[lo, hi)` in satoshi, and how it is held. Whose side a position is on the order says. */
export type Piece = { readonly lo: bigint; readonly hi: bigint; readonly kind: PieceKind };

/**
 * What an order asks for, beside the block and the market that it is bound to.
 *
 * - `heightMax`: the post must be recorded at or below this main-chain height.
 * - `limit`: price of the order's own side in thousandths (`PRICE_PARTS`): the most that a buyer gives, the least
 *   that a seller takes. - `quantity`: satoshi that the position pays if its side is right; a multiple of `PRICE_PARTS`.
 * - `refundLeast`: for a buyer, in thousandths: what a unit gives back at least where the question is bad, unless he paid
 *   less. A position made anew always gives back what was paid; one that another held gives back what that one had paid.
 * - `contracts`: what may be used up, in this order, each from its low end and wholly before the next: cash to buy;
 *   to sell, the position itself, whole.
 */
export type OrderTerms = {
  readonly heightMax: number;
  readonly side: OrderSide;
  readonly limit: number;
  readonly quantity: bigint;
  readonly refundLeast: number;
  readonly contracts: readonly Piece[];
};

/**
 * A close with limits, bound to the last block that its signer has checked (32-byte hash), and good only in the
 * block after it.
 *
 * - `recorded`: height of a block of its chain. A match may use up nothing, whoever's, that was made above it: what has no record
 *   yet may turn out never to have been its holder's.
 */
export type Order = {
  readonly seenBlock: Uint8Array;
  readonly recorded: number;
  readonly market: MarketRef;
  readonly terms: OrderTerms;
};

/** Fewest bytes of encoded terms: no contract. */
export const ORDER_TERMS_BYTES_MIN = 4 + 1 + 2 + 8 + 2 + 2;
/** Bytes of every encoded piece. */
export const PIECE_BYTES = 8 + 8 + 1;

const SIDES: readonly OrderSide[] = ["buyYes", "buyNo", "sellYes", "sellNo"];
const PIECE_KINDS: readonly PieceKind[] = ["cash", "refund", "win"];

/** Encode: refund condition 32, win condition 32, depositBps u16. */
export function writeMarketRef(writer: Writer, market: MarketRef): void {
  writer.fixed(market.refund, 32).fixed(market.win, 32).u16(market.depositBps);
}

export function readMarketRef(reader: Reader): MarketRef {
  const refund = reader.fixed(32);
  const win = reader.fixed(32);
  const depositBps = reader.u16();
  demand(
    depositBps <= DEPOSIT_BPS_MAX,
    "DEPOSIT_TOO_HIGH",
    `expected at most ${DEPOSIT_BPS_MAX} basis points, got ${depositBps}`,
  );
  return { refund, win, depositBps };
}

/** Encode: lo u64, hi u64, kind u8 (0 cash, 1 refund, 2 win). */
export function writePiece(writer: Writer, { lo, hi, kind }: Piece): void {
  writer.u64(lo).u64(hi).u8(PIECE_KINDS.indexOf(kind));
}

export function readPiece(reader: Reader): Piece {
  const lo = reader.u64();
  const hi = reader.u64();
  demand(lo < hi, "EMPTY_RANGE", `expected lo below hi, got [${lo}, ${hi})`);
  return { lo, hi, kind: readName(reader, PIECE_KINDS, "piece") };
}

/** Encode: u8 (0 buyYes, 1 buyNo, 2 sellYes, 3 sellNo). */
export function writeOrderSide(writer: Writer, side: OrderSide): void {
  writer.u8(SIDES.indexOf(side));
}

export function readOrderSide(reader: Reader): OrderSide {
  return readName(reader, SIDES, "order");
}

/** Encode: heightMax u32, side u8 (0 buyYes, 1 buyNo, 2 sellYes, 3 sellNo), limit u16, quantity u64, refundLeast u16, pieces. */
export function writeOrderTerms(writer: Writer, terms: OrderTerms): void {
  writer.u32(terms.heightMax);
  writeOrderSide(writer, terms.side);
  writer.u16(terms.limit);
  writer.u64(terms.quantity).u16(terms.refundLeast);
  writer.list(terms.contracts, ORDER_CONTRACTS_MAX, writePiece);
}

/** Decode terms; refuses a limit outside 1 to 999 thousandths and a quantity that is no positive multiple of 1,000. */
export function readOrderTerms(reader: Reader): OrderTerms {
  const heightMax = reader.u32();
  const side = readOrderSide(reader);
  const limit = reader.u16();
  demand(
    0 < limit && limit < PRICE_PARTS,
    "BAD_LIMIT",
    `expected a limit of 1 to ${PRICE_PARTS - 1} thousandths, got ${limit}`,
  );
  const quantity = reader.u64();
  demand(
    quantity > 0n && quantity % BigInt(PRICE_PARTS) === 0n,
    "BAD_QUANTITY",
    `expected a positive multiple of ${PRICE_PARTS} satoshi, got ${quantity}`,
  );
  const refundLeast = reader.u16();
  demand(
    refundLeast < PRICE_PARTS,
    "BAD_LIMIT",
    `expected a refund below ${PRICE_PARTS} thousandths, got ${refundLeast}`,
  );
  const contracts = reader.list(ORDER_CONTRACTS_MAX, PIECE_BYTES, readPiece);
  return { heightMax, side, limit, quantity, refundLeast, contracts };
}

/** Encode: seen block 32, recorded u32, market, terms. This body is what is signed (`signOrder`). */
export function writeOrder(writer: Writer, order: Order): void {
  writer.fixed(order.seenBlock, 32).u32(order.recorded);
  writeMarketRef(writer, order.market);
  writeOrderTerms(writer, order.terms);
}

export function readOrder(reader: Reader): Order {
  const seenBlock = reader.fixed(32);
  const recorded = reader.u32();
  const market = readMarketRef(reader);
  return { seenBlock, recorded, market, terms: readOrderTerms(reader) };
}

export function encodeOrder(order: Order): Uint8Array {
  return encode((writer) => writeOrder(writer, order));
}

function readName<Name extends string>(reader: Reader, names: readonly Name[], what: string): Name {
  const index = reader.u8();
  const name = names[index];
  if (name === undefined) {
    throw new Refusal(
      "UNKNOWN_KIND",
      `expected ${what} kind 0 to ${names.length - 1}, got ${index}`,
    );
  }
  return name;
}
