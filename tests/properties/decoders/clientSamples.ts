import type { Proof } from "../../../src/client/breach.ts";
import type { Entry } from "../../../src/client/entry.ts";
import type { Evidence } from "../../../src/client/evidence.ts";
import type { SignedHeader } from "../../../src/client/signedHeader.ts";
import type { Leaf } from "../../../src/protocol/leaf.ts";
import {
  BLOCK_HEADER,
  fill,
  HI,
  HOLDING,
  HOP,
  LEAVES,
  LO,
  MAIN_HEADER,
  PLACE,
} from "./sampleValues.ts";

const SIGNED: SignedHeader = { header: BLOCK_HEADER, signature: fill(65, 1) };
const ENTRY: Entry = {
  sequence: 7,
  record: { height: 8, index: 9, hash: fill(32, 2) },
  top: { sequence: 2, key: fill(32, 3), hash: fill(32, 4) },
  hops: [
    {
      header: BLOCK_HEADER,
      contractsRoot: fill(32, 5),
      rootsRoot: fill(32, 6),
      proof: Uint8Array.of(0),
    },
  ],
};
const PROOFS: readonly Proof[] = [
  { kind: "block", before: SIGNED, block: fill(60, 5), mainHeaders: [MAIN_HEADER] },
  { kind: "block", before: undefined, block: fill(9, 6), mainHeaders: [] },
  { kind: "twoBlocks", first: SIGNED, second: { ...SIGNED, signature: fill(65, 7) } },
  { kind: "record", before: BLOCK_HEADER, posted: BLOCK_HEADER, entry: ENTRY },
  {
    kind: "gone",
    before: BLOCK_HEADER,
    after: { ...HOLDING, posts: [] },
    place: PLACE,
    leaf: LEAVES[0] as Leaf,
    entry: ENTRY,
  },
  {
    kind: "turnedBack",
    before: HOP,
    after: HOP,
    below: { id: fill(32, 11), operator: fill(33, 12) },
    entry: ENTRY,
  },
];

export const EVIDENCES: readonly Evidence[] = PROOFS.map((proof, index) => ({
  networkId: fill(32, 8),
  chain: { id: fill(32, 9), operator: fill(33, 10), lo: LO, hi: HI, expiry: 500 },
  breach: {
    blockHeight: 12,
    transactionIndex: index === 0 ? 3 : undefined,
    rule: "OCCUPIED",
    proof,
    against: index === 1 ? undefined : ENTRY,
  },
}));
