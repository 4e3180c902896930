import type {
  BlockEffects,
  ChainFacts,
  LeafChange,
} from "../../../src/blocks/applyTransactions.ts";
import type { BlockTransaction } from "../../../src/blocks/transaction.ts";
import { equalBytes } from "../../../src/lib/bytes.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { type BatchBounds, hashOrder, type SignedOrder } from "../../../src/market/batch.ts";
import type { BatchRules } from "../../../src/market/batchOrder.ts";
import { clearMatches } from "../../../src/market/clearMatches.ts";
import {
  createMarketRef,
  createOutcomeConditions,
  type OutcomeConditions,
} from "../../../src/market/outcomes.ts";
import type { Match } from "../../../src/protocol/match.ts";
import {
  encodeOrder,
  type MarketRef,
  type OrderSide,
  type OrderTerms,
  type Piece,
} from "../../../src/protocol/order.ts";
import { CHAIN, ChainLab, hashName, type Person, sign } from "../blocks/chainLab.ts";

const QUESTION = { kind: "binary", oracle: hashName("game") } as const;
const RULES: BatchRules = { tick: 10, lot: 1_000n };

/** An order in words: what is not said follows from the rest. */
export type Wish = {
  readonly who: Person;
  readonly side: OrderSide;
  readonly limit: number;
  readonly quantity: bigint;
} & Partial<OrderTerms>;

/** A chain with one market, in which everybody's orders are cleared as an operator clears them. */
export class TradeLab extends ChainLab {
  readonly conditions: OutcomeConditions = createOutcomeConditions(QUESTION, 0);
  readonly market: MarketRef = createMarketRef(this.conditions, 0);
  readonly rules = RULES;
  readonly #held = new Map<string, LeafChange>();

  constructor(facts: ChainFacts = { ...CHAIN, hi: 1n << 40n }) {
    super(facts);
  }

  override take(...args: Parameters<ChainLab["take"]>): BlockEffects {
    const effects = super.take(...args);
    for (const { leaf } of [...effects.closed, ...effects.swept])
      this.#held.delete(formatHex(leaf.id));
    for (const change of effects.made) this.#held.set(formatHex(change.leaf.id), change);
    return effects;
  }

  /** What somebody holds: cash, or the pieces of one side. */
  held(who: Person, what: "cash" | "yes" | "no"): Piece[] {
    const { refund } = this.market;
    return [...this.#held.values()].flatMap(({ leaf, place: { lo, hi, conditions } }): Piece[] => {
      if (!equalBytes(leaf.owner, who.publicKey)) return [];
      const [only] = conditions;
      if (only === undefined) return what === "cash" ? [{ lo, hi, kind: "cash" }] : [];
      if (what === "cash" || only.side !== (what === "yes")) return [];
      const isRefund = equalBytes(only.hash, refund) === only.side;
      return [{ lo, hi, kind: isRefund ? "refund" : "win" }];
    });
  }

  /** What orders are bound to: all that stands is recorded. */
  get bounds(): BatchBounds {
    return { seenBlock: this.tip.hash, recorded: this.tip.height };
  }

  /** An order on the block before, with all that its signer has for it unless told otherwise. */
  order({ who, side, limit, quantity, ...rest }: Wish): SignedOrder {
    const isYes = side.endsWith("Yes");
    const isBuy = side.startsWith("buy");
    const terms: OrderTerms = {
      heightMax: 50,
      side,
      limit,
      quantity,
      refundLeast: isBuy ? limit : 0,
      contracts: this.held(who, isBuy ? "cash" : isYes ? "yes" : "no"),
      ...rest,
    };
    const order = { ...this.bounds, market: this.market, terms };
    return { order, signature: sign(who, "signOrder", encodeOrder(order)) };
  }

  /** The matches that an operator makes of wishes. */
  match(wishes: readonly Wish[]): readonly Match[] {
    const signed = wishes.map((wish) => ({ signed: this.order(wish), owner: wish.who.publicKey }));
    return this.clear(signed);
  }

  clear(
    orders: readonly { readonly signed: SignedOrder; readonly owner: Uint8Array }[],
  ): readonly Match[] {
    const named = orders.map((each) => ({ ...each, hash: hashOrder(each.signed.order) }));
    return clearMatches(named, this.market, this.rules, this.bounds).matches;
  }

  /** Make the block of these matches, and of whatever else. */
  trade(matches: readonly Match[], others: readonly BlockTransaction[] = []): BlockEffects {
    const { refund, win } = this.conditions;
    const transactions = matches.map((match) => ({ kind: "match", match }) as const);
    return this.take([...others, ...transactions], { conditions: [refund, win] });
  }
}
