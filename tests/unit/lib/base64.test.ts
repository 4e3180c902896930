import fc from "fast-check";
import { expect, it } from "vitest";
import { formatBase64, parseBase64 } from "../../../src/lib/base64.ts";

it("agrees with Node on all bytes, and goes back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const text = formatBase64(bytes);
      expect(text).toBe(Buffer.from(bytes).toString("base64"));
      expect(parseBase64(text)).toEqual(bytes);
    }),
    { seed: 8, numRuns: 500 },
  );
});

it("takes no text but the one of its bytes", () => {
  const wrong = ["A", "AA", "AAA", "A===", "====", "AB==", "AAB=", "A=AA", "AA=A", "AAA-", "AA A"];
  for (const text of [...wrong, "AAA\n", "=", "ÁAAA"])
    expect(parseBase64(text), text).toBeUndefined();
  const letters = fc.string({ unit: fc.constantFrom(..."AQgwB/+= \n"), maxLength: 12 });
  fc.assert(
    fc.property(letters, (text) => {
      const bytes = parseBase64(text);
      return bytes === undefined || formatBase64(bytes) === text;
    }),
    { seed: 9, numRuns: 5_000 },
  );
});
