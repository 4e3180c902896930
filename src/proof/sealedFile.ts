import { equalBytes } from "../lib/bytes.ts";
import { decode, encode, type Reader, type Writer } from "../lib/codec.ts";
import { sha256 } from "../lib/hash.ts";
import { encodeUtf8 } from "../lib/utf8.ts";
import { demand, insist, judge, refuse, type Verdict } from "../lib/verdict.ts";

/**
 * What every file that this room writes has around it: eight letters of ASCII that say which it is, a version, and a
 * checksum against damage. The checksum is no proof of anything: whoever changes a file can write another.
 */
export type FileFrame = {
  readonly magic: string;
  readonly version: number;
  readonly bytesMax: number;
};

const MAGIC_BYTES = 8;
const CHECKSUM_BYTES = 32;

/** Encode: magic 8, version u8, what `write` writes, SHA-256 of all before 32. */
export function encodeFramed(
  { magic, version }: FileFrame,
  write: (writer: Writer) => void,
): Uint8Array {
  const body = encode((writer) => {
    writer.fixed(encodeUtf8(magic), MAGIC_BYTES).u8(version);
    write(writer);
  });
  return encode((writer) => writer.fixed(body, body.length).fixed(sha256(body), CHECKSUM_BYTES));
}

/** Decode a file from a stranger: too long, of another kind, damaged or of another version, it is refused unread. */
export function decodeFramed<Value>(
  bytes: Uint8Array,
  { magic, version, bytesMax }: FileFrame,
  read: (reader: Reader) => Value,
): Verdict<Value> {
  if (bytes.length > bytesMax) {
    return refuse("TOO_LONG", `expected at most ${bytesMax} bytes, got ${bytes.length}`);
  }
  return judge(() => {
    const body = bytes.subarray(0, Math.max(0, bytes.length - CHECKSUM_BYTES));
    const isKind = equalBytes(body.subarray(0, MAGIC_BYTES), encodeUtf8(magic));
    demand(isKind, "OTHER_FILE", `the file does not begin with ${magic}`);
    const isWhole = equalBytes(sha256(body), bytes.subarray(body.length));
    demand(isWhole, "BAD_CHECKSUM", "the file is damaged: its checksum is another");
    return insist(
      decode(body, (reader) => {
        reader.fixed(MAGIC_BYTES);
        const found = reader.u8();
        demand(found === version, "NOT_SERVED", `expected version ${version}, got ${found}`);
        return read(reader);
      }),
    );
  });
}
