import type {
  ActivityView,
  ChainView,
  ContractView,
  Figure,
  LayerView,
  MarketView,
  NetworkView,
  SegmentView,
  Standing,
  WalletSnapshot,
} from "../../src/workers/walletApi.ts";

/** The moment of every preview; the screenshots hold the page's clock to it. */
export const NOW_MS = Date.UTC(2026, 10, 24, 12, 0, 0);
export const HEIGHT = 1_204;
const VEO = 100_000_000n;

export function veo(amount: number): bigint {
  return BigInt(Math.round(amount * 1_000)) * (VEO / 1_000n);
}

/** 32 bytes of hex that begin like `start`. */
function makeId(start: string): string {
  return start.padEnd(64, "7c3fa90b18e2d654");
}

export const verified: Standing = { kind: "verified", height: HEIGHT };
const pending: Standing = { kind: "pending", waitsFor: "a main-chain block with your payment" };
export const claimed: Standing = { kind: "claimed", by: "the operator" };

function figure(amount: number, standing: Standing = verified): Figure {
  return { amount: veo(amount), standing };
}

export const network: NetworkView = {
  name: "local",
  nodes: [
    { url: "http://localhost:8080", state: "live", height: HEIGHT, note: "" },
    { url: "http://localhost:8081", state: "live", height: HEIGHT, note: "" },
  ],
  height: HEIGHT,
  tipTimeMs: NOW_MS - 3_000,
  work: "184467440737095",
  isStale: false,
  blockPeriodMs: 2_000,
  confirmations: 2,
};

export const offlineNetwork: NetworkView = {
  ...network,
  nodes: [
    {
      url: "http://localhost:8080",
      state: "down",
      height: HEIGHT,
      note: "It refused the connection 40 s ago; the next try is in 20 s.",
    },
    {
      url: "http://localhost:8081",
      state: "refused",
      height: 1_190,
      note: "Its header 1,190 has less work than it says.",
    },
  ],
  tipTimeMs: NOW_MS - 26 * 60_000,
};

export const CHAIN_ID = makeId("5c1a77e0");
export const YES_ID = makeId("a1");
const YES_ON_NO_ID = makeId("a2");
export const CASH_ID = makeId("a3");
export const UNPAID_ID = makeId("a4");
const LOST_ID = makeId("a5");

function other(index: number, when = ""): LayerView {
  return { contractId: makeId(`b${index.toString(16).padStart(6, "0")}`), isMine: false, when };
}

function mine(contractId: string, when = ""): LayerView {
  return { contractId, isMine: true, when };
}

const free: LayerView = { contractId: undefined, isMine: false, when: "" };

function segment(lo: number, hi: number, ...layers: LayerView[]): SegmentView {
  return { lo: veo(lo), hi: veo(hi), layers, crowd: 0 };
}

const segments: readonly SegmentView[] = [
  segment(0, 120, other(1)),
  segment(120, 300, other(2)),
  segment(300, 400, other(3, "if the result is true or bad"), other(4, "if it is false")),
  segment(400, 410, mine(YES_ID, "if the result is true or bad"), other(5, "if it is false")),
  segment(410, 452, mine(CASH_ID)),
  segment(452, 460, { ...free, when: "if it is not paid" }, mine(UNPAID_ID, "once it is paid")),
  segment(460, 600, free),
  segment(600, 610, mine(YES_ON_NO_ID, "if the result is true"), other(6, "if it is not true")),
  segment(610, 790, other(7)),
  segment(790, 1000, free),
];

export const market: MarketView = {
  id: makeId("0ac1e0"),
  question: "Does the home side win on Saturday?",
  result: "open",
  resultStanding: verified,
  yesPercent: 50,
};

export const chain: ChainView = {
  id: CHAIN_ID,
  topId: CHAIN_ID,
  label: "",
  ancestors: [],
  postsIn: undefined,
  switchedAt: undefined,
  operatorUrl: "http://localhost:8090",
  operator: `02${makeId("9f3b")}`,
  connection: "live",
  checkedAtMs: NOW_MS - 4_000,
  lo: 0n,
  hi: veo(1000),
  prize: figure(1000),
  depositBps: 200,
  expiry: 1_600,
  segments,
  mode: "full",
  withheld: undefined,
  verdict: {
    kind: "honest",
    isOwnShare: false,
    sharedAbove: undefined,
    height: HEIGHT,
    blockHeight: 87,
    confirmations: 5,
    checks: [
      {
        what: "Main-chain headers, each with its work",
        count: HEIGHT,
        upTo: "main-chain block 1,204",
      },
      {
        what: "Records of this chain with their proofs, and that there is no further one",
        count: 87,
        upTo: "main-chain block 1,204",
      },
      { what: "Blocks under a record, linked without a gap", count: 87, upTo: "record 87" },
      { what: "Blocks, each with its proof of the state before", count: 87, upTo: "block 87" },
      { what: "Transactions, each by its rule", count: 412, upTo: "block 87" },
      { what: "Signatures of operator and owners", count: 243, upTo: "block 87" },
      { what: "Contracts that stand, none over another", count: 12, upTo: "block 87" },
    ],
  },
  blocks: 87,
  posts: 87,
  markets: [market],
  phase: { kind: "trading", until: 1_600 },
  schedule: { expiry: 1_600, drawn: 1_603, claimsEnd: 1_616, quiet: 1_639 },
};

export const yes: ContractView = {
  id: YES_ID,
  chainId: CHAIN_ID,
  positionId: YES_ID,
  prizeWidth: veo(1000),
  title: "Yes: the home side wins on Saturday",
  kind: "yes",
  state: "held",
  ownChain: undefined,
  standing: verified,
  lo: veo(400),
  hi: veo(410),
  expected: figure(5),
  cost: veo(5),
  conditions: [
    { words: "The home side wins on Saturday, or the question is bad", outcome: "open" },
  ],
  script: "int4 0 int4 1",
  nonce: 3,
  signedBy: ["you", "operator"],
  proofBytes: 478,
  history: [
    { height: 1_180, words: "Space of 10 VEO bought under the condition that you pay." },
    { height: 1_183, words: "Your payment of 10 VEO was recorded." },
    { height: 1_188, words: "Turned into plain space." },
    { height: 1_191, words: "Bet on yes against somebody’s 10 VEO." },
  ],
  actions: ["sell", "update"],
  stopped: undefined,
  showing: undefined,
};

const yesOnNo: ContractView = {
  ...yes,
  id: YES_ON_NO_ID,
  lo: veo(600),
  hi: veo(610),
  cost: veo(5),
};

const cash: ContractView = {
  ...yes,
  id: CASH_ID,
  positionId: CASH_ID,
  title: "Space of 42 VEO",
  kind: "space",
  lo: veo(410),
  hi: veo(452),
  expected: figure(42),
  cost: veo(42),
  conditions: [],
  nonce: 0,
  signedBy: [],
  actions: ["sell", "nest"],
};

export const unpaid: ContractView = {
  ...cash,
  id: UNPAID_ID,
  positionId: UNPAID_ID,
  title: "Purchase of 8 VEO of space",
  kind: "unpaid",
  state: "requested",
  standing: pending,
  lo: veo(452),
  hi: veo(460),
  expected: figure(8, pending),
  cost: veo(8),
  conditions: [{ words: "You pay 8 VEO before block 1,230", outcome: "open" }],
  proofBytes: 0,
  history: [{ height: 1_202, words: "The operator posted the space under your name." }],
  actions: ["pay"],
};

const lost: ContractView = {
  ...cash,
  id: LOST_ID,
  positionId: LOST_ID,
  title: "Space of 3 VEO",
  state: "lost",
  expected: figure(0),
  cost: veo(3),
  actions: [],
};

const HOUR = 3_600_000;
const activity: readonly ActivityView[] = [
  ["Payment of 8 VEO for space sent.", 10_000, pending],
  ["Bet on yes placed: 10 VEO on “Does the home side win on Saturday?”", 4 * 60_000, verified],
  ["The operator says that a block follows within a minute.", 5 * 60_000, claimed],
  ["Chain with a prize of 1,000 VEO checked from its first block: honest so far.", HOUR, verified],
  ["100 VEO received from the local faucet.", 26 * HOUR, verified],
  ["Key made on this device.", 26.2 * HOUR, verified],
].map(([words, ageMs, standing], index) => ({
  id: `activity-${index}`,
  atMs: NOW_MS - Number(ageMs),
  words: String(words),
  standing: typeof standing === "object" ? standing : verified,
}));

const ADDRESS =
  "BL1sRRC2q4t0fQzKpNmVZ5cOe8sJ7b0yXwA3dEhTgUiRkLnMvPqSrTuWxYzAbCdEfGhIjKlMnOpQrStUvWxYz0E=";

export const live: WalletSnapshot = {
  key: { kind: "unlocked", address: ADDRESS, publicKey: `03${makeId("e1d2")}` },
  network,
  balance: figure(47.98),
  hasFaucet: true,
  chains: [chain],
  contracts: [yes, yesOnNo, cash, unpaid, lost],
  books: [],
  orders: [],
  positions: [],
  disputes: [],
  watch: {
    isAutomatic: true,
    scannedHeight: HEIGHT,
    watched: [YES_ID, YES_ON_NO_ID, CASH_ID].map((contractId) => ({
      contractId,
      chainId: CHAIN_ID,
      trail: { kind: "complete", closes: 2, bytes: 2_840 },
    })),
  },
  towers: [],
  activity,
  progress: undefined,
  storage: { isPersisted: true, isFull: false },
};

export const fresh: WalletSnapshot = {
  ...live,
  balance: figure(0),
  chains: [],
  contracts: [],
  watch: { isAutomatic: true, scannedHeight: 0, watched: [] },
  activity: [],
  storage: { isPersisted: false, isFull: false },
};

export const locked: WalletSnapshot = { ...live, key: { kind: "locked", address: ADDRESS } };
export const keyless: WalletSnapshot = { ...fresh, key: { kind: "none" } };

/** A chain of a thousand lots, some free, a few the reader's. */
export function crowd(): ChainView {
  const lots = Array.from({ length: 1_000 }, (_, index) => {
    const isFree = (index * 7) % 31 < 6;
    const layer = index % 289 === 3 ? mine(CASH_ID) : isFree ? free : other(index);
    return segment(index, index + 1, layer);
  });
  return { ...chain, segments: lots };
}

const SPORTS_ID = other(7).contractId ?? "";
export const SYNDICATE_ID = makeId("5d1");

/** `live` with a chain inside the chain, and one inside that, where the reader holds a piece. */
export function nest(): WalletSnapshot {
  const sports: ChainView = {
    ...chain,
    id: SPORTS_ID,
    operatorUrl: "http://localhost:8091",
    label: "Sports market",
    ancestors: [CHAIN_ID],
    postsIn: CHAIN_ID,
    connection: "down",
    lo: veo(610),
    hi: veo(790),
    segments: [
      segment(610, 640, other(20)),
      segment(640, 720, { ...other(0), contractId: SYNDICATE_ID }),
      segment(720, 790, free),
    ],
  };
  const syndicate: ChainView = {
    ...chain,
    id: SYNDICATE_ID,
    operatorUrl: "http://localhost:8092",
    label: "Syndicate",
    ancestors: [SPORTS_ID, CHAIN_ID],
    postsIn: CHAIN_ID,
    lo: veo(640),
    hi: veo(720),
    segments: [
      segment(640, 655, other(21)),
      segment(655, 665, mine(CASH_ID)),
      segment(665, 720, free),
    ],
  };
  const phase = { kind: "claims", point: veo(660), until: HEIGHT + 9 } as const;
  const schedule = {
    expiry: HEIGHT - 7,
    drawn: HEIGHT - 4,
    claimsEnd: HEIGHT + 9,
    quiet: HEIGHT + 32,
  };
  const inside = { ...cash, chainId: SYNDICATE_ID, lo: veo(655), hi: veo(665) };
  return {
    ...live,
    chains: [{ ...chain, label: "Exchange" }, sports, syndicate].map((each) => ({
      ...each,
      phase,
      schedule,
    })),
    contracts: [inside],
  };
}

/** `live` with its chain and its contracts changed. */
export function changeLive(
  chainChange: Partial<ChainView>,
  contractChange: Partial<ContractView> = {},
): WalletSnapshot {
  return {
    ...live,
    chains: [{ ...chain, ...chainChange }],
    contracts: [{ ...yes, ...contractChange }, yesOnNo, cash],
  };
}
