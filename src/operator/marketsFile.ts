import { readFile } from "node:fs/promises";
import type { Market } from "../api/marketApi.ts";
import { marketsForm } from "../api/marketsForm.ts";
import { refuse, type Verdict } from "../lib/verdict.ts";

/** Read the markets of a file: JSON, a list in the form in which an operator offers them. */
export async function readMarketsFile(path: string): Promise<Verdict<readonly Market[]>> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    const why = error instanceof Error ? error.message : "unreadable";
    return refuse("BAD_FLAG", `--markets ${path}: ${why}`);
  }
  const markets = marketsForm.read(json);
  return markets.ok ? markets : refuse("BAD_FLAG", `--markets ${path}: ${markets.message}`);
}
