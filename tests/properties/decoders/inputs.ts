import { SeededRandom } from "../../reference/seededRandom.ts";

/** Integers at the edges of every width, by their number of bytes. */
const BOUNDARIES: readonly Uint8Array[] = [1, 2, 4, 8].flatMap((width) => {
  const fill = (byte: number) => new Uint8Array(width).fill(byte);
  const highest = fill(0xff);
  const half = fill(0xff);
  half[0] = 0x7f;
  const sign = fill(0);
  sign[0] = 0x80;
  const one = fill(0);
  one[width - 1] = 1;
  const almost = fill(0xff);
  almost[width - 1] = 0xfe;
  return [fill(0), one, half, sign, almost, highest];
});

/** Longest input of random bytes alone. */
const RANDOM_BYTES_MAX = 300;
/** Room for what mutations add to a sample. */
const ROOM = 256;

/**
 * Inputs for a decoder, from a seed, in one buffer that the next input writes over: of every four one
 * random, two mutated from a sample, one with boundary integers.
 */
export class InputMaker {
  readonly #samples: readonly Uint8Array[];
  readonly #random: SeededRandom;
  readonly #buffer: Uint8Array;
  #length = 0;

  constructor(samples: readonly Uint8Array[], seed: number) {
    this.#samples = samples;
    this.#random = new SeededRandom(seed);
    const longest = Math.max(...samples.map((sample) => sample.length), RANDOM_BYTES_MAX);
    this.#buffer = new Uint8Array(longest + ROOM);
  }

  next(run: number): Uint8Array {
    if (run % 4 === 0) this.#makeRandom();
    else {
      const sample = this.#samples[this.#random.below(this.#samples.length)] as Uint8Array;
      this.#buffer.set(sample);
      this.#length = sample.length;
      for (let left = this.#random.below(3); left >= 0; left--) {
        if (run % 4 === 1) this.#writeBoundary();
        else this.#mutate();
      }
    }
    return this.#buffer.subarray(0, this.#length);
  }

  /** Bytes of any kind, or mostly small ones, which say short lengths and known kinds. */
  #makeRandom(): void {
    const random = this.#random;
    const isSmall = random.below(2) === 0;
    this.#length = random.below(RANDOM_BYTES_MAX);
    for (let at = 0; at < this.#length; at++) {
      this.#buffer[at] = isSmall && random.below(8) > 0 ? random.below(4) : random.below(256);
    }
  }

  #writeBoundary(): void {
    const boundary = BOUNDARIES[this.#random.below(BOUNDARIES.length)] as Uint8Array;
    const at = this.#random.below(Math.max(1, this.#length - boundary.length + 1));
    this.#buffer.set(boundary, at);
    this.#length = Math.max(this.#length, at + boundary.length);
  }

  /** A bit, a byte, a length or count one more or less, a cut, an insertion, or a piece copied elsewhere. */
  #mutate(): void {
    const random = this.#random;
    const buffer = this.#buffer;
    const at = random.below(this.#length + 1);
    const count = 1 + random.below(40);
    const byte = buffer[at] as number;
    switch (random.below(6)) {
      case 0:
        buffer[at] = byte ^ (1 << random.below(8));
        break;
      case 1:
        buffer[at] = random.below(256);
        break;
      case 2:
        buffer[at] = byte + (random.below(2) === 0 ? 1 : 255);
        break;
      case 3:
        buffer.copyWithin(at, at + count, this.#length);
        this.#length = Math.max(at, this.#length - count);
        break;
      case 4:
        if (this.#length + count > buffer.length) break;
        buffer.copyWithin(at + count, at, this.#length);
        for (let added = 0; added < count; added++) buffer[at + added] = random.below(256);
        this.#length += count;
        break;
      case 5:
        buffer.copyWithin(random.below(this.#length + 1), at, Math.min(at + count, this.#length));
        break;
    }
  }
}
