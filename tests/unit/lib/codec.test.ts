import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode, encode } from "../../../src/lib/codec.ts";

describe("codec", () => {
  it("keeps every byte when the buffer grows inside a fixed or a prefixed string", () => {
    const long = Uint8Array.from({ length: 5_000 }, (_, index) => index % 251);
    const bytes = encode((writer) =>
      writer.u8(7).fixed(long, long.length).bytes(long, 5_000).u8(9),
    );
    const back = decode(bytes, (reader) => [
      reader.u8(),
      reader.fixed(5_000),
      reader.bytes(5_000),
      reader.u8(),
    ]);
    expect(back).toEqual({ ok: true, value: [7, long, long, 9] });
  });

  it("gives back integers at the edges of their widths, and refuses what is outside", () => {
    const widths = [
      ["u8", 0xff],
      ["u16", 0xffff],
      ["u32", 0xffffffff],
    ] as const;
    for (const [width, max] of widths) {
      for (const value of [0, 1, max]) {
        const bytes = encode((writer) => writer[width](value));
        expect(decode(bytes, (reader) => reader[width]())).toEqual({ ok: true, value });
      }
      for (const value of [-1, max + 1, 0.5]) {
        expect(() => encode((writer) => writer[width](value))).toThrow(RangeError);
      }
    }
    const most = (1n << 64n) - 1n;
    const bytes = encode((writer) => writer.u64(most));
    expect(decode(bytes, (reader) => reader.u64())).toEqual({ ok: true, value: most });
    expect(() => encode((writer) => writer.u64(most + 1n))).toThrow(RangeError);
  });

  it("refuses trailing bytes, cut input, long strings, crowded lists and odd flags by name", () => {
    const code = (bytes: number[], read: Parameters<typeof decode>[1]) => {
      const verdict = decode(Uint8Array.from(bytes), read);
      return verdict.ok ? "ok" : verdict.code;
    };
    expect(code([1, 2], (reader) => reader.u8())).toBe("TRAILING_BYTES");
    expect(code([1], (reader) => reader.u16())).toBe("TRUNCATED");
    expect(code([0, 0, 0, 9], (reader) => reader.bytes(8))).toBe("TOO_LONG");
    expect(code([0xff, 0xff], (reader) => reader.list(9, 1, (each) => each.u8()))).toBe("TOO_MANY");
    expect(code([0, 9], (reader) => reader.list(9, 1, (each) => each.u8()))).toBe("TRUNCATED");
    expect(code([2], (reader) => reader.flag())).toBe("NOT_CANONICAL");
  });

  it("round-trips any list of any byte strings", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 40 }), (items) => {
        const bytes = encode((writer) =>
          writer.list(items, 40, (each, item) => each.bytes(item, 400)),
        );
        const back = decode(bytes, (reader) => reader.list(40, 4, (each) => each.bytes(400)));
        expect(back).toEqual({ ok: true, value: items });
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});
