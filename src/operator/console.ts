import type { Market } from "../api/marketApi.ts";
import { formatHex } from "../lib/hex.ts";
import { refuse, type Verdict } from "../lib/verdict.ts";
import { listOracles } from "../market/outcomes.ts";
import { parseMarketFlags } from "./marketFlags.ts";
import type { Operator } from "./operator.ts";

const HELP = `open --market QUESTION --oracle ID[,ID...] [--outcomes WORD[,WORD...]] [--tick N] [--lot N] [--deposit-bps N] [--yes-bps N]
markets`;

/**
 * The operator's own console: a line is a command, and each is answered in words. Whoever can write to the process's input
 * is the operator.
 */
export async function runConsole(
  operator: Pick<Operator, "ask" | "state">,
  lines: AsyncIterable<string>,
  say: (words: string) => void,
): Promise<void> {
  for await (const line of lines) {
    const words = splitWords(line);
    if (!words.ok) {
      say(words.message);
      continue;
    }
    const [command, ...args] = words.value;
    if (command === "markets" && args.length === 0) {
      for (const market of operator.state.markets) say(describe(market));
    } else if (command === "open") {
      const markets = parseMarketFlags(args);
      if (!markets.ok) say(markets.message);
      else for (const market of markets.value) say(await open(operator, market));
    } else if (command !== undefined) {
      say(HELP);
    }
  }
}

async function open(operator: Pick<Operator, "ask">, market: Market): Promise<string> {
  const answer = await operator.ask({ kind: "market", market });
  return answer.ok ? `open: ${describe(market)}` : `${answer.code}: ${answer.message}`;
}

function describe({ question, ask, outcomes, tick, lot }: Market): string {
  const oracles = listOracles(ask).map(formatHex).join();
  return `${question} [${outcomes.join(", ")}] tick ${tick} lot ${lot} oracle ${oracles}`;
}

/** The words of a line; those with blanks stand in double or single quotes. */
function splitWords(line: string): Verdict<string[]> {
  const words: string[] = [];
  let rest = line.trim();
  while (rest !== "") {
    const found = /^(?:"([^"]*)"|'([^']*)'|([^\s"']+))(?:\s+|$)/.exec(rest);
    if (found === null) return refuse("BAD_LINE", "expected every quote to be closed");
    words.push(found[1] ?? found[2] ?? found[3] ?? "");
    rest = rest.slice(found[0].length);
  }
  return { ok: true, value: words };
}
