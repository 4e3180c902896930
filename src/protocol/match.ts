import type { Reader, Writer } from "../lib/codec.ts";
import { demand } from "../lib/verdict.ts";
import { FILL_PIECES_MAX, MATCH_FILLS_MAX, PRICE_PARTS } from "./limits.ts";
import {
  type MarketRef,
  ORDER_TERMS_BYTES_MIN,
  type OrderTerms,
  PIECE_BYTES,
  type Piece,
  readMarketRef,
  readOrderTerms,
  readPiece,
  writeMarketRef,
  writeOrderTerms,
  writePiece,
} from "./order.ts";
import { readSignature, SIGNATURE_BYTES, writeSignature } from "./signature.ts";

/**
 * An order as a match fills it. The block it is bound to is the one before; the market, and what it takes to be recorded, are the
 * match's.
 *
 * - `signature`: the order's, by the owner of every contract that it names. - `quantity`: satoshi filled.
 * - `pieces`: everything that the fill gives the signer, on whoever's range: his position and what is left of the
 *   last contract used; or, for a seller, cash.
 */
export type Fill = {
  readonly terms: OrderTerms;
  readonly signature: Uint8Array;
  readonly quantity: bigint;
  readonly pieces: readonly Piece[];
};

/**
 * A sortition-block transaction: orders of one market that trade with one another at one price, in
 * thousandths of a unit for `yes`. It closes what they use up and makes what they get, as a whole: it counts
 * whole or not at all, and a slash shows it whole. - `recorded`: of all its orders.
 *
 * @see docs/PROTOCOL.md section 7
 */
export type Match = {
  readonly market: MarketRef;
  readonly recorded: number;
  readonly price: number;
  readonly fills: readonly Fill[];
};

/** Fewest bytes of an encoded fill: no contract, no piece. */
const FILL_BYTES_MIN = ORDER_TERMS_BYTES_MIN + SIGNATURE_BYTES + 8 + 2;

/** Encode: market, recorded u32, price u16, fills (u16 count): terms, signature 65, quantity u64, pieces. */
export function writeMatch(writer: Writer, match: Match): void {
  writeMarketRef(writer, match.market);
  writer.u32(match.recorded).u16(match.price);
  writer.list(match.fills, MATCH_FILLS_MAX, (each, fill) => {
    writeOrderTerms(each, fill.terms);
    writeSignature(each, fill.signature);
    each.u64(fill.quantity).list(fill.pieces, FILL_PIECES_MAX, writePiece);
  });
}

/** Decode a match; refuses a price outside 1 to 999 thousandths. */
export function readMatch(reader: Reader): Match {
  const market = readMarketRef(reader);
  const recorded = reader.u32();
  const price = reader.u16();
  demand(
    0 < price && price < PRICE_PARTS,
    "BAD_PRICE",
    `expected a price of 1 to ${PRICE_PARTS - 1} thousandths, got ${price}`,
  );
  const fills = reader.list(MATCH_FILLS_MAX, FILL_BYTES_MIN, (each) => ({
    terms: readOrderTerms(each),
    signature: readSignature(each),
    quantity: each.u64(),
    pieces: each.list(FILL_PIECES_MAX, PIECE_BYTES, readPiece),
  }));
  return { market, recorded, price, fills };
}
