import encodeQR from "qr";
import decodeQR from "qr/decode.js";
import { describe, expect, it } from "vitest";
import { formatBase45, parseBase45 } from "../../../src/lib/base45.ts";
import { type Collected, createFrameCollector } from "../../../src/proof/collectFrames.ts";
import {
  createFrames,
  formatFrame,
  parseFrame,
  QR_FILE_BYTES_MAX,
} from "../../../src/proof/qrFrames.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";

/** Show frames until the collector has the file; how many it took. */
function collect(texts: Iterable<string>): { readonly shown: number; readonly last: Collected } {
  const collector = createFrameCollector();
  let shown = 0;
  let last: Collected = { kind: "foreign" };
  for (const text of texts) {
    shown += 1;
    last = collector.take(text);
    if (last.kind === "whole") break;
  }
  return { shown, last };
}

function* play(file: Uint8Array, isSeen: (seed: number) => boolean, from = 0): Generator<string> {
  const { textOf } = createFrames(file);
  for (let seed = from; seed < from + 100_000; seed++) if (isSeen(seed)) yield textOf(seed);
}

describe("base 45", () => {
  it("is what its standard says", () => {
    const text = (words: string) => formatBase45(new TextEncoder().encode(words));
    expect(text("AB")).toBe("BB8");
    expect(text("Hello!!")).toBe("%69 VD92EX0");
    expect(text("base-45")).toBe("UJCLQE7W581");
    expect(parseBase45("QED8WEX0")).toEqual(new TextEncoder().encode("ietf!"));
    expect(["A", "GGW", "::", "bb8", ":::"].map(parseBase45)).toEqual(Array(5).fill(undefined));
  });
});

describe("a file as a row of QR codes", () => {
  const random = new SeededRandom(5);
  const file = random.bytes(10_000);

  it("is whole after its first frames, if none is missed", () => {
    const { count } = createFrames(file);
    expect(count).toBe(20);
    expect(collect(play(file, () => true))).toEqual({
      shown: count,
      last: { kind: "whole", file },
    });
  });

  it("is whole after few more, whichever are missed, and wherever one begins to look", () => {
    for (const lost of [1, 5, 8]) {
      for (const from of [0, 5_000]) {
        const { shown, last } = collect(play(file, () => random.below(10) >= lost, from));
        expect(last).toEqual({ kind: "whole", file });
        expect(shown).toBeLessThan(20 + 16);
      }
    }
  });

  it("is whole in any order, with frames twice, misread, foreign, and of another file between", () => {
    const other = play(random.bytes(9_100), () => true);
    const { textOf } = createFrames(file);
    const seeds = Array.from({ length: 45 }, (_, seed) => seed);
    for (let index = seeds.length - 1; index > 0; index--) {
      const to = random.below(index + 1);
      [seeds[index], seeds[to]] = [seeds[to] as number, seeds[index] as number];
    }
    const texts = seeds.flatMap((seed) => {
      const text = textOf(seed);
      const misread = `${text.slice(0, 50)}${text[50] === "A" ? "B" : "A"}${text.slice(51)}`;
      return [text, text, misread, "https://example.org/", "", "SQ1:", other.next().value ?? ""];
    });
    const files: Uint8Array[] = [];
    const collector = createFrameCollector();
    for (const text of texts) {
      const taken = collector.take(text);
      if (taken.kind === "whole") files.push(taken.file);
    }
    expect(files.map(({ length }) => length).toSorted()).toContain(10_000);
    expect(files).toContainEqual(file);
  });

  it("takes nothing for the file that is not it", () => {
    const { textOf, count } = createFrames(file);
    const collector = createFrameCollector();
    const forged = { ...frameOf(textOf(3)), block: random.bytes(512) };
    const kinds = [
      formatFrame(forged),
      ...Array.from({ length: count }, (_, seed) => textOf(seed)),
    ].map((text) => collector.take(text).kind);
    expect(kinds.includes("whole")).toBe(false);
  });

  it("holds no more than three files, and refuses what is too long", () => {
    const tooLong = { ...frameOf(createFrames(file).textOf(0)), length: QR_FILE_BYTES_MAX + 1 };
    expect(parseFrame(formatFrame(tooLong))).toMatchObject({ code: "TOO_LONG" });
    expect(() => createFrames(new Uint8Array(QR_FILE_BYTES_MAX + 1))).toThrow(RangeError);
    const collector = createFrameCollector();
    const files = [1, 2, 3, 4].map((seed) => random.bytes(1_000 + seed));
    for (const each of files)
      expect(collector.take(createFrames(each).textOf(0)).kind).toBe("more");
    const [forgotten, , , last] = files as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    expect(collector.take(createFrames(last).textOf(1)).kind).toBe("whole");
    expect(collector.take(createFrames(forgotten).textOf(1)).kind).toBe("more");
  });

  it("is read off pictures", () => {
    const small = file.slice(0, 1_200);
    const { textOf, count } = createFrames(small);
    const collector = createFrameCollector();
    let last: Collected = { kind: "foreign" };
    for (let seed = 0; seed < count; seed++) {
      last = collector.take(decodeQR(paint(encodeQR(textOf(seed), "raw", { ecc: "low" }), 4)));
    }
    expect(last).toEqual({ kind: "whole", file: small });
  });
});

function frameOf(text: string) {
  const frame = parseFrame(text);
  if (!frame.ok) throw new Error(frame.message);
  return frame.value;
}

/** A picture of a code, as a camera gives it: four bytes a pixel. */
function paint(modules: readonly (readonly boolean[])[], scale: number) {
  const side = modules.length * scale;
  const data = new Uint8ClampedArray(side * side * 4).fill(255);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const isDark = modules[Math.floor(y / scale)]?.[Math.floor(x / scale)] === true;
      data.fill(isDark ? 20 : 235, 4 * (y * side + x), 4 * (y * side + x) + 3);
    }
  }
  return { width: side, height: side, data };
}
