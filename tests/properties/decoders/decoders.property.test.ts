import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import { DECODERS } from "./decoderTable.ts";
import { attack } from "./harness.ts";

const RUNS = 100_000;

describe("a decoder of strangers' bytes", () => {
  it.each(DECODERS.map((decoder) => [decoder.name, decoder] as const))("%s", (_, decoder) => {
    expect(decoder.samples.length).toBeGreaterThan(0);
    expect(decoder.isInverse(isDeepStrictEqual)).toBe(true);
    const { taken, refused } = attack(decoder, RUNS, 31);
    expect(taken + refused).toBe(RUNS);
    expect(refused).toBeGreaterThan(RUNS / 10);
  });
});
