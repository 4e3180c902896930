import type { BookLevel } from "../../api/marketApi.ts";
import type { TrackedChain } from "../../client/chainTracker.ts";
import { whyStopped } from "../../client/obstacle.ts";
import { whyClosed } from "../../client/orders/closedBook.ts";
import { listBooks, type OfferedBook } from "../../client/orders/offeredBooks.ts";
import { isSameMarket, type Trade } from "../../client/tradeRecords.ts";
import type { Wallet } from "../../client/wallet.ts";
import { formatHex } from "../../lib/hex.ts";
import { listOracles } from "../../market/outcomes.ts";
import type { BookView, LevelView } from "../marketViews.ts";
import { readBookAnswer } from "./bookAnswer.ts";

/** What the page shows of the books of a chain: what traded from its checked blocks, the rest as its operator says. */
export function describeBooks(wallet: Wallet, chain: TrackedChain): BookView[] {
  const { followed, book } = chain;
  const { height } = wallet.mainChain.tip().header;
  const stopped = whyStopped(chain, wallet.tracker, wallet.mainChain);
  const feed = wallet.feeds.of(followed.url);
  // The block that was waited for may be here before the operator says what he collects for now.
  const next =
    feed.next !== undefined && feed.next.height > book.tip.height ? feed.next : undefined;
  const traded = groupTrades(book.trades);
  return listBooks(followed.markets).map((offered) => {
    const { id, market, outcome, ref } = offered;
    const levels = feed.books.get(id) ?? { bids: [], asks: [] };
    const why = stopped === undefined ? undefined : `Nothing is signed while ${stopped}.`;
    const trades = (traded.get(id) ?? []).filter((trade) => isSameMarket(trade.market, ref));
    return {
      id,
      chainId: formatHex(followed.facts.id),
      question: questionOf(chain, offered),
      outcome: market.outcomes[outcome] ?? "",
      tick: market.tick,
      lot: market.lot,
      answer: readAnswer(chain, offered),
      closed: whyClosed(chain, offered, height) ?? why,
      bids: addUp(levels.bids),
      asks: addUp(levels.asks),
      trades: trades.map(({ height: at, price, volume, timeMs }) => {
        return { height: at, price, volume, timeMs: Number(timeMs) };
      }),
      nextHeight: next?.height ?? book.tip.height + 1,
      nextAtMs: next?.atMs,
      heardAtMs: feed.heardAtMs,
      audit: wallet.audits()?.of(chain, id),
    };
  });
}

function readAnswer(chain: TrackedChain, offered: OfferedBook): BookView["answer"] {
  const answer = readBookAnswer(chain, offered);
  if (answer === "open" || answer === "bad") return answer;
  return answer === offered.outcome ? "yes" : "no";
}

/** By hex of the win condition. */
function groupTrades(trades: readonly Trade[]): ReadonlyMap<string, readonly Trade[]> {
  const groups = new Map<string, Trade[]>();
  for (const trade of trades) {
    const id = formatHex(trade.market.win);
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [trade]);
    else group.push(trade);
  }
  return groups;
}

/** The question as the main chain has it; one that several oracles answer has no other words than its operator's. */
function questionOf({ oracles }: TrackedChain, { market }: OfferedBook): string {
  const [oracle] = listOracles(market.ask);
  const record = oracle && oracles.get(formatHex(oracle));
  return market.ask.kind === "binary" && record !== undefined ? record.question : market.question;
}

function addUp(levels: readonly BookLevel[]): LevelView[] {
  let total = 0n;
  return levels.map(({ price, lots }) => {
    total += lots;
    return { price, lots, total };
  });
}
