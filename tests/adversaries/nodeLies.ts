import { createGenesis } from "../../src/chain/genesis.ts";
import { decodeHeader, encodeHeader, type Header } from "../../src/chain/header/header.ts";
import { hasWork } from "../../src/chain/header/proofOfWork.ts";
import { type ServedProof, SourceError } from "../../src/client/ports.ts";
import { insist } from "../../src/lib/verdict.ts";
import type { StateMap } from "../../src/protocol/factEvidence.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import { createRules } from "../../src/protocol/rules.ts";
import type { SeededRandom } from "../reference/seededRandom.ts";
import type { Adversary } from "./adversary.ts";
import type { Recording } from "./recording.ts";

/** What a node serves in the place of a header; undefined where this lie cannot be told. */
export type HeaderLie = (
  recording: Recording,
  height: number,
  random: SeededRandom,
) => Uint8Array | undefined;

function change(
  { node }: Recording,
  height: number,
  alter: (header: Header) => Header,
): Uint8Array | undefined {
  const found = node.headerAt(height);
  return found && encodeHeader(alter(found.header.header));
}

/** The header altered until by no chance the work of the true one is enough for it. */
function withoutWork(
  recording: Recording,
  height: number,
  alter: (header: Header) => Header,
): Uint8Array | undefined {
  for (let tries = 0; tries < 1_000; tries++) {
    const bytes = change(recording, height, alter);
    if (bytes === undefined || !hasWork(insist(decodeHeader(bytes)), LOCAL_NETWORK)) return bytes;
  }
  // Whoever checks no work, as a planted bug may, gets one that may have some.
  return change(recording, height, alter);
}

export const HEADER_LIES: Readonly<Record<string, HeaderLie>> = {
  /** All is as it should be, but nobody has worked for it. */
  "fake work": (recording, height, random) =>
    withoutWork(recording, height, (header) => {
      const nonce = Uint8Array.from(header.nonce);
      nonce.set(random.bytes(8), nonce.length - 8);
      return { ...header, nonce };
    }),
  "fake difficulty": (recording, height) =>
    change(recording, height, (header) => ({ ...header, difficulty: header.difficulty - 1 })),
  "a state of its own": (recording, height, random) =>
    withoutWork(recording, height, (header) => ({ ...header, treesHash: random.bytes(32) })),
  "a header left out": (recording, height) => change(recording, height + 1, (header) => header),
  "an older header again": (recording, height) => change(recording, height - 1, (header) => header),
  "a header from another network": () => {
    const other = createRules({ ...LOCAL_NETWORK, name: "elsewhere" });
    return encodeHeader(createGenesis(other, [], 1).header.header);
  },
};

/** The rule by which a header is found that stands in the place of the true one, where it can be but one. */
export const BROKEN_HEADER_RULES: Readonly<Record<string, string>> = {
  "fake work": "NOT_ENOUGH_WORK",
  "a state of its own": "NOT_ENOUGH_WORK",
  "fake difficulty": "WRONG_DIFFICULTY",
};

/** What a node answers in the place of a proof. */
type ProofLie = (honest: () => ServedProof, other: ServedProof) => ServedProof;

export const PROOF_LIES: Readonly<Record<string, ProofLie>> = {
  "a withheld proof": () => {
    throw new SourceError("REFUSED", "no");
  },
  "no proof": (honest) => ({ ...honest(), proof: new Uint8Array() }),
  "a proof of another key": (honest, other) => ({ ...honest(), proof: other.proof }),
  "a proof under another header": (_, other) => other,
  "an older state under the asked header's name": (honest, other) => ({
    ...other,
    headerHash: honest().headerHash,
  }),
  "a damaged proof": (honest) => {
    const { proof, ...rest } = honest();
    const damaged = Uint8Array.from(proof);
    const last = damaged.length - 1;
    damaged[last] = (damaged[last] ?? 0) ^ 1;
    return { ...rest, proof: damaged };
  },
};

/** A node that lies about every proof in `map` from the `from`th question on. */
export function lieAboutProofs(
  { node }: Recording,
  lie: ProofLie,
  map: StateMap,
  from: number,
): Adversary {
  let asked = 0;
  return {
    prove(question, honest) {
      asked += 1;
      if (asked < from || question.map !== map) return honest();
      const older = node.headerAt(5)?.header.hash ?? question.at;
      const other = insist(node.prove({ at: older, keys: [{ map, key: node.tip().header.hash }] }));
      const { headerHash, mapRoots, proofs } = other;
      return lie(honest, { headerHash, mapRoots, proof: proofs[0] ?? new Uint8Array() });
    },
  };
}

/** A node whose chain ends at a height for ever. */
export function showNothingAfter(height: number): Adversary {
  return { headers: (from, honest) => honest.slice(0, Math.max(0, height + 1 - from)) };
}
