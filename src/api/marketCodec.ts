import type { Reader, Writer } from "../lib/codec.ts";
import { decodeUtf8, encodeUtf8 } from "../lib/utf8.ts";
import { insist, Refusal } from "../lib/verdict.ts";
import { listOracles, type Question } from "../market/outcomes.ts";
import { FACTS_MAX } from "../protocol/limits.ts";
import { judgeMarket, type Market } from "./marketApi.ts";

/** Fewest bytes of an encoded market: one letter of a question, one oracle, one outcome's word. */
export const MARKET_BYTES_MIN = 5 + 1 + 2 + 32 + 2 + 5 + 2 + 2 + 8 + 1;

const WORDS_BYTES_MAX = 1_024;
const QUESTION_KINDS: readonly Question["kind"][] = ["binary", "categorical"];

/**
 * Encode a market, as a wallet and an operator keep it: question bytes, kind u8 (0 binary, 1 categorical), oracles, words of
 * the outcomes, depositBps u16, tick u16, lot u64, flag, [yesBps u16].
 */
export function writeMarket(writer: Writer, market: Market): void {
  const { ask, depositBps, tick, lot, yesBps } = market;
  writeWords(writer, market.question);
  writer.u8(QUESTION_KINDS.indexOf(ask.kind));
  writer.list(listOracles(ask), FACTS_MAX, (each, oracle) => each.fixed(oracle, 32));
  writer.list(market.outcomes, FACTS_MAX, writeWords);
  writer
    .u16(depositBps)
    .u16(tick)
    .u64(lot)
    .flag(yesBps !== undefined);
  if (yesBps !== undefined) writer.u16(yesBps);
}

export function readMarket(reader: Reader): Market {
  const question = readWords(reader);
  const kind = QUESTION_KINDS[reader.u8()];
  const oracles = reader.list(FACTS_MAX, 32, (each) => each.fixed(32));
  const outcomes = reader.list(FACTS_MAX, 5, readWords);
  const depositBps = reader.u16();
  const tick = reader.u16();
  const lot = reader.u64();
  const yesBps = reader.flag() ? reader.u16() : undefined;
  const ask = readAsk(kind, oracles);
  const market = { question, ask, outcomes, depositBps, tick, lot, yesBps };
  insist(judgeMarket(market));
  return market;
}

function readAsk(kind: Question["kind"] | undefined, oracles: readonly Uint8Array[]): Question {
  const [oracle] = oracles;
  if (kind === "categorical") return { kind, oracles };
  if (kind === "binary" && oracle !== undefined && oracles.length === 1) return { kind, oracle };
  throw new Refusal("UNKNOWN_KIND", "expected a binary question of one oracle, or a categorical");
}

function writeWords(writer: Writer, words: string): void {
  writer.bytes(encodeUtf8(words), WORDS_BYTES_MAX);
}

function readWords(reader: Reader): string {
  const words = decodeUtf8(reader.bytes(WORDS_BYTES_MAX));
  if (words === undefined) throw new Refusal("NOT_UTF8", "expected words in UTF-8");
  return words;
}
