/**
 * What the page is told of the trade in a chain, and what it asks for: plain data like all of `walletApi.ts`. Prices are
 * thousandths of a unit; those of a book are prices of `yes`, those of an order prices of its own side.
 */

/** Lots at one price, and all lots at that price or a better one. */
export type LevelView = { readonly price: number; readonly lots: bigint; readonly total: bigint };

/** One cleared batch of a book. `volume`: satoshi, as positions pay. */
export type TradeView = {
  readonly height: number;
  readonly price: number;
  readonly volume: bigint;
  readonly timeMs: number;
};

/**
 * Whether a batch is what its orders make it, cleared anew by this wallet.
 *
 * - `checked`: the block has exactly the matches that follow from the published orders. - `different`: it has not; how, in words.
 * - `unpublished`: nobody shows the orders.
 */
export type AuditView =
  | { readonly kind: "checked"; readonly height: number; readonly orders: number }
  | { readonly kind: "different"; readonly height: number; readonly words: string }
  | { readonly kind: "unpublished"; readonly height: number };

/** The orders on one outcome of a question. `id` is hex of the hash of the outcome's win condition. */
export type BookView = {
  readonly id: string;
  readonly chainId: string;
  readonly question: string;
  /** A word for the outcome that `yes` is about. */
  readonly outcome: string;
  /** Thousandths of a price step, and satoshi of a lot. */
  readonly tick: number;
  readonly lot: bigint;
  /** Which side is right by what the oracles say; `bad` where that cannot be told. */
  readonly answer: "open" | "yes" | "no" | "bad";
  /** Why no order is taken now, in a sentence; undefined while orders are taken. */
  readonly closed: string | undefined;
  /** As the operator says: best first. */
  readonly bids: readonly LevelView[];
  readonly asks: readonly LevelView[];
  /** Read from checked blocks, the newest last. */
  readonly trades: readonly TradeView[];
  /** Block of the next batch, and when it is made at the latest; `atMs` is undefined while nothing waits for one. */
  readonly nextHeight: number;
  readonly nextAtMs: number | undefined;
  /** When the operator's feed last said anything; undefined while it is cut. */
  readonly heardAtMs: number | undefined;
  /** The newest batch in which something differs, or else the newest that this wallet has looked into; undefined before the first. */
  readonly audit: AuditView | undefined;
};

/**
 * Where an order is.
 *
 * - `resting`: it waits in this wallet for the next block to be signed for. - `sent`: signed, not yet acknowledged.
 * - `overtaken`: the block that it was signed for is made without it; it is signed again for the next one.
 * - `inBatch`: acknowledged for the block of `height`. - `unfilled`, `partly`: a batch has gone by without it, or with a part of
 *   it; it is signed again while it rests. - `refused`: by the operator, for one block, while it is open; else for good.
 */
export type OrderStateView =
  | { readonly kind: "resting"; readonly waitsFor: string }
  | { readonly kind: "sent" | "overtaken" }
  | { readonly kind: "inBatch"; readonly height: number }
  | { readonly kind: "unfilled"; readonly height: number; readonly why: string }
  | { readonly kind: "partly"; readonly height: number; readonly why: string }
  | { readonly kind: "filled"; readonly height: number }
  | { readonly kind: "expired" }
  | { readonly kind: "cancelled" }
  | { readonly kind: "refused"; readonly why: string };

/**
 * An order of this wallet's.
 *
 * - `missed`: why the newest batch that it was in left some (`isPart`) or all of it; undefined where there was none, or it left nothing.
 *   It may be in the next batch already (`state`). - `atRisk`: satoshi of contracts that what is signed of it may use up.
 */
export type OrderView = {
  readonly id: string;
  readonly chainId: string;
  readonly bookId: string;
  readonly side: "buyYes" | "buyNo" | "sellYes" | "sellNo";
  /** Price of its own side. */
  readonly limit: number;
  readonly quantity: bigint;
  readonly filled: bigint;
  /** Mean price of its own side over what is filled; undefined before the first fill. */
  readonly price: number | undefined;
  /** Satoshi that it has paid (bought) or got (sold), and how much better that is than its limit. */
  readonly paid: bigint;
  readonly improvement: bigint;
  readonly madeAtMs: number;
  readonly goodUntilMs: number;
  readonly isOpen: boolean;
  readonly state: OrderStateView;
  readonly missed:
    | { readonly height: number; readonly why: string; readonly isPart: boolean }
    | undefined;
  readonly atRisk: bigint;
};

/**
 * What this wallet holds of one side of a book: contracts that pay `quantity` together if the side is right. Satoshi.
 *
 * - `contractIds`: hex, in the order of their making. - `backIfBad`: what they give back where the question is bad.
 * - `cost`: what was given for them; undefined where this wallet does not know. - `chance`: that the side is right, in thousandths,
 *   by the newest price or the result; undefined before both.
 */
export type PositionView = {
  readonly chainId: string;
  readonly bookId: string;
  readonly side: "yes" | "no";
  readonly contractIds: readonly string[];
  readonly quantity: bigint;
  readonly backIfBad: bigint;
  readonly cost: bigint | undefined;
  readonly chance: number | undefined;
  readonly outcome: "open" | "right" | "wrong" | "bad";
};

/** What the page asks for: an order is signed anew for each block as long as it rests and this wallet is open. */
export type NewOrder = {
  readonly chainId: string;
  readonly bookId: string;
  readonly side: OrderView["side"];
  readonly limit: number;
  readonly quantity: bigint;
  readonly goodUntilMs: number;
  /** To sell: hex ids of the contracts of the position. */
  readonly contractIds: readonly string[];
};
