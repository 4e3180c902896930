import type { OperatorFacts, ServedProof } from "../../src/client/ports.ts";
import type { StateMap } from "../../src/protocol/factEvidence.ts";
import type { SeededRandom } from "../reference/seededRandom.ts";

/**
 * Somebody who stands between a client and whom it asks. Each hook is given what an honest one would
 * answer, and answers in its place; what it leaves out is answered honestly.
 */
export type Adversary = {
  blocks?(
    call: { readonly url: string; readonly from: number; readonly count: number },
    honest: readonly Uint8Array[],
  ): Uint8Array[];
  facts?(url: string, honest: OperatorFacts): OperatorFacts;
  headers?(from: number, honest: readonly Uint8Array[]): Uint8Array[];
  prove?(
    question: { readonly map: StateMap; readonly key: Uint8Array; readonly at: Uint8Array },
    honest: () => ServedProof,
  ): ServedProof;
};

/** Where a lie stands to the message that it is about. */
export const BOUNDARIES = ["before", "after", "instead", "twice", "corrupted"] as const;
export type Boundary = (typeof BOUNDARIES)[number];

/** The honest messages with a lie about the one at `index`. */
function weave(
  honest: readonly Uint8Array[],
  index: number,
  lie: Uint8Array,
  boundary: Boundary,
  corruptAt: number,
): Uint8Array[] {
  const before = honest.slice(0, index);
  const told = honest[index] as Uint8Array;
  const rest = honest.slice(index + 1);
  switch (boundary) {
    case "before":
      return [...before, lie, told, ...rest];
    case "after":
      return [...before, told, lie, ...rest];
    case "instead":
      return [...before, lie, ...rest];
    case "twice":
      return [...before, lie, lie, ...rest];
    case "corrupted": {
      const corrupt = Uint8Array.from(lie);
      const at = corruptAt % Math.max(1, corrupt.length);
      corrupt[at] = (corrupt[at] ?? 0) ^ 0x40;
      return [...before, corrupt, ...rest];
    }
  }
}

/** Whoever serves the blocks at `url` lies about the one at `height`. */
export function lieAboutBlock(
  url: string,
  height: number,
  lie: Uint8Array,
  boundary: Boundary,
  random: SeededRandom,
): Adversary {
  const corruptAt = random.below(0x7fff_ffff);
  return {
    blocks(call, honest) {
      const index = height - call.from;
      if (call.url !== url || index < 0 || index >= honest.length) return [...honest];
      return weave(honest, index, lie, boundary, corruptAt);
    },
  };
}

/** A node lies about the header at `height`. */
export function lieAboutHeader(
  height: number,
  lie: Uint8Array,
  boundary: Boundary,
  random: SeededRandom,
): Adversary {
  const corruptAt = random.below(0x7fff_ffff);
  return {
    headers(from, honest) {
      const index = height - from;
      if (index < 0 || index >= honest.length) return [...honest];
      return weave(honest, index, lie, boundary, corruptAt);
    },
  };
}
