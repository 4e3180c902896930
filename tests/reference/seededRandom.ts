/** Reproducible randomness for tests: xorshift32 from a seed that is not zero. */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0 || 1;
  }

  /** An integer from 0 up to, not including, `end`. */
  below(end: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    this.#state >>>= 0;
    return this.#state % end;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }

  /** `bytes` after one to three changes: a bit, a byte, a cut, an insertion, a piece copied elsewhere. */
  mutate(bytes: Uint8Array): Uint8Array {
    let changed = Array.from(bytes);
    for (let left = 1 + this.below(3); left > 0; left--) {
      const at = this.below(changed.length + 1);
      const kind = this.below(5);
      if (kind === 0 && at < changed.length) {
        changed[at] = (changed[at] as number) ^ (1 << this.below(8));
      } else if (kind === 1 && at < changed.length) changed[at] = this.below(256);
      else if (kind === 2) changed.splice(at, 1 + this.below(40));
      else if (kind === 3) changed.splice(at, 0, ...this.bytes(1 + this.below(40)));
      else {
        const piece = changed.slice(at, at + 33);
        const to = this.below(changed.length + 1);
        changed = [...changed.slice(0, to), ...piece, ...changed.slice(to + this.below(34))];
      }
    }
    return Uint8Array.from(changed);
  }
}
