import type { KitContents, KitFile } from "../../../src/proof/kitFile.ts";
import type { ProofFile } from "../../../src/proof/proofFile.ts";
import type { QrFrame } from "../../../src/proof/qrFrames.ts";
import type { SlimHeader } from "../../../src/proof/slimHeader.ts";
import {
  ANCHORED,
  CLOSE_PROOFS,
  CONDITION,
  CONTRACT_STATE,
  fill,
  MAIN_HEADER,
  SIGNED_STATE,
} from "./sampleValues.ts";

export const SLIM_HEADER: SlimHeader = {
  time: 2 ** 33 + 5,
  treesHash: fill(32, 1),
  txsProofHash: fill(32, 2),
  difficulty: 10,
  nonceEnd: fill(23, 3),
};

const PROOF_FILE: ProofFile = {
  networkId: fill(32, 1),
  start: undefined,
  headers: [SLIM_HEADER],
  mapRoots: [0, 1, 2, 3, 4, 5, 6, 7].map((map) => fill(32, map)),
  records: [
    { map: "chains", key: fill(32, 2), proof: fill(9, 3) },
    { map: "existence", key: fill(32, 1), proof: fill(5, 4) },
  ],
  chainId: fill(32, 5),
  line: [{ proof: ANCHORED, conditions: [CONDITION] }],
  script: fill(7, 6),
  state: undefined,
  closes: [],
  evidence: [],
};

export const PROOF_FILES: readonly ProofFile[] = [
  PROOF_FILE,
  {
    ...PROOF_FILE,
    start: { header: MAIN_HEADER, ewah: 2n ** 70n + 3n },
    state: SIGNED_STATE,
    closes: CLOSE_PROOFS.map((close, level) => ({ level, close })),
    evidence: [fill(40, 7)],
  },
];

export const QR_FRAME: QrFrame = {
  fileId: fill(8, 1),
  length: 3_343,
  seed: 2 ** 31,
  block: fill(512, 9),
};

export const KIT_FILE: KitFile = {
  networkId: fill(32, 1),
  publicKey: fill(33, 2),
  height: 77,
  vault: fill(83, 3),
  box: fill(60, 4),
};

const KIT_CONTRACT = {
  top: { id: fill(32, 1), operator: fill(33, 2), lo: 0n, hi: 10n ** 11n, expiry: 500 },
  claimDelay: 12,
  line: [{ proof: ANCHORED, conditions: [CONDITION] }],
  script: fill(7, 6),
  state: undefined,
  half: undefined,
};

export const KIT_CONTENTS: KitContents = {
  contracts: [KIT_CONTRACT, { ...KIT_CONTRACT, state: SIGNED_STATE, half: CONTRACT_STATE }],
  closes: CLOSE_PROOFS.map((proof) => ({ chainId: fill(32, 5), proof })),
};
