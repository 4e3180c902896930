import type { QuotePolicy } from "../../src/agents/quotes.ts";
import { equalBytes } from "../../src/lib/bytes.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { volumeOf } from "../../src/market/batch.ts";
import type { BatchRules } from "../../src/market/batchOrder.ts";
import { widthOf } from "../../src/market/piece.ts";
import { createTrader, MarketLab, type Result } from "../../tests/properties/market/marketLab.ts";
import { SeededRandom } from "../../tests/reference/seededRandom.ts";
import { chooseTerms, type Holdings, type Position, takeFill } from "./crowd.ts";
import { dealerTerms } from "./dealer.ts";

/**
 * A day of trade in one binary market.
 *
 * - `capital`: satoshi that the operator deals with himself; 0 for one who only runs the market. - `orders`: how many the
 *   crowd hands in for each batch. - `wealth`: satoshi of each trader.
 */
export type DayPlan = {
  readonly seed: number;
  readonly batches: number;
  readonly traders: number;
  readonly orders: number;
  readonly wealth: bigint;
  readonly capital: bigint;
};

/**
 * How a day went. Amounts in satoshi.
 *
 * - `traded`: what changed hands, as positions pay. - `dealt`: of that, what the operator took one side of.
 * - `wanted`: what the crowd's orders asked for; `filled`: what they got. - `held`: the most of his capital that was in
 *   positions at once. - `worst`: what he has gained by the answer that is worst for him; below nothing if he has lost.
 * - `owned`: what everybody has together for each answer of the oracle; it does not change by trade.
 */
export type DayFigures = {
  readonly traded: bigint;
  readonly dealt: bigint;
  readonly wanted: bigint;
  readonly filled: bigint;
  readonly held: bigint;
  readonly worst: bigint;
  readonly blocks: number;
  readonly owned: Readonly<Record<Result, bigint>>;
};

const RULES: BatchRules = { tick: 10, lot: 1_000n };
const POLICY: Omit<QuotePolicy, "size"> = {
  levels: 1,
  halfSpread: 10,
  skew: 15,
  lossMax: 1n << 60n,
};
/** Contracts that the operator's capital comes in. */
const PARTS = 32n;
/** Thousandths that what is publicly believed moves with each batch, up or down. */
const NEWS = 6;
const DOUBT = 150;

/** Trade for a day: every batch is cleared, laid out in matches, and applied as a block of the chain by the rules that wallets check. */
export function tradeDay({ seed, batches, traders, orders, wealth, capital }: DayPlan): DayFigures {
  const random = new SeededRandom(seed);
  const lab = new MarketLab(RULES);
  const operator = createTrader("operator");
  const crowd = Array.from({ length: traders }, (_, index) => createTrader(index));
  const parts = capital === 0n ? 0 : Number(PARTS);
  lab.giveCash([
    ...crowd.map((owner) => ({ owner, width: wealth })),
    ...Array.from({ length: parts }, () => ({ owner: operator, width: capital / PARTS })),
  ]);
  const positions = new Map<string, readonly Position[]>();
  const holdingsOf = (owner: Uint8Array): Holdings => ({
    cash: lab.cashOf(owner),
    positions: positions.get(formatHex(owner)) ?? [],
  });
  const policy = { ...POLICY, size: least(capital / 4n, wealth / 2n) };
  let [traded, dealt, wanted, filled, held, blocks] = [0n, 0n, 0n, 0n, 0n, 0];
  let [believed, last] = [500, 500];
  for (let batch = 0; batch < batches; batch++) {
    believed += random.below(2) === 0 ? NEWS : -NEWS;
    believed = Math.min(1_000 - DOUBT, Math.max(DOUBT, believed));
    const active = pickSome(crowd, orders, random);
    const asked = active.flatMap((owner) => {
      const terms = chooseTerms(holdingsOf(owner), { believed, last, rules: RULES }, random);
      return terms === undefined ? [] : [{ owner, signed: lab.sign(terms, owner) }];
    });
    const quoted = (
      capital === 0n ? [] : dealerTerms(holdingsOf(operator), { last, rules: RULES, policy })
    ).map((terms) => ({ owner: operator, signed: lab.sign(terms, operator) }));
    const ownerOf = new Map(
      [...asked, ...quoted].map(({ owner, signed }) => [formatHex(signed.signature), owner]),
    );
    wanted += asked.reduce((sum, { signed }) => sum + signed.order.terms.quantity, 0n);
    const { cleared, matches } = lab.clear([...asked, ...quoted]);
    if (cleared === undefined) continue;
    lab.apply(matches.map((match) => ({ kind: "match", match })));
    blocks += 1;
    last = cleared.price;
    traded += volumeOf(matches);
    for (const fill of matches.flatMap(({ fills }) => fills)) {
      const owner = ownerOf.get(formatHex(fill.signature)) as Uint8Array;
      const key = formatHex(owner);
      positions.set(key, takeFill(positions.get(key) ?? [], fill));
      if (equalBytes(owner, operator)) dealt += fill.quantity;
      else filled += fill.quantity;
    }
    const bound = capital - widthOf(lab.cashOf(operator));
    if (bound > held) held = bound;
  }
  let worst: bigint | undefined;
  const owned = { true: 0n, false: 0n, bad: 0n };
  for (const result of ["true", "false", "bad"] as const) {
    const paid = lab.payouts(result);
    for (const width of paid.values()) owned[result] += width;
    const gained = (paid.get(formatHex(operator)) ?? 0n) - capital;
    worst = worst === undefined || gained < worst ? gained : worst;
  }
  return { traded, dealt, worst: worst ?? 0n, wanted, filled, held, blocks, owned };
}

/** So many of a crowd, each at most once. */
function pickSome<One>(crowd: readonly One[], count: number, random: SeededRandom): One[] {
  const left = [...crowd];
  return Array.from({ length: Math.min(count, left.length) }, () =>
    left.splice(random.below(left.length), 1),
  ).flat();
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
