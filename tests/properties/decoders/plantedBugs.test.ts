import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import { encode, Reader } from "../../../src/lib/codec.ts";
import { accept, judge, type Verdict } from "../../../src/lib/verdict.ts";
import { attack, type Decoder, wholeDecoder } from "./harness.ts";

const RUNS = 20_000;

type Entry = { readonly isOpen: boolean; readonly height: number; readonly note: Uint8Array };

const ENTRIES: readonly Entry[] = [
  { isOpen: true, height: 7, note: Uint8Array.of(1, 2, 3) },
  { isOpen: false, height: 0, note: new Uint8Array() },
];

function encodeEntry(entry: Entry): Uint8Array {
  return encode((writer) => writer.flag(entry.isOpen).u32(entry.height).bytes(entry.note, 16));
}

function readEntry(reader: Reader): Entry {
  return { isOpen: reader.flag(), height: reader.u32(), note: reader.bytes(16) };
}

/** A decoder of entries, right or wrong. */
function entryDecoder(decodeEntry: (bytes: Uint8Array) => Verdict<Entry>): Decoder {
  return wholeDecoder("entry", decodeEntry, encodeEntry, ...ENTRIES);
}

function readToEnd(bytes: Uint8Array, read: (reader: Reader) => Entry): Verdict<Entry> {
  const reader = new Reader(bytes);
  const entry = judge(() => read(reader));
  if (!entry.ok || reader.remaining === 0) return entry;
  return { ok: false, code: "TRAILING_BYTES", message: "more than an entry" };
}

const BUGS: readonly (readonly [string, (bytes: Uint8Array) => Verdict<Entry>, RegExp])[] = [
  [
    "takes trailing bytes",
    (bytes) => judge(() => readEntry(new Reader(bytes))),
    /took another encoding|trailing/,
  ],
  [
    "does not check that a length is there",
    (bytes) => {
      if (bytes.length < 9) return { ok: false, code: "TRUNCATED", message: "too short" };
      const head = new Reader(bytes.subarray(0, 9));
      const entry = judge(() => ({ isOpen: head.flag(), height: head.u32(), length: head.u32() }));
      if (!entry.ok) return entry;
      const { isOpen, height, length } = entry.value;
      if (length > 16 || bytes.length > 9 + length) {
        return { ok: false, code: "TOO_LONG", message: "too long" };
      }
      return accept({ isOpen, height, note: bytes.slice(9, 9 + length) });
    },
    /took another encoding|cut/,
  ],
  [
    "has no maximum of a length",
    (bytes) =>
      readToEnd(bytes, (reader) => ({
        isOpen: reader.flag(),
        height: reader.u32(),
        note: reader.bytes(2 ** 32),
      })),
    /threw RangeError/,
  ],
  [
    "takes any byte for a flag",
    (bytes) =>
      readToEnd(bytes, (reader) => ({
        isOpen: reader.u8() !== 0,
        height: reader.u32(),
        note: reader.bytes(16),
      })),
    /took another encoding/,
  ],
  [
    "throws where it should refuse",
    (bytes) =>
      readToEnd(bytes, (reader) => {
        const entry = readEntry(reader);
        if (entry.height > 2 ** 31) throw new TypeError("a height this high");
        return entry;
      }),
    /threw TypeError/,
  ],
  [
    "does work for each of a count that the message does not hold",
    (bytes) =>
      readToEnd(bytes, (reader) => {
        const entry = readEntry(reader);
        for (let left = Math.min(entry.height, 10_000); left > 0; left--) reader.fixed(0);
        return entry;
      }),
    /read more than there is/,
  ],
  [
    "writes what it reads to a prototype",
    (bytes) =>
      readToEnd(bytes, (reader) => {
        const entry = readEntry(reader);
        if (entry.height > 1_000) Object.assign(Object.prototype, { height: entry.height });
        return entry;
      }),
    /changed a prototype/,
  ],
];

describe("the attack on decoders", () => {
  it("passes the right decoder", () => {
    const right = entryDecoder((bytes) => readToEnd(bytes, readEntry));
    const { taken, refused } = attack(right, RUNS, 41);
    expect(taken).toBeGreaterThan(RUNS / 100);
    expect(refused).toBeGreaterThan(RUNS / 10);
  });

  it.each(BUGS)("catches one that %s", (_, decodeEntry, complaint) => {
    expect(() => attack(entryDecoder(decodeEntry), RUNS, 41)).toThrow(complaint);
    expect(Object.hasOwn(Object.prototype, "height")).toBe(false);
  });

  it("catches one that forgets a field", () => {
    const forgetful = entryDecoder((bytes) =>
      readToEnd(bytes, (reader) => ({ ...readEntry(reader), height: 0 })),
    );
    expect(forgetful.isInverse(isDeepStrictEqual)).toBe(false);
    expect(() => attack(forgetful, RUNS, 41)).toThrow(/took another encoding/);
  });
});
