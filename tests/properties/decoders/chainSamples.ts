import type { PostedClose } from "../../../src/blocks/closeProof.ts";
import type { MainBlock } from "../../../src/chain/block.ts";
import type {
  Challenge,
  ChallengeAnswer,
  ChallengeResponse,
  ChallengeTimeout,
} from "../../../src/chain/challenges/challengeMessages.ts";
import type {
  ChallengeRecord,
  OpenChallenge,
} from "../../../src/chain/challenges/challengeRecord.ts";
import type {
  DataRequest,
  DataResponse,
  DataSlash,
} from "../../../src/chain/requests/dataMessages.ts";
import type { DataRecord, OpenRequest } from "../../../src/chain/requests/dataRecord.ts";
import type { DataTarget } from "../../../src/chain/requests/dataTarget.ts";
import type { Claim, ClaimBody } from "../../../src/chain/settlement/claim.ts";
import type { ResultRecord } from "../../../src/chain/settlement/resultRecord.ts";
import type { SettlementRecord } from "../../../src/chain/settlement/settledRecord.ts";
import type { SignedMoveBody, Slash } from "../../../src/chain/settlement/slash.ts";
import type { ChainRecord } from "../../../src/chain/state/chainRecord.ts";
import type { SignedTransaction, TransactionBody } from "../../../src/chain/transaction.ts";
import type { Leaf } from "../../../src/protocol/leaf.ts";
import {
  ANCHORED,
  BLOCK_HEADER,
  CLOSE_PROOFS,
  CONDITION,
  fill,
  LEAVES,
  MAIN_HEADER,
  NESTED,
  SIGNED_STATE,
} from "./sampleValues.ts";

const LEVEL = { proof: ANCHORED, conditions: [CONDITION] };

export const CLAIMS: readonly Claim[] = [SIGNED_STATE, undefined].map((state) => ({
  chainId: fill(32, 1),
  line: state === undefined ? [LEVEL, { proof: NESTED, conditions: [] }] : [LEVEL],
  script: fill(20, 2),
  state,
  scriptSig: fill(9, 3),
  signature: fill(65, 4),
}));

export const CLAIM_BODY: ClaimBody = {
  chainId: fill(32, 1),
  lineHash: fill(32, 2),
  stateNonce: 3,
  scriptSigHash: fill(32, 4),
  carrier: fill(33, 5),
};

export const MOVE_BODIES: readonly SignedMoveBody[] = (["owner", "operator"] as const).map(
  (side) => ({
    resultKey: fill(32, 1),
    side,
    stateNonce: 3,
    scriptHash: fill(32, 2),
    scriptSigHash: fill(32, 4),
    carrier: fill(33, 5),
  }),
);

const ON_RESULT = { chainId: fill(32, 5), resultKey: fill(32, 6) };

export const SLASHES: readonly Slash[] = [
  {
    kind: "move",
    ...ON_RESULT,
    side: "operator",
    state: SIGNED_STATE,
    script: new Uint8Array(),
    scriptSig: fill(9, 7),
    signature: fill(65, 8),
  },
  { kind: "close", ...ON_RESULT, level: 1, closes: CLOSE_PROOFS },
];

const SHOWN = { leaf: LEAVES[0] as Leaf, rank: { height: 100, index: 3, place: 63 } };

const RESULT: ResultRecord = {
  chainId: fill(32, 9),
  line: [SHOWN],
  run: {
    stateNonce: 4,
    scriptHash: fill(32, 10),
    outcome: { kind: "ran", isTrue: true, nonce: 5 },
  },
  carrier: fill(33, 11),
  deposit: 10n ** 8n,
  fee: 10n ** 6n,
  writtenAt: 200,
  changedAt: 201,
  ownerMoves: 2,
  operatorMoves: 1,
  lastMoverAgainst: fill(33, 12),
  removal: { level: 0, closedAt: SHOWN.rank, successor: SHOWN, openTo: 300 },
};

export const RESULTS: readonly ResultRecord[] = [
  RESULT,
  {
    ...RESULT,
    run: { ...RESULT.run, outcome: { kind: "failed" } },
    lastMoverAgainst: undefined,
    removal: undefined,
  },
  {
    ...RESULT,
    line: [SHOWN, SHOWN],
    removal: { level: 1, closedAt: SHOWN.rank, successor: undefined, openTo: 300 },
  },
];

const SETTLED = {
  chainId: fill(32, 13),
  height: 400,
  point: 77n,
  winner: { owner: fill(33, 14), contractId: fill(32, 15), becameChain: fill(32, 37) },
  paid: 5n,
  operatorPaid: 6n,
  askersPaid: 8n,
  burnt: 7n,
};

export const SETTLEMENTS: readonly SettlementRecord[] = [
  { kind: "open", count: 3 },
  { kind: "settled", settled: SETTLED },
  { kind: "settled", settled: { ...SETTLED, winner: undefined } },
  {
    kind: "settled",
    settled: { ...SETTLED, winner: { ...SETTLED.winner, becameChain: undefined } },
  },
];

const CHAIN_RECORD: ChainRecord = {
  id: fill(32, 16),
  operator: fill(33, 17),
  lo: 0n,
  hi: 10n ** 11n,
  amount: 10n ** 11n,
  expiry: 500,
  depositBps: 100,
  claimDelay: 12,
  disputeDelay: 24,
  startHeight: 9,
  won: undefined,
};

const ANCHORED_CHAIN = {
  id: fill(32, 38),
  operator: fill(33, 39),
  lo: 0n,
  hi: 10n ** 11n,
  expiry: 500,
  anchor: { kind: "mainChain" },
} as const;
const INSIDE = {
  ...ANCHORED_CHAIN,
  id: fill(32, 40),
  operator: fill(33, 17),
  anchor: { kind: "chain", id: fill(32, 38) },
} as const;

export const CHAIN_RECORDS: readonly ChainRecord[] = [
  CHAIN_RECORD,
  { ...CHAIN_RECORD, won: { point: 77n, lineage: [ANCHORED_CHAIN, INSIDE] } },
];

const TARGET: DataTarget = {
  topId: fill(32, 43),
  chainId: fill(32, 44),
  operator: fill(33, 45),
};
const ASKED = {
  at: 77n,
  conditions: [
    { level: 0, hash: fill(32, 46), side: true },
    { level: 64, hash: fill(32, 47), side: false },
  ],
};

export const REQUESTS: readonly DataRequest[] = [
  {
    topId: fill(32, 43),
    sequence: 3,
    isSwitched: true,
    path: [
      { id: fill(32, 43), operator: fill(33, 48) },
      { id: fill(32, 44), operator: fill(33, 45) },
    ],
    hops: [
      {
        header: BLOCK_HEADER,
        contractsRoot: fill(32, 49),
        rootsRoot: fill(32, 50),
        proof: Uint8Array.of(0),
      },
    ],
    subject: { kind: "blocks", after: [BLOCK_HEADER], have: fill(32, 51) },
  },
  {
    topId: fill(32, 43),
    sequence: 3,
    isSwitched: false,
    path: [{ id: fill(32, 43), operator: fill(33, 48) }],
    hops: [],
    subject: { kind: "proof", asked: ASKED },
  },
];

export const RESPONSES: readonly DataResponse[] = [
  {
    target: TARGET,
    requestId: fill(32, 52),
    space: { lo: 3n, hi: 9n },
    answer: { kind: "block", bytes: fill(40, 53) },
  },
  {
    target: TARGET,
    requestId: fill(32, 52),
    space: undefined,
    answer: { kind: "proof", header: BLOCK_HEADER, rootsRoot: fill(32, 54), path: fill(9, 55) },
  },
];

export const DATA_SLASH: DataSlash = { target: TARGET, requestId: fill(32, 56) };

const OPEN: OpenRequest = {
  id: fill(32, 57),
  sequence: 4,
  awaited: { kind: "blocks", wanted: fill(32, 58), have: fill(32, 59), count: 2 },
  asker: fill(33, 60),
  deposit: 9n,
  fee: 8n,
  due: 120,
};

export const DATA_RECORDS: readonly DataRecord[] = [
  { open: [OPEN], voided: undefined },
  {
    open: [{ ...OPEN, awaited: { kind: "proof", block: fill(32, 58), asked: ASKED } }],
    voided: { sequence: 2, due: 90, asker: fill(33, 61), fee: 7n },
  },
];

export const CHALLENGES: readonly Challenge[] = [
  {
    topId: fill(32, 43),
    path: [
      { id: fill(32, 43), operator: fill(33, 48) },
      { id: fill(32, 44), operator: fill(33, 45) },
    ],
    space: { lo: 3n, hi: 9n },
    first: { ...NESTED, isSwitched: false },
    second: { ...ANCHORED, isSwitched: true },
    asked: ASKED,
  },
  {
    topId: fill(32, 43),
    path: [{ id: fill(32, 43), operator: fill(33, 48) }],
    space: undefined,
    first: { ...ANCHORED, isSwitched: false },
    second: { ...ANCHORED, isSwitched: false },
    asked: { at: 5n, conditions: [] },
  },
];

const POSTED: readonly PostedClose[] = CLOSE_PROOFS.map(({ stateAfter: _, ...posted }) => posted);
const PATH = [{ id: fill(32, 43), operator: fill(33, 48) }];

const CHALLENGE_ANSWERS: readonly ChallengeAnswer[] = [
  ...POSTED.map(
    ({ sequence, hops, run: headers, close }) =>
      ({
        kind: "close",
        sequence,
        isSwitched: false,
        path: PATH,
        hops,
        headers,
        close,
      }) as const,
  ),
  { kind: "condition", index: 3, condition: CONDITION },
  ...POSTED.map(
    (posted, index) =>
      ({
        kind: "late",
        isSwitched: true,
        path: PATH,
        space: index === 0 ? undefined : { lo: 3n, hi: 9n },
        posted,
      }) as const,
  ),
];

export const POSTED_CLOSES = POSTED;

export const CHALLENGE_RESPONSES: readonly ChallengeResponse[] = CHALLENGE_ANSWERS.map(
  (answer) => ({ target: TARGET, challengeId: fill(32, 64), answer }),
);

export const CHALLENGE_TIMEOUT: ChallengeTimeout = { target: TARGET, challengeId: fill(32, 64) };

const OPEN_CHALLENGE: OpenChallenge = {
  id: fill(32, 64),
  leaf: LEAVES[0] as Leaf,
  conditions: ASKED.conditions,
  first: { block: 1, height: 2, index: 3 },
  second: { block: 4, height: 5, index: 6 },
  challenger: fill(33, 65),
  deposit: 9n,
  fee: 8n,
  due: 120,
};

export const CHALLENGE_RECORDS: readonly ChallengeRecord[] = [
  { open: [OPEN_CHALLENGE], lost: undefined },
  {
    open: [],
    lost: { due: 90, challenger: fill(33, 66), fee: 7n },
  },
];

const BODIES: readonly TransactionBody[] = [
  { kind: "spend", to: fill(33, 18), amount: 3n },
  {
    kind: "spend",
    to: fill(33, 18),
    amount: 4n,
    payment: {
      reference: fill(32, 19),
      heightMax: 60,
      recordKey: fill(32, 20),
      recordHash: fill(32, 21),
    },
  },
  {
    kind: "sortition-new",
    operator: fill(33, 22),
    amount: 10n ** 11n,
    expiry: 500,
    depositBps: 100,
    claimDelay: 12,
    disputeDelay: 24,
  },
  {
    kind: "existence",
    entry: {
      kind: "post",
      post: {
        place: { kind: "mainChain" },
        chainId: fill(32, 23),
        sequence: 1,
        blockHash: fill(32, 24),
      },
      signer: fill(33, 25),
      signature: fill(65, 26),
    },
  },
  { kind: "existence", entry: { kind: "plain", hash: fill(32, 27) } },
  { kind: "existence", entry: { kind: "secret", secret: fill(20, 28) } },
  {
    kind: "existence",
    entry: {
      kind: "switch",
      switch: { chainId: fill(32, 61), first: 2 ** 31 },
      signer: fill(33, 62),
      signature: fill(65, 63),
    },
  },
  { kind: "oracle-new", reporter: fill(33, 29), question: "Who wins?" },
  { kind: "oracle-report", oracleId: fill(32, 30), result: "bad" },
  ...CLAIMS.map((claim) => ({ kind: "sortition-contract", claim }) as const),
  ...SLASHES.map((slash) => ({ kind: "sortition-slash", slash }) as const),
  { kind: "sortition-timeout", timeout: { chainId: fill(32, 31) } },
  ...REQUESTS.map((request) => ({ kind: "data-request", request }) as const),
  ...RESPONSES.map((response) => ({ kind: "data-response", response }) as const),
  { kind: "data-slash", slash: DATA_SLASH },
  ...CHALLENGES.map((challenge) => ({ kind: "challenge", challenge }) as const),
  ...CHALLENGE_RESPONSES.map((response) => ({ kind: "challenge-response", response }) as const),
  { kind: "challenge-timeout", timeout: CHALLENGE_TIMEOUT },
];

export const SIGNED_TRANSACTIONS: readonly SignedTransaction[] = BODIES.map((body, index) => ({
  transaction: { from: fill(33, 32), nonce: index + 1, fee: 1_000n, body },
  signature: fill(65, 33),
}));

export const MAIN_BLOCK: MainBlock = {
  header: MAIN_HEADER,
  miner: fill(33, 34),
  transactions: SIGNED_TRANSACTIONS.slice(0, 8),
};
