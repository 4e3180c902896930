import {
  applyTransactions,
  type BlockContext,
  type ChainContent,
  type ChainFacts,
  type LeafChange,
} from "../../../src/blocks/applyTransactions.ts";
import { createPostMap } from "../../../src/blocks/postMap.ts";
import type { BlockTransaction } from "../../../src/blocks/transaction.ts";
import { concatBytes, equalBytes } from "../../../src/lib/bytes.ts";
import { sha256 } from "../../../src/lib/hash.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { encodeUtf8 } from "../../../src/lib/utf8.ts";
import { insist } from "../../../src/lib/verdict.ts";
import {
  type BatchBounds,
  hashOrder,
  judgeTerms,
  type SignedOrder,
} from "../../../src/market/batch.ts";
import type { BatchOrder, BatchRules } from "../../../src/market/batchOrder.ts";
import type { ClearedBatch } from "../../../src/market/clearBatch.ts";
import { clearMatches } from "../../../src/market/clearMatches.ts";
import { createMarketRef, createOutcomeConditions } from "../../../src/market/outcomes.ts";
import { costOf, isBuy, isOfYes } from "../../../src/market/piece.ts";
import type { ContractNew } from "../../../src/protocol/contractNew.ts";
import type { Match } from "../../../src/protocol/match.ts";
import { LOCAL_NETWORK } from "../../../src/protocol/network.ts";
import {
  encodeOrder,
  type OrderSide,
  type OrderTerms,
  type Piece,
} from "../../../src/protocol/order.ts";
import { createRules } from "../../../src/protocol/rules.ts";
import { TRUE_SCRIPT_HASH } from "../../../src/protocol/script.ts";
import { computeDigest } from "../../../src/protocol/signature.ts";
import { createTree } from "../../../src/space/tree.ts";
import type { SeededRandom } from "../../reference/seededRandom.ts";

/** A signature that only its key's owner makes here, as thousands of real ones would take minutes. */
function fakeSign(digest: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const half = sha256(concatBytes(digest, publicKey));
  return concatBytes(half, half, new Uint8Array(1));
}

const RULES = createRules(LOCAL_NETWORK, (signature, digest, key) =>
  equalBytes(signature, fakeSign(digest, key)),
);
const CHAIN: ChainFacts = {
  id: sha256(encodeUtf8("market")),
  operator: new Uint8Array(33).fill(2),
  lo: 0n,
  hi: 1n << 50n,
  expiry: 1_000,
};

const QUESTION = { kind: "binary", oracle: new Uint8Array(32).fill(7) } as const;
const CONDITIONS = createOutcomeConditions(QUESTION, 0);
const MARKET = createMarketRef(CONDITIONS, 0);

/** What an oracle may say in the end. */
export type Result = "true" | "false" | "bad";

export function createTrader(name: string | number): Uint8Array {
  return concatBytes(Uint8Array.of(2), sha256(encodeUtf8(`trader ${name}`)));
}

/** A chain on which batches are cleared and applied, and whoever holds what in it. */
export class MarketLab {
  content: ChainContent = {
    tree: createTree(CHAIN.lo, CHAIN.hi),
    posts: createPostMap(),
  };
  /** Hash of the block before; moves on with every batch. */
  seenBlock = sha256(encodeUtf8("first"));
  readonly live = new Map<string, LeafChange>();
  readonly rules: BatchRules;

  constructor(rules: BatchRules) {
    this.rules = rules;
  }

  get context(): BlockContext {
    return {
      rules: RULES,
      chain: CHAIN,
      height: 1,
      previousHash: this.seenBlock,
      mainHeight: 10,
      mainHeader: () => undefined,
    };
  }

  /** What orders are bound to: all that was ever made here is recorded. */
  get bounds(): BatchBounds {
    return { seenBlock: this.seenBlock, recorded: 1 };
  }

  /** Give cash to owners, side by side with gaps between. */
  giveCash(lots: readonly { readonly owner: Uint8Array; readonly width: bigint }[]): void {
    let lo = 1n;
    for (const { place } of this.live.values()) if (place.hi >= lo) lo = place.hi + 1n;
    const contracts = lots.map(({ owner, width }): ContractNew => {
      const place = { lo, hi: lo + width, conditions: [] };
      lo += width + 3n;
      return { place, owner, depositBps: 0, scriptHash: TRUE_SCRIPT_HASH };
    });
    this.apply(contracts.map((contract) => ({ kind: "contract-new", contract })));
  }

  /** What a block of these transactions does, whoever refuses it. */
  try(transactions: readonly BlockTransaction[], context = this.context) {
    return applyTransactions(this.content, transactions, context);
  }

  apply(transactions: readonly BlockTransaction[], context = this.context): void {
    const effects = insist(this.try(transactions, context));
    this.content = effects;
    for (const { leaf } of effects.closed) this.live.delete(formatHex(leaf.id));
    for (const change of effects.made) this.live.set(formatHex(change.leaf.id), change);
    this.seenBlock = sha256(this.seenBlock);
  }

  cashOf(owner: Uint8Array): Piece[] {
    return [...this.live.values()]
      .filter(({ leaf, place }) => place.conditions.length === 0 && equalBytes(leaf.owner, owner))
      .map(({ place: { lo, hi } }) => ({ lo, hi, kind: "cash" as const }));
  }

  /** The pieces of `yes` or `no` that somebody holds. */
  positionOf(owner: Uint8Array, isYes: boolean): Piece[] {
    return [...this.live.values()].flatMap(({ leaf, place: { lo, hi, conditions } }) => {
      const [only] = conditions;
      if (only === undefined || only.side !== isYes || !equalBytes(leaf.owner, owner)) return [];
      const kind = equalBytes(only.hash, MARKET.refund) === isYes ? "refund" : "win";
      return [{ lo, hi, kind } as const];
    });
  }

  sign(terms: OrderTerms, owner: Uint8Array): SignedOrder {
    const order = { ...this.bounds, market: MARKET, terms };
    const digest = computeDigest("signOrder", RULES.networkId, encodeOrder(order));
    insist(judgeTerms(terms, this.rules));
    return { order, signature: fakeSign(digest, owner) };
  }

  /** Clear signed orders, as the operator does. */
  clear(orders: readonly { readonly signed: SignedOrder; readonly owner: Uint8Array }[]): {
    cleared: ClearedBatch | undefined;
    matches: readonly Match[];
    batch: readonly BatchOrder[];
  } {
    const named = orders.map((each) => ({ ...each, hash: hashOrder(each.signed.order) }));
    const batch = named.map(({ hash, signed, owner }) => {
      return { hash, owner, terms: signed.order.terms };
    });
    return { ...clearMatches(named, MARKET, this.rules, this.bounds), batch };
  }

  /** Satoshi that each owner (hex) has in the end, where the oracle says `result`. */
  payouts(result: Result): Map<string, bigint> {
    const isTrue = { [formatHex(MARKET.win)]: result === "true" };
    isTrue[formatHex(MARKET.refund)] = result !== "false";
    const paid = new Map<string, bigint>();
    for (const { leaf, place } of this.live.values()) {
      const holds = place.conditions.every(({ hash, side }) => isTrue[formatHex(hash)] === side);
      if (!holds) continue;
      const key = formatHex(leaf.owner);
      paid.set(key, (paid.get(key) ?? 0n) + place.hi - place.lo);
    }
    return paid;
  }
}

/** A random order that its owner can cover, or none where he has nothing for it. */
export function randomTerms(
  lab: MarketLab,
  owner: Uint8Array,
  random: SeededRandom,
): OrderTerms | undefined {
  const { tick, lot } = lab.rules;
  const side = (["buyYes", "buyNo", "sellYes", "sellNo"] as OrderSide[])[
    random.below(4)
  ] as OrderSide;
  const steps = 1_000 / tick - 1;
  // Most limits are near the middle, so that many orders cross.
  const near = 1 + ((Math.floor(steps / 2) + random.below(5) + steps - 2) % steps);
  const limit = (random.below(4) === 0 ? 1 + random.below(steps) : near) * tick;
  const common = { heightMax: 20, side, limit, refundLeast: random.below(3) * 100 };
  if (!isBuy(side)) {
    const held = lab.positionOf(owner, isOfYes(side));
    const contracts = held.slice(0, 1 + random.below(4));
    const quantity = contracts.reduce((sum, { lo, hi }) => sum + hi - lo, 0n);
    if (quantity === 0n || quantity % lot !== 0n) return undefined;
    return { ...common, quantity, contracts };
  }
  const contracts = lab.cashOf(owner).slice(0, 1 + random.below(3));
  const width = contracts.reduce((sum, { lo, hi }) => sum + hi - lo, 0n);
  const most = (width * 1_000n) / BigInt(limit) / lot;
  if (most === 0n) return undefined;
  const quantity = (1n + (BigInt(random.below(1 << 30)) % most)) * lot;
  if (costOf(quantity, limit) > width) return undefined;
  return { ...common, quantity, contracts };
}
