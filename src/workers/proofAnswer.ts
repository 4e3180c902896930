import type { HeaderState } from "../chain/header/headerState.ts";
import { equalBytes } from "../lib/bytes.ts";
import { formatHex } from "../lib/hex.ts";
import { describeProof, isLost } from "../proof/describeProof.ts";
import { type ProofFacts, verifyProofFile } from "../proof/verifyProofFile.ts";
import type { Rules } from "../protocol/rules.ts";
import type { ProofAnswer, ProofView } from "./proofCheck.ts";

/** What the page is told of a file: all that is said of it is made here, by whoever has checked it. */
export function answerProof(
  bytes: Uint8Array,
  trust: { readonly rules: Rules; readonly genesis: HeaderState },
): ProofAnswer {
  const proven = verifyProofFile(bytes, trust);
  if (!proven.ok) return { kind: "refused", code: proven.code, message: proven.message };
  return { kind: "proves", proof: viewProof(proven.value, bytes.length) };
}

function viewProof(facts: ProofFacts, bytes: number): ProofView {
  const { chain, asOf, levels, point } = facts;
  return {
    words: describeProof(facts),
    isLost: isLost(facts),
    tip: { height: asOf.height, hash: formatHex(asOf.hash), timeMs: asOf.timeMs },
    bytes,
    point,
    levels: levels.map(({ chainId, leaf }, level) => {
      const above = levels[level - 1]?.leaf;
      const space = above !== undefined && equalBytes(above.id, chainId) ? above : chain;
      return {
        chainId: formatHex(chainId),
        space: { lo: space.lo, hi: space.hi },
        range: { lo: leaf.lo, hi: leaf.hi },
      };
    }),
  };
}
