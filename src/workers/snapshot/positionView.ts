import type { TrackedChain } from "../../client/chainTracker.ts";
import { findBookByCondition, type OfferedBook } from "../../client/orders/offeredBooks.ts";
import type { OwnLeaf } from "../../client/ownLeaves.ts";
import { isSameMarket } from "../../client/tradeRecords.ts";
import type { Wallet } from "../../client/wallet.ts";
import { formatHex } from "../../lib/hex.ts";
import { pieceAt, widthOf } from "../../market/piece.ts";
import { PRICE_PARTS } from "../../protocol/limits.ts";
import type { Piece } from "../../protocol/order.ts";
import type { PositionView } from "../marketViews.ts";
import { readBookAnswer } from "./bookAnswer.ts";
import { costOf } from "./contractView.ts";

type Held = { readonly own: OwnLeaf; readonly piece: Piece };

/** What the page shows of the positions that are held in a chain: one for each side of a book. */
export function describePositions(wallet: Wallet, chain: TrackedChain): PositionView[] {
  return groupBySide(chain).map(({ offered, side, held }) => {
    const pieces = held.map(({ piece }) => piece);
    const cost = held.reduce((sum, { own }) => sum + costOf(wallet, own), 0n);
    const outcome = readOutcome(chain, offered, side);
    return {
      chainId: formatHex(chain.followed.facts.id),
      bookId: offered.id,
      side,
      contractIds: held.map(({ own }) => formatHex(own.leaf.id)),
      quantity: widthOf(pieces),
      backIfBad: widthOf(pieces, "refund"),
      cost: cost === 0n ? undefined : cost,
      chance: chanceOf(chain, offered, side, outcome),
      outcome,
    };
  });
}

type SideOfBook = {
  readonly offered: OfferedBook;
  readonly side: "yes" | "no";
  readonly held: Held[];
};

function groupBySide({ book, followed }: TrackedChain): SideOfBook[] {
  const groups = new Map<string, SideOfBook>();
  for (const [id, own] of book.own) {
    const [condition] = own.place.conditions;
    const offered = condition && findBookByCondition(followed.markets, condition.hash);
    const found = offered && book.live.has(id) ? pieceAt(offered.ref, own.place) : undefined;
    if (offered === undefined || found === undefined) continue;
    const side = found.isYes ? "yes" : "no";
    const key = `${offered.id} ${side}`;
    const group = groups.get(key) ?? { offered, side, held: [] };
    group.held.push({ own, piece: found.piece });
    groups.set(key, group);
  }
  return [...groups.values()];
}

function readOutcome(
  chain: TrackedChain,
  offered: OfferedBook,
  side: "yes" | "no",
): PositionView["outcome"] {
  const answer = readBookAnswer(chain, offered);
  if (answer === "open" || answer === "bad") return answer;
  return (answer === offered.outcome) === (side === "yes") ? "right" : "wrong";
}

/** By the newest price, before which a counterparty's stands. */
function chanceOf(
  { book }: TrackedChain,
  { market, ref }: OfferedBook,
  side: "yes" | "no",
  outcome: PositionView["outcome"],
): number | undefined {
  if (outcome === "right") return PRICE_PARTS;
  if (outcome === "wrong") return 0;
  const trade = book.trades.findLast((each) => isSameMarket(each.market, ref));
  const offered = market.yesBps === undefined ? undefined : Math.round(market.yesBps / 10);
  const price = trade?.price ?? offered;
  return price === undefined || side === "yes" ? price : PRICE_PARTS - price;
}
