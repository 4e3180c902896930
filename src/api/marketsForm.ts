import { formatHex } from "../lib/hex.ts";
import { insist, Refusal } from "../lib/verdict.ts";
import type { Question } from "../market/outcomes.ts";
import { DEPOSIT_BPS_MAX, FACTS_MAX, PRICE_PARTS } from "../protocol/limits.ts";
import {
  amount,
  bytes,
  fields,
  form,
  integer,
  type JsonForm,
  kindOf,
  list,
  text,
} from "./jsonForm.ts";
import { judgeMarket, judgeMarketCount, MARKETS_MAX, type Market } from "./marketApi.ts";

/** `yesBps` is null where no bet is taken at once. */
function writeMarket({ ask, ...market }: Market): unknown {
  return {
    ...market,
    ask:
      ask.kind === "binary"
        ? { kind: ask.kind, oracle: formatHex(ask.oracle) }
        : { kind: ask.kind, oracles: ask.oracles.map(formatHex) },
    lot: market.lot.toString(),
    yesBps: market.yesBps ?? null,
  };
}

function readMarket(json: unknown): Market {
  const names = ["question", "ask", "outcomes", "depositBps", "tick", "lot", "yesBps"];
  const all = fields(json, names, "market");
  const market = {
    question: text(all.question, "question"),
    ask: readAsk(all.ask),
    outcomes: list(all.outcomes, "outcomes", FACTS_MAX, (word) => text(word, "outcome")),
    depositBps: integer(all.depositBps, "depositBps", DEPOSIT_BPS_MAX),
    tick: integer(all.tick, "tick", PRICE_PARTS),
    lot: amount(all.lot, "lot"),
    yesBps: all.yesBps === null ? undefined : integer(all.yesBps, "yesBps", 10_000),
  };
  insist(judgeMarket(market));
  return market;
}

function readAsk(json: unknown): Question {
  const kind = kindOf(json);
  if (kind === "binary") {
    const all = fields(json, ["kind", "oracle"], "ask");
    return { kind, oracle: bytes(all.oracle, "oracle", 32) };
  }
  if (kind === "categorical") {
    const all = fields(json, ["kind", "oracles"], "ask");
    const read = (oracle: unknown) => bytes(oracle, "oracle", 32);
    return { kind, oracles: list(all.oracles, "oracles", FACTS_MAX, read) };
  }
  throw new Refusal("UNKNOWN_KIND", "expected a question of kind binary or categorical");
}

/** All that an operator offers. */
export const marketsForm: JsonForm<readonly Market[]> = form(
  (markets) => markets.map(writeMarket),
  (json) => {
    const markets = list(json, "markets", MARKETS_MAX, readMarket);
    insist(judgeMarketCount(markets));
    return markets;
  },
);
