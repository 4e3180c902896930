import { parseHex } from "../lib/hex.ts";
import { demand, judge, Refusal, type Verdict } from "../lib/verdict.ts";

/** One kind of message: its JSON-ready form, and the strict way back from a stranger's parsed JSON. */
export type JsonForm<Value> = {
  readonly write: (value: Value) => unknown;
  readonly read: (json: unknown) => Verdict<Value>;
};

/** The fields of a JSON object, none of them read yet. */
export type Fields = Readonly<Record<string, unknown>>;

const TEXT_MAX = 2_048;
/** Longest hex of canonical bytes inside a message: an exact close with all its successors. */
const BODY_BYTES_MAX = 64 * 1024;
const U32_MAX = 0xffff_ffff;

/** A form from how a value is written and how it is read; `read` throws a `Refusal`. */
export function form<Value>(
  write: (value: Value) => unknown,
  read: (json: unknown) => Value,
): JsonForm<Value> {
  return { write, read: (json) => judge(() => read(json)) };
}

/** An object with exactly these fields. */
export function fields(json: unknown, names: readonly string[], what = "message"): Fields {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new Refusal("NOT_AN_OBJECT", `expected ${what} to be an object`);
  }
  for (const name of Object.keys(json)) {
    demand(names.includes(name), "UNKNOWN_FIELD", `${what} has no field ${name.slice(0, 40)}`);
  }
  for (const name of names) {
    demand(Object.hasOwn(json, name), "FIELD_MISSING", `${what} needs the field ${name}`);
  }
  return json as Fields;
}

/** What a message says it is; anything at all. */
export function kindOf(json: unknown): unknown {
  return typeof json === "object" && json !== null && "kind" in json ? json.kind : undefined;
}

export function text(json: unknown, what: string, lengthMax = TEXT_MAX): string {
  if (typeof json !== "string" || json.length > lengthMax) {
    throw new Refusal("NOT_TEXT", `expected ${what} as text of at most ${lengthMax} letters`);
  }
  return json;
}

/** `length` bytes, or at most `BODY_BYTES_MAX`, as lower-case hex. */
export function bytes(json: unknown, what: string, length?: number): Uint8Array {
  const hex = text(json, what, 2 * (length ?? BODY_BYTES_MAX));
  const isHex = /^(?:[0-9a-f]{2})*$/.test(hex);
  const isLong = length === undefined || hex.length === 2 * length;
  if (!isHex || !isLong) {
    const size = length === undefined ? "" : `${length} bytes of `;
    throw new Refusal("NOT_HEX", `expected ${what} as ${size}lower-case hex`);
  }
  return parseHex(hex);
}

/** An amount below 2^64 in decimal digits. */
export function amount(json: unknown, what: string): bigint {
  const digits = text(json, what, 20);
  demand(/^(?:0|[1-9][0-9]*)$/.test(digits), "NOT_AN_AMOUNT", `expected ${what} in decimal digits`);
  const value = BigInt(digits);
  demand(value < 1n << 64n, "NOT_AN_AMOUNT", `expected ${what} below 2^64`);
  return value;
}

export function integer(json: unknown, what: string, max = U32_MAX): number {
  const isRight = typeof json === "number" && Number.isInteger(json) && json >= 0 && json <= max;
  if (!isRight) throw new Refusal("NOT_A_NUMBER", `expected ${what} as an integer of 0 to ${max}`);
  return json;
}

export function flag(json: unknown, what: string): boolean {
  if (typeof json !== "boolean") throw new Refusal("NOT_A_FLAG", `expected ${what} true or false`);
  return json;
}

export function list<Item>(
  json: unknown,
  what: string,
  max: number,
  read: (item: unknown) => Item,
): Item[] {
  if (!Array.isArray(json) || json.length > max) {
    throw new Refusal("NOT_A_LIST", `expected ${what} as a list of at most ${max}`);
  }
  return json.map(read);
}
