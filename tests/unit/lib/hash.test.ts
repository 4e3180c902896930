import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../../src/lib/bytes.ts";
import { encode, hashEncoded } from "../../../src/lib/codec.ts";
import { sha256, taggedHash } from "../../../src/lib/hash.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";

const random = new SeededRandom(1);
const draw = (length: number) => Uint8Array.from({ length }, () => random.below(256));
const reference = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** All about the ends of the blocks that are hashed, and of what is laid out whole. */
const LENGTHS = [...Array(260).keys(), ...[8_183, 8_191, 8_192].flatMap((n) => [n - 1, n, n + 1])];

describe("SHA-256", () => {
  it("is that of another implementation at every length, whatever was hashed before", () => {
    for (const length of [...LENGTHS, ...LENGTHS.toReversed()]) {
      const bytes = draw(length);
      expect(formatHex(sha256(bytes))).toBe(reference(bytes));
    }
  });

  it("of tagged parts is that of the tag and all of them, one after another", () => {
    for (const lengths of [
      [],
      [0],
      [1, 62],
      [32, 32],
      [8, 32, 32],
      [100, 0, 9_000],
      [8_000, 500],
    ]) {
      const parts = lengths.map(draw);
      const whole = concatBytes(Uint8Array.of(0x12), ...parts);
      expect(formatHex(taggedHash(0x12, ...parts))).toBe(reference(whole));
    }
  });

  it("of what is encoded is that of its bytes, though something else is encoded meanwhile", () => {
    for (const length of [0, 300, 9_000, 70_000]) {
      const bytes = draw(length);
      const hash = hashEncoded(0x11, (writer) => {
        expect(encode((inner) => inner.u32(7))).toEqual(Uint8Array.of(0, 0, 0, 7));
        writer.fixed(bytes, length);
      });
      expect(hash).toEqual(taggedHash(0x11, bytes));
    }
  });

  it("gives digests that stay as they are", () => {
    const first = sha256(Uint8Array.of(1));
    const kept = formatHex(first);
    sha256(Uint8Array.of(2));
    expect(formatHex(first)).toBe(kept);
  });
});
