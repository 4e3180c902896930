import { parseArgs } from "node:util";
import { judgeMarket, judgeMarketCount, type Market } from "../api/marketApi.ts";
import { parseHex } from "../lib/hex.ts";
import { demand, insist, judge, Refusal, type Verdict } from "../lib/verdict.ts";
import type { Question } from "../market/outcomes.ts";

/** The flags that open markets: those after a `--market` belong to it, until the next one. */
export const MARKET_OPTIONS = {
  market: { type: "string", multiple: true },
  oracle: { type: "string", multiple: true },
  outcomes: { type: "string", multiple: true },
  tick: { type: "string", multiple: true },
  lot: { type: "string", multiple: true },
  "deposit-bps": { type: "string", multiple: true },
  "yes-bps": { type: "string", multiple: true },
} as const;

/** One flag as it stands on the command line. */
export type FlagToken = { readonly name: string; readonly value: string };

type ParsedToken = {
  readonly kind: string;
  readonly name?: string;
  readonly value?: string | undefined;
};

/** The flags with their values, in the order in which `parseArgs` met them. */
export function listFlags(tokens: readonly ParsedToken[]): FlagToken[] {
  return tokens.flatMap(({ kind, name, value }) =>
    kind === "option" && name !== undefined && value !== undefined ? [{ name, value }] : [],
  );
}

/** Read markets where nothing else is said: at least one. */
export function parseMarketFlags(args: readonly string[]): Verdict<Market[]> {
  return judge(() => {
    let tokens: readonly ParsedToken[];
    try {
      ({ tokens } = parseArgs({ args: [...args], options: MARKET_OPTIONS, tokens: true }));
    } catch (error) {
      throw new Refusal("BAD_FLAG", error instanceof Error ? error.message : "unreadable flags");
    }
    const markets = readMarketFlags(listFlags(tokens));
    demand(markets.length > 0, "BAD_FLAG", "expected --market");
    return markets;
  });
}

/** A price step of 1 %, and lots that pay 0.001 VEO. */
const TICK = "10";
const LOT = "100000";

/**
 * Read the markets off a command line. One oracle asks a binary question; several, with commas between, a categorical
 * one, which needs a word for each. Throws a `Refusal` that names the flag at fault.
 */
export function readMarketFlags(tokens: readonly FlagToken[]): Market[] {
  const groups: Map<string, string>[] = [];
  for (const { name, value } of tokens) {
    if (!Object.hasOwn(MARKET_OPTIONS, name)) continue;
    if (name === "market") groups.push(new Map());
    const group = groups.at(-1);
    demand(group !== undefined, "BAD_FLAG", `expected --market before --${name}`);
    demand(!group.has(name), "BAD_FLAG", `--${name} is given twice for one market`);
    group.set(name, value);
  }
  const markets = groups.map(readMarket);
  insist(judgeMarketCount(markets));
  return markets;
}

function readMarket(flags: ReadonlyMap<string, string>): Market {
  const question = flags.get("market") ?? "";
  const ask = readQuestion(flags.get("oracle"));
  const words = flags.get("outcomes")?.split(",") ?? ["yes"];
  const atOnce = flags.get("yes-bps");
  const market = {
    question,
    ask,
    outcomes: words.map((word) => word.trim()),
    depositBps: Number(digits(flags.get("deposit-bps") ?? "0", "--deposit-bps")),
    tick: Number(digits(flags.get("tick") ?? TICK, "--tick")),
    lot: digits(flags.get("lot") ?? LOT, "--lot"),
    yesBps: atOnce === undefined ? undefined : Number(digits(atOnce, "--yes-bps")),
  };
  const judged = judgeMarket(market);
  demand(judged.ok, "BAD_FLAG", `--market ${question}: ${judged.ok ? "" : judged.message}`);
  return market;
}

function readQuestion(flag: string | undefined): Question {
  demand(flag !== undefined, "BAD_FLAG", "expected --oracle with each --market");
  const oracles = flag.split(",").map((id) => {
    const isId = /^[0-9a-f]{64}$/.test(id);
    demand(isId, "BAD_FLAG", `expected --oracle as 64 letters of lower-case hex, got ${id}`);
    return parseHex(id);
  });
  const [oracle] = oracles;
  return oracles.length === 1 && oracle !== undefined
    ? { kind: "binary", oracle }
    : { kind: "categorical", oracles };
}

function digits(text: string, what: string): bigint {
  demand(/^[0-9]{1,16}$/.test(text), "BAD_FLAG", `expected ${what} as a number, got ${text}`);
  return BigInt(text);
}
