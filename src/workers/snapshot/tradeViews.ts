import type { Wallet } from "../../client/wallet.ts";
import type { WalletSnapshot } from "../walletApi.ts";
import { describeBooks } from "./bookView.ts";
import { describeOrder } from "./orderView.ts";
import { describePositions } from "./positionView.ts";

/** What the page shows of trade; a page loads it once it follows a chain whose operator offers a question. */
export type TradeViews = Pick<WalletSnapshot, "books" | "orders" | "positions">;

export function describeTrade(wallet: Wallet): TradeViews {
  const chains = wallet.tracker.chains();
  return {
    books: chains.flatMap((chain) => describeBooks(wallet, chain)),
    orders: (wallet.orders()?.list() ?? []).map(describeOrder),
    positions: chains.flatMap((chain) => describePositions(wallet, chain)),
  };
}
