import type { Market, PublishedBatch } from "../../../src/api/marketApi.ts";
import type { AnchoredProof } from "../../../src/blocks/anchoredProof.ts";
import type { SortitionBlock } from "../../../src/blocks/block.ts";
import type { CloseProof } from "../../../src/blocks/closeProof.ts";
import type { Holding } from "../../../src/blocks/holding.ts";
import type { Hop } from "../../../src/blocks/hops.ts";
import { type BlockTransaction, encodeBlockTransaction } from "../../../src/blocks/transaction.ts";
import type { Header } from "../../../src/chain/header/header.ts";
import { emptyMap, type MerkleMap, setValue } from "../../../src/lib/map/merkleMap.ts";
import { type ListProof, proveItem } from "../../../src/lib/merkleList.ts";
import { insist } from "../../../src/lib/verdict.ts";
import type { Anchor } from "../../../src/protocol/anchor.ts";
import type { BlockHeader } from "../../../src/protocol/blockHeader.ts";
import type { Condition } from "../../../src/protocol/condition.ts";
import type { ContractClose, ExactClose } from "../../../src/protocol/contractClose.ts";
import type { ContractNew } from "../../../src/protocol/contractNew.ts";
import type { ContractState, SignedState } from "../../../src/protocol/contractState.ts";
import type { FactEvidence } from "../../../src/protocol/factEvidence.ts";
import type { FactKey } from "../../../src/protocol/facts.ts";
import type { Leaf } from "../../../src/protocol/leaf.ts";
import type { Match } from "../../../src/protocol/match.ts";
import type { Order } from "../../../src/protocol/order.ts";
import type { Place } from "../../../src/protocol/place.ts";
import type { RecordSeen } from "../../../src/protocol/recordSeen.ts";
import { buildTree, type Lot } from "../../../src/space/build.ts";
import { proveLeaf } from "../../../src/space/proof.ts";
import {
  createTouchSet,
  leavesWithin,
  pruneTree,
  type SpaceTree,
} from "../../../src/space/tree.ts";
import { encodeWitness } from "../../../src/space/witness.ts";
import { chooseSides, createLot } from "../space/lots.ts";

/** `length` bytes that differ with `seed` and along the way. */
export function fill(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => seed * 37 + index * 11);
}

export const LO = 1_000n;
export const HI = 5_000n;
export const PLACE: Place = { lo: 2_000n, hi: 3_000n, conditions: [] };
export const BRANCHED_PLACE: Place = { lo: 1_500n, hi: 1_700n, conditions: chooseSides([1, 0, 2]) };

/** A small space: two contracts, one of them under two conditions. */
export const LOTS: readonly Lot[] = [createLot(BRANCHED_PLACE, 1n), createLot(PLACE, 2n)];
export const TREE: SpaceTree = insist(buildTree(LO, HI, LOTS));
export const PATHS: readonly Uint8Array[] = [PLACE, BRANCHED_PLACE].map((place) =>
  insist(proveLeaf(TREE, place)),
);
const WITNESS: Uint8Array = createWitness();

function createWitness(): Uint8Array {
  const touched = createTouchSet();
  insist(leavesWithin(TREE, { lo: LO, hi: HI, conditions: [] }, touched));
  return encodeWitness(pruneTree(TREE, touched));
}

const anchors: readonly Anchor[] = [
  { kind: "none" },
  { kind: "mainChain" },
  { kind: "chain", id: fill(32, 3) },
];
export const LEAVES: readonly Leaf[] = anchors.map((anchor, index) => ({
  ...createLot(PLACE, 7n).leaf,
  depositBps: 2_000,
  madeIn: [1, 0x0102_0304, 0xffff_ffff][index] ?? 0,
  sealed: anchor.kind !== "none",
  anchor,
}));

export const FACTS: readonly FactKey[] = [
  { kind: "oracle", key: fill(32, 1) },
  { kind: "payment", key: fill(32, 2), height: 77, amount: 10n ** 8n },
  { kind: "secret", key: fill(32, 3), height: 0xffff_ffff },
];
export const CONDITION: Condition = {
  level: 64,
  salt: fill(32, 4),
  facts: FACTS,
  script: fill(50, 5),
};
export const CONTRACT: ContractNew = {
  place: BRANCHED_PLACE,
  owner: fill(33, 6),
  depositBps: 100,
  scriptHash: fill(32, 7),
};
export const EXACT_CLOSE: ExactClose = {
  contractId: fill(32, 8),
  seenBlock: fill(32, 9),
  heightMax: 500,
  successors: [CONTRACT, { ...CONTRACT, place: PLACE }],
};
export const EVIDENCE: FactEvidence = {
  headerHash: fill(32, 10),
  mapRoots: Array.from({ length: 8 }, (_, index) => fill(32, index)),
  proofs: [Uint8Array.of(0), fill(40, 11), new Uint8Array()],
};
export const CLOSES: readonly ContractClose[] = [
  {
    contractId: fill(32, 12),
    place: PLACE,
    authorisation: { kind: "exact", close: EXACT_CLOSE, signature: fill(65, 13) },
  },
  {
    contractId: fill(32, 14),
    place: BRANCHED_PLACE,
    authorisation: {
      kind: "void",
      conditionIndex: 1,
      condition: CONDITION,
      evidence: EVIDENCE,
    },
  },
];
export const ORDER: Order = {
  seenBlock: fill(32, 51),
  recorded: 7,
  market: { refund: fill(32, 52), win: fill(32, 53), depositBps: 0 },
  terms: {
    heightMax: 20,
    side: "buyNo",
    limit: 450,
    quantity: 5_000n,
    refundLeast: 450,
    contracts: [
      { lo: 10n, hi: 20n, kind: "cash" },
      { lo: 40n, hi: 4_000n, kind: "cash" },
    ],
  },
};
export const MARKETS: readonly Market[] = [
  {
    question: "Does the home side win? ⚽",
    ask: { kind: "binary", oracle: fill(32, 61) },
    outcomes: ["yes"],
    depositBps: 100,
    tick: 10,
    lot: 100_000n,
    yesBps: 4_000,
  },
  {
    question: "Who wins?",
    ask: { kind: "categorical", oracles: [fill(32, 62), fill(32, 63)] },
    outcomes: ["reds", "blues"],
    depositBps: 0,
    tick: 1,
    lot: 1_000n,
    yesBps: undefined,
  },
];
const BATCH_ORDER = {
  signed: { order: ORDER, signature: fill(65, 64) },
  owner: fill(33, 65),
};
export const BATCHES: readonly PublishedBatch[] = [
  {
    height: 5,
    books: [{ bookId: ORDER.market.win, price: undefined, orders: [BATCH_ORDER] }],
  },
  {
    height: 6,
    books: [{ bookId: ORDER.market.win, price: 999, orders: [BATCH_ORDER, BATCH_ORDER] }],
  },
];
const MATCH: Match = {
  market: ORDER.market,
  recorded: ORDER.recorded,
  price: 560,
  fills: [
    {
      terms: ORDER.terms,
      signature: fill(65, 54),
      quantity: 3_000n,
      pieces: [
        { lo: 10n, hi: 20n, kind: "refund" },
        { lo: 100n, hi: 200n, kind: "win" },
      ],
    },
    {
      terms: { ...ORDER.terms, side: "sellYes", contracts: [{ lo: 1n, hi: 2n, kind: "win" }] },
      signature: fill(65, 55),
      quantity: 5_000n,
      pieces: [{ lo: 1n, hi: 2n, kind: "cash" }],
    },
  ],
};
export const RECORDS_SEEN: readonly RecordSeen[] = [
  { height: 0xffff_ffff, late: [] },
  {
    height: 2,
    late: [
      { place: PLACE, since: 2 },
      { place: BRANCHED_PLACE, since: 0x0102_0304 },
    ],
  },
];
export const TRANSACTIONS: readonly BlockTransaction[] = [
  { kind: "match", match: MATCH },
  { kind: "contract-new", contract: CONTRACT },
  ...CLOSES.map((close) => ({ kind: "contract-close", close }) as const),
  {
    kind: "root-update",
    signed: {
      post: {
        place: { kind: "chain", id: fill(32, 31) },
        chainId: fill(32, 32),
        sequence: 1,
        blockHash: fill(32, 33),
      },
      signer: fill(33, 34),
      signature: fill(65, 35),
    },
  },
  {
    kind: "contract-seal",
    place: BRANCHED_PLACE,
    seal: {
      contractId: fill(32, 36),
      seenBlock: fill(32, 37),
      anchor: { kind: "chain", id: fill(32, 38) },
    },
    signature: fill(65, 39),
  },
  ...RECORDS_SEEN.map((seen) => ({ kind: "record-seen", seen }) as const),
];
export const BLOCK_HEADER: BlockHeader = {
  chainId: fill(32, 15),
  height: 3,
  previousHash: fill(32, 16),
  stateBefore: fill(32, 17),
  stateAfter: fill(32, 18),
  updatesRoot: fill(32, 19),
  mainHeight: 1_000,
  time: 1_700_000_000_000n,
};
export const BLOCK: SortitionBlock = {
  header: BLOCK_HEADER,
  signature: fill(65, 20),
  transactions: TRANSACTIONS,
  rootsRoot: fill(32, 21),
  postProofs: [Uint8Array.of(0)],
  witness: WITNESS,
  scripts: [fill(30, 22)],
  conditions: [CONDITION],
};
const ITEMS = TRANSACTIONS.map(encodeBlockTransaction);
export const LIST_PROOFS: readonly ListProof[] = ITEMS.map((_, index) => proveItem(ITEMS, index));
export const HOP: Hop = {
  header: BLOCK_HEADER,
  contractsRoot: fill(32, 34),
  rootsRoot: fill(32, 35),
  proof: fill(40, 36),
};
export const HOLDING: Holding = {
  header: BLOCK_HEADER,
  signature: fill(65, 37),
  rootsRoot: fill(32, 38),
  path: PATHS[1] as Uint8Array,
  posts: [fill(40, 39), Uint8Array.of(0)],
};
export const ANCHORED: AnchoredProof = {
  sequence: 4,
  hops: [],
  headers: [BLOCK_HEADER, BLOCK_HEADER],
  rootsRoot: fill(32, 23),
  path: PATHS[0] as Uint8Array,
};
/** The same of a chain two levels further down. */
export const NESTED: AnchoredProof = { ...ANCHORED, sequence: 6, hops: [HOP, HOP] };
const SHOWN = { transaction: ITEMS[1] as Uint8Array, proof: LIST_PROOFS[1] as ListProof };
const STATE_PROOF = { rootsRoot: fill(32, 24), witness: WITNESS };
export const CLOSE_PROOFS: readonly CloseProof[] = [BLOCK_HEADER, undefined].map((before) => ({
  sequence: 5,
  hops: before === undefined ? [HOP] : [],
  hopsBefore: before === undefined ? [HOP] : [],
  before,
  run: [BLOCK_HEADER],
  at: 0,
  close: SHOWN,
  others: before === undefined ? [] : [SHOWN],
  conditions: [CONDITION],
  stateBefore: STATE_PROOF,
  stateAfter: STATE_PROOF,
}));
export const CONTRACT_STATE: ContractState = {
  contractId: fill(32, 25),
  nonce: 9,
  script: fill(33, 26),
};
export const SIGNED_STATE: SignedState = {
  state: CONTRACT_STATE,
  ownerSignature: fill(65, 27),
  operatorSignature: fill(65, 28),
};
export const MAIN_HEADER: Header = {
  previousHash: fill(32, 29),
  height: 12,
  time: 2 ** 40 - 1,
  version: 3,
  treesHash: fill(32, 30),
  txsProofHash: fill(32, 31),
  difficulty: 5_000,
  nonce: fill(32, 32),
  period: 6_000,
};

/** A map of some keys, and a key that is not in it. */
export const MAP: MerkleMap = [1, 2, 3, 4, 5].reduce(
  (map, seed) => setValue(map, fill(32, seed), fill(12, seed)),
  emptyMap(),
);
export const KEY: Uint8Array = fill(32, 2);
export const ABSENT_KEY: Uint8Array = fill(32, 99);
