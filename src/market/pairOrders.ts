import { FILL_PIECES_MAX, MATCH_FILLS_MAX, PRICE_PARTS } from "../protocol/limits.ts";
import type { Piece, PieceKind } from "../protocol/order.ts";
import type { Buyer } from "./assignSales.ts";
import type { BatchOrder } from "./batchOrder.ts";
import { costOf, isOfYes, ownPrice } from "./piece.ts";

/** An order as a pairing fills it: satoshi, and the pieces of space that its signer gets. */
export type PairedFill = {
  readonly order: BatchOrder;
  readonly quantity: bigint;
  readonly pieces: readonly Piece[];
};

/** Orders that trade with one another and with nobody else: they become one match. */
export type Pairing = readonly PairedFill[];

/**
 * Settle who trades with whom. Both sides stand in a row, larger first; the first of each trade with one another
 * until one of them has all, then the next steps forward. A pairing is closed where both have all, and where it has
 * no room for the next: who has only a part then, keeps that part.
 */
export function pairBuyers(buyers: readonly Buyer[], price: number, lot: bigint): Pairing[] {
  const open = buyers.map((buyer) => new OpenBuyer(buyer, price, lot)).sort(compareOpen);
  const yesRow = open.filter(({ isYes }) => isYes);
  const noRow = open.filter(({ isYes }) => !isYes);
  const pairings: Pairing[] = [];
  let members: OpenBuyer[] = [];
  let fillCount = 0;
  let yesAt = 0;
  let noAt = 0;
  const join = (buyer: OpenBuyer) => {
    if (buyer.isMember) return;
    buyer.isMember = true;
    members.push(buyer);
    fillCount += buyer.fillCount;
  };
  const close = () => {
    if (members.length > 0) pairings.push(members.flatMap((member) => member.finish()));
    members = [];
    fillCount = 0;
    while (yesRow[yesAt]?.isMember) yesAt += 1;
    while (noRow[noAt]?.isMember) noAt += 1;
  };
  for (;;) {
    const yes = yesRow[yesAt];
    const no = noRow[noAt];
    if (yes === undefined || no === undefined) break;
    if (yes.left === 0n || no.left === 0n) {
      // Whoever only takes over positions of others trades in a pairing of his own, below.
      const isEven = yes.left === no.left;
      if (yes.left === 0n) yesAt += 1;
      if (no.left === 0n) noAt += 1;
      if (isEven) close();
      continue;
    }
    const joining = (yes.isMember ? 0 : yes.fillCount) + (no.isMember ? 0 : no.fillCount);
    if (fillCount + joining > MATCH_FILLS_MAX || !hasRoom(yes, no, price, lot)) {
      // With nobody else in it the two cannot trade at all: the one of more contracts steps back.
      if (members.length > 0) close();
      else if (yes.contractCount >= no.contractCount) yesAt += 1;
      else noAt += 1;
      continue;
    }
    join(yes);
    join(no);
    trade(yes, no, price, lot);
  }
  close();
  for (const each of open) {
    if (!each.isMember && each.fillCount > 1) pairings.push(each.finish());
  }
  return pairings;
}

function compareOpen(a: OpenBuyer, b: OpenBuyer): number {
  if (a.left !== b.left) return a.left > b.left ? -1 : 1;
  return a.hashRank - b.hashRank;
}

function hasRoom(yes: OpenBuyer, no: OpenBuyer, price: number, lot: bigint): boolean {
  // Each range that is used ends where a contract does, but for the last.
  const most = yes.contractCount + no.contractCount;
  if (yes.hasRoomFor(most) && no.hasRoomFor(most)) return true;
  const lots = yes.left < no.left ? yes.left : no.left;
  const ranges =
    yes.cash.peek(costOf(lots * lot, price)).length +
    no.cash.peek(costOf(lots * lot, PRICE_PARTS - price)).length;
  return yes.hasRoomFor(ranges) && no.hasRoomFor(ranges);
}

/** Both bring their stakes, and each range is branched where it stands. */
function trade(yes: OpenBuyer, no: OpenBuyer, price: number, lot: bigint): void {
  const lots = yes.left < no.left ? yes.left : no.left;
  const ofYes = yes.cash.take(costOf(lots * lot, price));
  const ofNo = no.cash.take(costOf(lots * lot, PRICE_PARTS - price));
  yes.get(lots, ofYes, "refund");
  yes.get(0n, ofNo, "win");
  no.get(lots, ofNo, "refund");
  no.get(0n, ofYes, "win");
}

function as(kind: PieceKind, ranges: readonly Range[]): Piece[] {
  return ranges.map(({ lo, hi }) => ({ lo, hi, kind }));
}

type Range = { readonly lo: bigint; readonly hi: bigint };

/** Cash that is used up from the first contract's low end. */
class Cash {
  readonly #contracts: readonly Piece[];
  #index = 0;
  #used = 0n;

  constructor(contracts: readonly Piece[]) {
    this.#contracts = contracts;
  }

  /** The ranges that the next `width` satoshi are made of. */
  peek(width: bigint): Range[] {
    return this.#walk(width).ranges;
  }

  take(width: bigint): Range[] {
    const { ranges, index, used } = this.#walk(width);
    this.#index = index;
    this.#used = used;
    return ranges;
  }

  /** What is left of a contract that was used in part. */
  rest(): Range | undefined {
    const contract = this.#contracts[this.#index];
    if (contract === undefined || this.#used === 0n) return undefined;
    return { lo: contract.lo + this.#used, hi: contract.hi };
  }

  #walk(width: bigint): { ranges: Range[]; index: number; used: bigint } {
    const ranges: Range[] = [];
    let index = this.#index;
    let used = this.#used;
    let open = width;
    while (open > 0n) {
      const contract = this.#contracts[index];
      if (contract === undefined) break;
      const lo = contract.lo + used;
      const hi = contract.hi - lo < open ? contract.hi : lo + open;
      ranges.push({ lo, hi });
      open -= hi - lo;
      used = hi === contract.hi ? 0n : hi - contract.lo;
      if (hi === contract.hi) index += 1;
    }
    return { ranges, index, used };
  }
}

/** A buyer while it is settled whom he trades with. */
class OpenBuyer {
  readonly order: BatchOrder;
  readonly hashRank: number;
  readonly isYes: boolean;
  readonly cash: Cash;
  readonly fillCount: number;
  /** Lots that he may still get from the other side. */
  left: bigint;
  /** He trades in a pairing: he can be in no other. */
  isMember = false;
  readonly #sellers: readonly PairedFill[];
  readonly #pieces: Piece[] = [];
  readonly #lot: bigint;
  #lots = 0n;

  constructor({ row: { order, hashRank }, lots, sales }: Buyer, price: number, lot: bigint) {
    this.order = order;
    this.hashRank = hashRank;
    this.isYes = isOfYes(order.terms.side);
    this.cash = new Cash(order.terms.contracts);
    this.fillCount = 1 + sales.length;
    this.left = lots;
    this.#lot = lot;
    this.#sellers = sales.map((sale) => {
      const { quantity, contracts } = sale.order.terms;
      const ranges = this.cash.take(costOf(quantity, ownPrice(order.terms.side, price)));
      this.#pieces.push(...contracts);
      this.get(sale.lots, [], "win");
      return { order: sale.order, quantity, pieces: as("cash", ranges) };
    });
  }

  get contractCount(): number {
    return this.order.terms.contracts.length;
  }

  /** Whether so many more pieces fit beside the rest. */
  hasRoomFor(pieces: number): boolean {
    return this.#pieces.length + pieces < FILL_PIECES_MAX;
  }

  get(lots: bigint, ranges: readonly Range[], kind: PieceKind): void {
    for (const { lo, hi } of ranges) this.#pieces.push({ lo, hi, kind });
    this.#lots += lots;
    this.left -= lots;
  }

  finish(): PairedFill[] {
    const rest = this.cash.rest();
    const pieces = [...this.#pieces, ...as("cash", rest === undefined ? [] : [rest])];
    return [{ order: this.order, quantity: this.#lots * this.#lot, pieces }, ...this.#sellers];
  }
}
