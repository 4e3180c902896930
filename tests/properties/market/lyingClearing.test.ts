import { afterEach, describe, expect, it, vi } from "vitest";
import type * as ApplyTransactions from "../../../src/blocks/applyTransactions.ts";
import type * as JudgeMatches from "../../../src/blocks/judgeMatch.ts";
import { accept } from "../../../src/lib/verdict.ts";
import type * as JudgeFills from "../../../src/market/judgeFill.ts";
import type { Fill } from "../../../src/protocol/match.ts";
import type { OrderTerms } from "../../../src/protocol/order.ts";
import type * as Rules from "../../../src/protocol/rules.ts";
import { replace, restoreAll } from "../settlement/plantBug.ts";
import { type Counters, tryLies } from "./lyingClearing.ts";

const DAYS = 200;

/** What must have been told and refused, or the green result says nothing. */
const LIES = [
  "another price",
  "two prices",
  "more than was wanted",
  "another price in words alone",
  "no refunds",
  "cash to somebody else",
  "a position to somebody else",
  "half a match",
  "an order twice",
  "a match twice",
  "orders of the block before",
  "an order that nobody signed",
  "a late block",
];

/** Fills are judged by other terms than their signers signed. */
const readTermsAs = (change: (terms: OrderTerms) => Partial<OrderTerms>) => () =>
  replace<typeof JudgeFills>("market/judgeFill.ts", ({ judgeFill }) => ({
    judgeFill: (fill, price) =>
      judgeFill({ ...fill, terms: { ...fill.terms, ...change(fill.terms) } }, price),
  }));

/** These rules of a fill are not looked at. */
const forget =
  (...codes: readonly string[]) =>
  () =>
    replace<typeof JudgeFills>("market/judgeFill.ts", ({ judgeFill }) => ({
      judgeFill(fill: Fill, price: number) {
        const judged = judgeFill(fill, price);
        return judged.ok || !codes.includes(judged.code) ? judged : accept(fill.terms.contracts);
      },
    }));

const BUGS: Record<string, () => void> = {
  "the limit is not looked at": readTermsAs(({ side }) => ({
    limit: side.startsWith("buy") ? 999 : 1,
  })),
  "an order is filled beyond its quantity": readTermsAs(({ side, quantity }) =>
    side.startsWith("buy") ? { quantity: 2n * quantity } : {},
  ),
  "what a bad question gives back is not looked at": readTermsAs(() => ({ refundLeast: 0 })),
  "a position is not measured": forget("WRONG_POSITION", "REFUND_TOO_LOW"),
  "cash is not measured": forget("WRONG_REST", "WRONG_PROCEEDS"),
  // Each match is judged by itself, as if it were alone in its block.
  "one batch has two prices": () =>
    replace<typeof ApplyTransactions>("blocks/applyTransactions.ts", ({ applyTransactions }) => ({
      applyTransactions(before, transactions, context) {
        let all = applyTransactions(before, [], context);
        for (const each of transactions) {
          if (!all.ok) break;
          const { made, closed } = all.value;
          const next = applyTransactions(all.value, [each], context);
          all = next.ok
            ? {
                ok: true,
                value: {
                  ...next.value,
                  made: [...made, ...next.value.made],
                  closed: [...closed, ...next.value.closed],
                },
              }
            : next;
        }
        return all;
      },
    })),
  "an order is good at any height": () =>
    replace<typeof JudgeMatches>("blocks/judgeMatch.ts", ({ judgeMatch }) => ({
      judgeMatch: (match, standing, context) =>
        judgeMatch(match, standing, { ...context, height: 0 }),
    })),
  "nobody needs to have signed": () =>
    replace<typeof Rules>("protocol/rules.ts", () => ({ isSignedBy: () => true })),
};

/** What the first day that betrays a bug says of it; the days are loaded anew, so that they use what is planted. */
async function findFirstWrong(plant: () => void): Promise<string | undefined> {
  vi.resetModules();
  plant();
  const play = await import("./lyingClearing.ts");
  for (let day = 1; day <= DAYS; day++) {
    const wrong = play.tryLies(day, new Map());
    if (wrong !== undefined) return `day ${day}: ${wrong}`;
  }
  return undefined;
}

describe("a trader who goes offline after signing", () => {
  it(`has what he had or what he asked for, whatever the operator makes of it, on ${DAYS} days`, () => {
    const counters: Counters = new Map();
    for (let day = 1; day <= DAYS; day++)
      expect(tryLies(day, counters), `day ${day}`).toBeUndefined();
    for (const lie of LIES) expect(counters.get(lie) ?? 0, lie).toBeGreaterThan(0);
    expect(counters.get("held") ?? 0).toBeGreaterThan(0);
  });
});

describe("planted bugs", () => {
  afterEach(restoreAll);

  it.each(Object.entries(BUGS))("catches it when %s", async (_, plant) => {
    expect(await findFirstWrong(plant)).toMatch(/^day \d+: /);
  });
});
