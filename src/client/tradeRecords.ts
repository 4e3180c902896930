import type { ClosedLeaf, LeafChange } from "../blocks/applyTransactions.ts";
import type { SortitionBlock } from "../blocks/block.ts";
import { equalBytes } from "../lib/bytes.ts";
import type { Reader, Writer } from "../lib/codec.ts";
import { formatHex } from "../lib/hex.ts";
import { Refusal } from "../lib/verdict.ts";
import { digestMatches, hashOrder, volumeOf } from "../market/batch.ts";
import { isBuy, isOfYes, ownPrice, placeOf } from "../market/piece.ts";
import type { Leaf } from "../protocol/leaf.ts";
import type { Fill, Match } from "../protocol/match.ts";
import { type MarketRef, readMarketRef, writeMarketRef } from "../protocol/order.ts";
import type { Place } from "../protocol/place.ts";

/**
 * What the orders of one market did in one block of the chain.
 *
 * - `price`: thousandths for `yes`. - `volume`: satoshi, as positions pay. - `timeMs`: unix, the operator's word.
 * - `digest`: of the block's matches in this market (`digestMatches`). - `isFull`: the block may have had no room for more.
 */
export type Trade = {
  readonly height: number;
  readonly market: MarketRef;
  readonly price: number;
  readonly volume: bigint;
  readonly timeMs: bigint;
  readonly digest: Uint8Array;
  readonly isFull: boolean;
};

/**
 * An order of the owner's that a block has filled. `price`: thousandths for `yes`. `usedId`: the first contract that it
 * used up; where that stands again, the fill does not count.
 */
export type OwnFill = {
  readonly height: number;
  readonly orderHash: Uint8Array;
  readonly price: number;
  readonly quantity: bigint;
  readonly usedId: Uint8Array;
};

/** What a book keeps of the trade in its chain, the newest last. */
export type TradeRecords = {
  readonly trades: readonly Trade[];
  readonly fills: readonly OwnFill[];
};

/** Enough for a chart. */
export const TRADES_MAX = 512;
/** More than a wallet has orders in one block, and it has them in no other before it has read that one. */
export const FILLS_MAX = 512;

/** Bytes of every encoded fill. */
export const OWN_FILL_BYTES = 4 + 32 + 2 + 8 + 32;

type Changes = { readonly made: readonly LeafChange[]; readonly closed: readonly ClosedLeaf[] };

/** The records with those of a block that holds. */
export function keepTrades(
  before: TradeRecords,
  { header, transactions }: SortitionBlock,
  { closed }: Changes,
  isOwn: (leaf: Leaf) => boolean,
  isFull: boolean,
): TradeRecords {
  const markets = new Map<string, Match[]>();
  const fills: OwnFill[] = [];
  const used = groupByIndex(closed);
  transactions.forEach((transaction, index) => {
    if (transaction.kind !== "match") return;
    const { match } = transaction;
    const { recorded, price } = match;
    const key = nameMarket(match.market);
    const same = markets.get(key);
    if (same === undefined) markets.set(key, [match]);
    else same.push(match);
    for (const fill of match.fills) {
      const first = findUsed(match.market, fill, used.get(index) ?? []);
      if (first === undefined || !isOwn(first)) continue;
      const { terms, quantity } = fill;
      const order = { seenBlock: header.previousHash, recorded, market: match.market, terms };
      const orderHash = hashOrder(order);
      fills.push({ height: header.height, orderHash, price, quantity, usedId: first.id });
    }
  });
  if (markets.size === 0) return { trades: before.trades, fills: before.fills };
  const trades = [...markets.values()].map((matches): Trade => {
    const { market, price } = matches[0] as Match;
    const { height, time: timeMs } = header;
    const digest = digestMatches(matches);
    return { height, market, price, volume: volumeOf(matches), timeMs, digest, isFull };
  });
  return {
    trades: [...before.trades, ...trades].slice(-TRADES_MAX),
    fills: [...before.fills, ...fills].slice(-FILLS_MAX),
  };
}

/** Whether two names are of one market. */
export function isSameMarket(a: MarketRef, b: MarketRef): boolean {
  return (
    equalBytes(a.win, b.win) && equalBytes(a.refund, b.refund) && a.depositBps === b.depositBps
  );
}

/**
 * What the owner gave for each leaf that a block's matches made for him, by hex id, in satoshi: a buyer's price, by
 * the widths of what he got for it; for cash, its width. What is left of a contract that was used has no price.
 */
export function readCosts(
  { transactions }: Pick<SortitionBlock, "transactions">,
  { made }: Pick<Changes, "made">,
  isOwn: (leaf: Leaf) => boolean,
): ReadonlyMap<string, bigint> {
  const costs = new Map<string, bigint>();
  const leaves = groupByIndex(made);
  transactions.forEach((transaction, index) => {
    if (transaction.kind !== "match") return;
    const { price, fills } = transaction.match;
    let at = 0;
    for (const fill of fills) {
      const own = ownPrice(fill.terms.side, price);
      let width = 0n;
      for (const piece of fill.pieces) {
        const leaf = leaves.get(index)?.[at++]?.leaf;
        const isRest = isBuy(fill.terms.side) && piece.kind === "cash";
        if (leaf === undefined || isRest || !isOwn(leaf)) continue;
        const before = width;
        width += piece.hi - piece.lo;
        // Each gets what the sum rises by, so that all together cost what was paid.
        const upTo = (sum: bigint) => (piece.kind === "cash" ? sum : (sum * BigInt(own)) / 1_000n);
        costs.set(formatHex(leaf.id), upTo(width) - upTo(before));
      }
    }
  });
  return costs;
}

function groupByIndex<Change extends LeafChange>(
  changes: readonly Change[],
): ReadonlyMap<number, readonly Change[]> {
  const groups = new Map<number, Change[]>();
  for (const change of changes) {
    const group = groups.get(change.index);
    if (group === undefined) groups.set(change.index, [change]);
    else group.push(change);
  }
  return groups;
}

function findUsed(
  market: MarketRef,
  { terms }: Fill,
  used: readonly ClosedLeaf[],
): Leaf | undefined {
  const [first] = terms.contracts;
  const place = first && placeOf(market, isOfYes(terms.side), first);
  return place && used.find((each) => isSamePlace(each.place, place))?.leaf;
}

function isSamePlace(a: Place, b: Place): boolean {
  const [under] = a.conditions;
  const [other] = b.conditions;
  if (a.lo !== b.lo || a.hi !== b.hi) return false;
  if (under === undefined || other === undefined) return under === other;
  return under.side === other.side && equalBytes(under.hash, other.hash);
}

function nameMarket({ refund, win, depositBps }: MarketRef): string {
  return `${formatHex(refund)}${formatHex(win)}${depositBps}`;
}

/** Encode: the markets, then trades with their market's index u16, then fills. */
export function writeTradeRecords(writer: Writer, { trades, fills }: TradeRecords): void {
  const markets = [...new Map(trades.map(({ market }) => [nameMarket(market), market])).values()];
  const indexes = new Map(markets.map((market, index) => [nameMarket(market), index]));
  writer.list(markets, TRADES_MAX, writeMarketRef);
  writer.list(trades, TRADES_MAX, (each, trade) => {
    each
      .u16(indexes.get(nameMarket(trade.market)) ?? 0)
      .u32(trade.height)
      .u16(trade.price);
    each.u64(trade.volume).u64(trade.timeMs).fixed(trade.digest, 32).flag(trade.isFull);
  });
  writer.list(fills, FILLS_MAX, writeOwnFill);
}

/** Encode: height u32, order hash 32, price u16, quantity u64, contract id 32. */
export function writeOwnFill(writer: Writer, fill: OwnFill): void {
  writer.u32(fill.height).fixed(fill.orderHash, 32).u16(fill.price);
  writer.u64(fill.quantity).fixed(fill.usedId, 32);
}

export function readOwnFill(reader: Reader): OwnFill {
  return {
    height: reader.u32(),
    orderHash: reader.fixed(32),
    price: reader.u16(),
    quantity: reader.u64(),
    usedId: reader.fixed(32),
  };
}

export function readTradeRecords(reader: Reader): TradeRecords {
  const markets = reader.list(TRADES_MAX, 66, readMarketRef);
  const trades = reader.list(TRADES_MAX, 57, (each): Trade => {
    const market = markets[each.u16()];
    if (market === undefined) throw new Refusal("NOT_CANONICAL", "a trade is of no market");
    const height = each.u32();
    const price = each.u16();
    const volume = each.u64();
    const timeMs = each.u64();
    const digest = each.fixed(32);
    return { height, market, price, volume, timeMs, digest, isFull: each.flag() };
  });
  const fills = reader.list(FILLS_MAX, OWN_FILL_BYTES, readOwnFill);
  return { trades, fills };
}
