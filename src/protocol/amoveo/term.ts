import { parseBase64 } from "../../lib/base64.ts";
import { concatBytes } from "../../lib/bytes.ts";
import { encode } from "../../lib/codec.ts";
import { sha256 } from "../../lib/hash.ts";
import { demand, judge, Refusal, type Verdict } from "../../lib/verdict.ts";

/**
 * A term of Amoveo in its API's JSON form: an integer (a bigint where JSON numbers are not exact), the
 * base64 of a binary, or an array: `[-6, …]` a list, `[-7, …]` a tuple, `["tag", …]` a record, and
 * an array that begins with any other integer a tuple of all its elements.
 *
 * @see AMOVEO.md section 6
 */
export type JsonTerm = number | bigint | string | readonly JsonTerm[];

const KIND = { binary: 0, list: 1, tuple: 2, integer: 3, atom: 4 } as const;
const LIST_MARK = -6n;
const TUPLE_MARK = -7n;
/** Arrays within arrays: a signed transaction inside another needs 6; recursion must be bounded. */
const TERM_DEPTH_MAX = 64;
/** Bytes of an atom's name, Erlang's own limit. */
const ATOM_BYTES_MAX = 255;

/**
 * The canonical bytes of a term, over which Amoveo hashes and signs.
 *
 * @see AMOVEO.md section 5
 */
export function serializeTerm(term: JsonTerm): Verdict<Uint8Array> {
  return judge(() => serialize(term, 0));
}

/** SHA-256 of a term's canonical bytes: what Amoveo signs, and the id of a transaction. */
export function hashTerm(term: JsonTerm): Verdict<Uint8Array> {
  return judge(() => sha256(serialize(term, 0)));
}

function serialize(term: JsonTerm, depth: number): Uint8Array {
  demand(depth <= TERM_DEPTH_MAX, "TOO_DEEP", `arrays nest deeper than ${TERM_DEPTH_MAX}`);
  if (typeof term === "string") return frame(KIND.binary, parseBinary(term));
  if (typeof term === "number" || typeof term === "bigint") return serializeInteger(term);
  const [head, ...rest] = term;
  if (typeof head === "string") {
    return serializeAll(KIND.tuple, [serializeAtom(head)], rest, depth);
  }
  if (typeof head !== "number" && typeof head !== "bigint") {
    throw new Refusal("NOT_A_TERM", "an array begins with neither an integer nor a tag");
  }
  const mark = toInteger(head);
  if (mark === LIST_MARK) return serializeAll(KIND.list, [], rest, depth);
  return serializeAll(KIND.tuple, [], mark === TUPLE_MARK ? rest : term, depth);
}

function serializeAll(
  kind: number,
  first: readonly Uint8Array[],
  rest: readonly JsonTerm[],
  depth: number,
): Uint8Array {
  const elements = rest.map((element) => serialize(element, depth + 1));
  return frame(kind, concatBytes(...first, ...elements));
}

/** 64 bytes, two's complement, without a length. */
function serializeInteger(value: number | bigint): Uint8Array {
  const bytes = new Uint8Array(65);
  bytes[0] = KIND.integer;
  let rest = BigInt.asUintN(512, toInteger(value));
  for (let i = 64; i > 0; i--) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

function serializeAtom(name: string): Uint8Array {
  const codes = Array.from(name, (letter) => letter.codePointAt(0) as number);
  demand(
    codes.length >= 1 && codes.length <= ATOM_BYTES_MAX && codes.every((code) => code <= 0xff),
    "NOT_AN_ATOM",
    `expected a tag of 1 to ${ATOM_BYTES_MAX} latin letters`,
  );
  return frame(KIND.atom, Uint8Array.from(codes));
}

function frame(kind: number, body: Uint8Array): Uint8Array {
  return concatBytes(
    encode((writer) => writer.u8(kind).u32(body.length)),
    body,
  );
}

function parseBinary(text: string): Uint8Array {
  const bytes = parseBase64(text);
  if (bytes === undefined) throw new Refusal("NOT_BASE64", "a binary is not base64");
  return bytes;
}

function toInteger(value: number | bigint): bigint {
  demand(
    typeof value === "bigint" || Number.isSafeInteger(value),
    "NOT_AN_INTEGER",
    `expected an exact integer, got ${value}`,
  );
  return BigInt(value);
}
