import { encode } from "../lib/codec.ts";
import { formatHex } from "../lib/hex.ts";
import { type Condition, hashCondition, writeCondition } from "../protocol/condition.ts";
import type { LiveContract } from "./standing.ts";

/** Conditions of strangers that are kept, and the bytes of one: enough to say in words what they wait for. */
const STRANGERS_CONDITIONS_MAX = 256;
const STRANGERS_BYTES_MAX = 1_024;

/**
 * The bodies of conditions that a book keeps, with those of a block: all that own contracts stand
 * under, because a claim shows them whole, and small ones of strangers while there is room.
 */
export function keepConditions(
  book: Record<"own" | "inside" | "live", ReadonlyMap<string, LiveContract>> & {
    readonly conditions: ReadonlyMap<string, Condition>;
  },
  fresh: readonly Condition[],
): ReadonlyMap<string, Condition> {
  if (fresh.length === 0) return book.conditions;
  const needed = namesOf([...book.own.values(), ...book.inside.values()]);
  const kept = new Map(book.conditions);
  for (const condition of fresh) {
    const name = formatHex(hashCondition(condition));
    if (needed.has(name) || isSmall(condition)) kept.set(name, condition);
  }
  if (kept.size <= STRANGERS_CONDITIONS_MAX) return kept;
  const named = namesOf(book.live.values());
  const strangers = [...kept.keys()].filter((name) => !needed.has(name));
  const room = Math.max(0, STRANGERS_CONDITIONS_MAX - (kept.size - strangers.length));
  const spared = strangers.filter((name) => named.has(name)).slice(0, room);
  const stay = new Set([...needed, ...spared]);
  return new Map([...kept].filter(([name]) => stay.has(name)));
}

function namesOf(contracts: Iterable<LiveContract>): Set<string> {
  const names = new Set<string>();
  for (const { place } of contracts) {
    for (const { hash } of place.conditions) names.add(formatHex(hash));
  }
  return names;
}

function isSmall(condition: Condition): boolean {
  const bytes = encode((writer) => writeCondition(writer, condition));
  return bytes.length <= STRANGERS_BYTES_MAX;
}
