import type { FeedMessage } from "../api/marketApi.ts";
import type { TrackedChain } from "../client/chainTracker.ts";
import { listBooks, type OfferedBook } from "../client/orders/offeredBooks.ts";
import type { Wallet } from "../client/wallet.ts";
import { formatHex } from "../lib/hex.ts";
import { pieceAt } from "../market/piece.ts";
import { ORDER_CONTRACTS_MAX } from "../protocol/limits.ts";
import type { Chance } from "./chance.ts";
import { buyStock, listOwn, type Stock } from "./ownSpace.ts";
import { settleChain } from "./settleChain.ts";
import { chooseOrder, type TakerPolicy, type TakerPosition } from "./takerOrder.ts";

/** A program that takes what others offer, by chance: an ordinary wallet, without privileges. */
export type Taker = {
  /** Hear what the operator says of his books: what is offered there is where it looks. Nothing else hangs on it. */
  hear(message: FeedMessage): void;
  /** Buy space while it has less than its stock, trade by chance, and claim what was won at the end. */
  work(): Promise<void>;
};

/** How long its orders rest: long enough for the next batch or two. */
const GOOD_FOR_MS = 5_000;

/** @param now - unix milliseconds. */
export function createTaker(
  wallet: Wallet,
  chainId: Uint8Array,
  chance: Chance,
  policy: TakerPolicy & { readonly stock: Stock; readonly until: number },
  now: () => number,
): Taker {
  const best = new Map<string, { bid: number | undefined; ask: number | undefined }>();
  let lastHeight = 0;

  return {
    hear(message) {
      if (message.kind !== "book") return;
      const { bids, asks } = message;
      best.set(formatHex(message.bookId), { bid: bids[0]?.price, ask: asks[0]?.price });
    },

    async work() {
      const chain = wallet.tracker.find(chainId);
      if (chain === undefined) return;
      if (chain.settlement !== undefined) return settleChain(wallet, chain, chain.settlement);
      const { height } = wallet.mainChain.tip().header;
      if (chain.book.breach !== undefined || height >= policy.until) return;
      await buyStock(wallet, chain, policy.stock);
      // Once for each main-chain block, however often it is woken.
      if (height === lastHeight) return;
      lastHeight = height;
      for (const book of listBooks(chain.followed.markets)) {
        const { bid, ask } = best.get(book.id) ?? { bid: undefined, ask: undefined };
        const view = { ...book.rules, bid, ask, positions: listPositions(chain, book) };
        const order = chooseOrder(chance, view, policy);
        if (order === undefined) continue;
        await wallet.placeOrder(chainId, book.id, { ...order, goodUntilMs: now() + GOOD_FOR_MS });
      }
    },
  };
}

/** What a wallet holds in a book, as it was filled: what one block made of one side, in whole lots. */
function listPositions(chain: TrackedChain, { ref, rules }: OfferedBook): TakerPosition[] {
  const positions = new Map<string, { isYes: boolean; contractIds: Uint8Array[]; width: bigint }>();
  for (const { leaf, place, madeIn } of listOwn(chain)) {
    const found = pieceAt(ref, place);
    if (found === undefined) continue;
    const key = `${madeIn} ${found.isYes}`;
    const position = positions.get(key) ?? { isYes: found.isYes, contractIds: [], width: 0n };
    position.contractIds.push(leaf.id);
    position.width += leaf.hi - leaf.lo;
    positions.set(key, position);
  }
  return [...positions.values()].filter(
    ({ contractIds, width }) =>
      width % rules.lot === 0n && contractIds.length <= ORDER_CONTRACTS_MAX,
  );
}
