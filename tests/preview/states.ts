import type { RehearsalView } from "../../src/workers/disputeViews.ts";
import type {
  ChainView,
  ContractView,
  PhaseView,
  SettleAction,
  VerdictView,
  WalletSnapshot,
} from "../../src/workers/walletApi.ts";
import {
  disputesAnswered,
  disputesBehind,
  disputesFails,
  disputesIncomplete,
  disputesNone,
  disputesNothingHeld,
  disputesOpen,
  disputesSeveral,
} from "./disputeFixtures.ts";
import {
  CASH_ID,
  CHAIN_ID,
  chain,
  changeLive,
  claimed,
  crowd,
  fresh,
  HEIGHT,
  keyless,
  live,
  locked,
  market,
  NOW_MS,
  nest,
  offlineNetwork,
  SYNDICATE_ID,
  UNPAID_ID,
  veo,
  verified,
  YES_ID,
  yes,
} from "./fixtures.ts";
import {
  BOOK_ID,
  marketClosed,
  marketComing,
  marketCut,
  marketDifferent,
  marketEmpty,
  marketLate,
  marketLive,
  marketLong,
  marketOrders,
  marketOutcomes,
} from "./marketFixtures.ts";

/** Something done on the page before the picture is taken. */
export type Step =
  | { readonly press: string }
  | { readonly choose: string }
  | { readonly fill: string; readonly text: string }
  | { readonly focus: string };

/** One picture: a snapshot (none while the wallet opens), a place, and what is done there. */
export type PreviewState = {
  readonly name: string;
  readonly path: string;
  readonly snapshot: WalletSnapshot | undefined;
  readonly steps?: readonly Step[];
  readonly hasUpdate?: boolean;
  readonly openFailure?: string;
  /** What the wallet finds when it tries a step out; it never ends where there is none. */
  readonly rehearsal?: (action: SettleAction) => RehearsalView;
};

const onChain = `/chain/${CHAIN_ID}`;
const onYes = `/contract/${YES_ID}`;
const onMarket = `${onChain}/market/${BOOK_ID}`;
const point = veo(404.25);

const honest = chain.verdict.kind === "honest" ? chain.verdict.checks : [];
const breach: VerdictView = {
  kind: "broken",
  culprit: undefined,
  rule: "OCCUPIED",
  blockHeight: 88,
  transactionIndex: 2,
  lastRecord: 87,
  message: "a contract stands on 400 to 405 VEO",
  height: HEIGHT,
  checks: honest,
};
const broken = changeLive(
  { verdict: breach },
  { actions: [], stopped: "the chain broke the rule OCCUPIED in block 88" },
);
const brokenAbove = changeLive({
  verdict: {
    ...breach,
    culprit: {
      id: `9e${CHAIN_ID.slice(2)}`,
      label: "Exchange",
      operatorUrl: "http://localhost:8091",
    },
    rule: "EQUIVOCATION",
    transactionIndex: undefined,
    message: "the operator signed two different blocks 88",
  },
});
const down = changeLive({ connection: "down", checkedAtMs: NOW_MS - 12 * 60_000 });
const checking = changeLive({
  verdict: { kind: "checking", done: 34, total: 87, secondsLeft: 40 },
  segments: [],
});
const withheldPost = {
  chainId: CHAIN_ID,
  operatorUrl: "http://localhost:8090",
  sequence: 88,
} as const;
const asking = {
  kind: "withheld",
  since: 1_198,
  fee: veo(0.01),
  deposit: veo(1),
  answerWithin: 12,
} as const;
const stoppedBy = "a recorded block of the chain is withheld";
const heldUp: VerdictView = {
  kind: "waiting",
  culprit: undefined,
  reason:
    "The operator recorded post 88 on the main chain, and nobody serves the block that it names",
  sinceHeight: 1_198,
};
const heldBack: Partial<ContractView> = { actions: [], stopped: stoppedBy };
const withheld = changeLive(
  { verdict: heldUp, withheld: { ...withheldPost, ...asking } },
  {
    ...heldBack,
    showing: {
      offer: { ...asking, kind: "missing", sequence: 88, isByUs: false, until: 1_216 },
      asked: undefined,
    },
  },
);
const withheldDown = changeLive({
  verdict: heldUp,
  connection: "down",
  withheld: { ...withheldPost, ...asking },
});
const asked = {
  ...withheldPost,
  kind: "asked",
  since: 1_198,
  due: 1_211,
  answerWithin: 12,
} as const;
const withheldAsked = changeLive({ verdict: heldUp, withheld: asked }, heldBack);
const answered = changeLive(
  { withheld: { ...withheldPost, kind: "answered" } },
  { showing: { offer: undefined, asked: { sequence: 88, outcome: "stands", height: 1_203 } } },
);
const doubted = changeLive(
  { withheld: { ...withheldPost, kind: "doubted", due: 1_214, answerWithin: 12 } },
  {
    showing: {
      offer: { ...asking, kind: "doubted", sequence: 88, isByUs: true, until: 1_214 },
      asked: undefined,
    },
  },
);
const voided = changeLive(
  {
    verdict: { kind: "void", culprit: undefined, sequence: 88, sinceHeight: 1_203 },
    withheld: { ...withheldPost, kind: "void", isOpen: true },
  },
  { state: "void", expected: { amount: 0n, standing: verified }, actions: [], stopped: undefined },
);
const withheldAbove: WalletSnapshot = {
  ...nest(),
  chains: nest().chains.map((each) => ({
    ...each,
    phase: { kind: "trading", until: 1_600 },
    connection: "live",
    verdict: {
      ...heldUp,
      culprit: { id: CHAIN_ID, label: "Exchange", operatorUrl: "http://localhost:8090" },
    },
    withheld: { ...withheldPost, ...asking },
  })),
};
const decided = changeLive(
  { markets: [{ ...market, result: "true" }] },
  {
    conditions: [
      { words: "The home side wins on Saturday, or the question is bad", outcome: "for" },
    ],
    expected: { amount: veo(10), standing: { kind: "verified", height: HEIGHT } },
    actions: ["redeem", "sell", "update"],
  },
);
const decidedAgainst = changeLive(
  { markets: [{ ...market, result: "false" }] },
  {
    conditions: [
      { words: "The home side wins on Saturday, or the question is bad", outcome: "against" },
    ],
    expected: { amount: 0n, standing: { kind: "verified", height: HEIGHT } },
    actions: [],
  },
);
/** When the phases of a chain end whose claims close at `claimsEnd`. */
function schedule(claimsEnd: number): ChainView["schedule"] {
  return { expiry: claimsEnd - 16, drawn: claimsEnd - 13, claimsEnd, quiet: claimsEnd + 23 };
}
const claims = changeLive(
  {
    phase: { kind: "claims", point, until: HEIGHT + 9 },
    schedule: schedule(HEIGHT + 9),
    markets: [{ ...market, result: "true" }],
  },
  { state: "won", actions: ["claim"] },
);
const disputes = changeLive(
  {
    phase: { kind: "disputes", point: veo(700), until: HEIGHT + 21 },
    schedule: { ...schedule(HEIGHT - 6), quiet: HEIGHT + 21 },
    markets: [],
  },
  { state: "lost", actions: [] },
);
const paid = changeLive(
  {
    phase: { kind: "paid", point, to: "you", amount: veo(980) },
    schedule: schedule(HEIGHT - 60),
    markets: [],
  },
  { state: "won", actions: [] },
);
/** A sealed contract that won and became a chain, in a phase of its own. */
function ownChain(phase: PhaseView, actions: ContractView["actions"]): WalletSnapshot {
  return changeLive(paid.chains[0] ?? {}, {
    title: "Space of 10 VEO",
    kind: "space",
    conditions: [],
    state: "won",
    ownChain: phase,
    actions,
  });
}
const succeeds = (action: SettleAction): RehearsalView => ({
  kind: "succeeds",
  cost: action === "claim" ? veo(0.01) + 10_000n : 10_000n,
  deposit: action === "claim" ? veo(9.8) : 0n,
  reward: action === "claim" ? veo(980) : veo(989.8),
});
const disputedClaim: WalletSnapshot = {
  ...disputes,
  chains: disputes.chains.map((each) => ({
    ...each,
    phase: { kind: "disputes", point, until: HEIGHT },
    schedule: { ...each.schedule, quiet: HEIGHT },
  })),
  contracts: [{ ...yes, state: "won", actions: ["collect"] }],
};
const onSettle = "/settle";
const settleStates: readonly PreviewState[] = [
  { name: "settle", path: onSettle, snapshot: live },
  { name: "settle-empty", path: onSettle, snapshot: fresh },
  { name: "settle-claim", path: onSettle, snapshot: claims, rehearsal: succeeds },
  { name: "settle-claim-looking", path: onSettle, snapshot: claims },
  {
    name: "settle-claim-fails",
    path: onSettle,
    snapshot: claims,
    rehearsal: () => ({
      kind: "fails",
      code: "TOO_LATE",
      message: "expected a claim below height 1213, got 1214",
    }),
  },
  {
    name: "settle-offline",
    path: onSettle,
    snapshot: { ...claims, network: offlineNetwork },
    rehearsal: () => ({ kind: "incomplete", missing: "no main-chain node answers" }),
  },
  { name: "settle-collect", path: onSettle, snapshot: disputedClaim, rehearsal: succeeds },
  {
    name: "settle-done",
    path: onSettle,
    snapshot: disputedClaim,
    rehearsal: succeeds,
    steps: [{ press: "Collect" }],
  },
  { name: "settle-lost", path: onSettle, snapshot: disputes },
  { name: "settle-paid", path: onSettle, snapshot: paid },
  { name: "settle-nested", path: onSettle, snapshot: nest() },
  { name: "settle-doubted", path: onSettle, snapshot: doubted },
  { name: "settle-refund", path: onSettle, snapshot: voided },
  {
    name: "settle-locked",
    path: onSettle,
    snapshot: { ...claims, key: locked.key },
    steps: [{ press: "Look without unlocking" }],
  },
];
const onDisputes = "/disputes";
const disputeStates: readonly PreviewState[] = [
  { name: "disputes", path: onDisputes, snapshot: disputesNone },
  { name: "disputes-empty", path: onDisputes, snapshot: disputesNothingHeld },
  { name: "disputes-open", path: onDisputes, snapshot: disputesOpen },
  { name: "disputes-several", path: onDisputes, snapshot: disputesSeveral },
  { name: "disputes-incomplete", path: onDisputes, snapshot: disputesIncomplete },
  { name: "disputes-fails", path: onDisputes, snapshot: disputesFails },
  { name: "disputes-answered", path: onDisputes, snapshot: disputesAnswered },
  { name: "disputes-behind", path: onDisputes, snapshot: disputesBehind },
  {
    name: "disputes-tower-refused",
    path: onDisputes,
    snapshot: disputesBehind,
    steps: [{ fill: "Watchtower’s address", text: "tower" }, { press: "Add watchtower" }],
  },
  {
    name: "disputes-offline",
    path: onDisputes,
    snapshot: { ...disputesOpen, network: offlineNetwork },
  },
  {
    name: "disputes-locked",
    path: onDisputes,
    snapshot: { ...disputesSeveral, key: locked.key },
    steps: [{ press: "Look without unlocking" }],
  },
  {
    name: "disputes-done",
    path: onDisputes,
    snapshot: disputesOpen,
    steps: [{ press: "Show that it was given up" }],
  },
  { name: "settle-dispute", path: onSettle, snapshot: disputesSeveral },
];
const passphrase = "a bridge of seven planks";
const newPassphrase: readonly Step[] = [
  { fill: "Passphrase", text: passphrase },
  { fill: "Type it again", text: "a bridge of six planks" },
  { press: "Create key" },
];

/** Every screen in every state that it has. */
export const states: readonly PreviewState[] = [
  { name: "opening", path: "/", snapshot: undefined },
  {
    name: "opening-failed",
    path: "/",
    snapshot: undefined,
    openFailure: "the browser refused the database",
  },
  { name: "welcome-new", path: "/", snapshot: keyless },
  { name: "welcome-mismatch", path: "/", snapshot: keyless, steps: newPassphrase },
  {
    name: "welcome-import",
    path: "/",
    snapshot: keyless,
    steps: [
      { press: "I have a private key already" },
      { fill: "Private key", text: "0xabc" },
      { press: "Import key" },
    ],
  },
  { name: "welcome-locked", path: "/", snapshot: locked },
  {
    name: "welcome-wrong-passphrase",
    path: "/",
    snapshot: locked,
    steps: [{ fill: "Passphrase", text: "wrong" }, { press: "Unlock" }],
  },
  {
    name: "portfolio-looking-around",
    path: "/",
    snapshot: locked,
    steps: [{ press: "Look without unlocking" }],
  },
  { name: "portfolio-empty", path: "/", snapshot: fresh },
  { name: "portfolio", path: "/", snapshot: live },
  { name: "portfolio-tip", path: "/", snapshot: live, steps: [{ focus: "verified" }] },
  { name: "portfolio-done", path: "/", snapshot: live, steps: [{ press: "Get coins" }] },
  {
    name: "portfolio-offline",
    path: "/",
    snapshot: { ...live, network: offlineNetwork, chains: down.chains },
  },
  {
    name: "portfolio-claim",
    path: "/",
    snapshot: { ...claims, storage: { isPersisted: false, isFull: true } },
    hasUpdate: true,
  },
  {
    name: "portfolio-journey",
    path: "/",
    snapshot: {
      ...live,
      progress: { words: "Waiting until your payment is two blocks deep", done: 2, total: 5 },
    },
  },
  { name: "chains-empty", path: "/chains", snapshot: fresh },
  {
    name: "chains",
    path: "/chains",
    snapshot: {
      ...live,
      chains: [
        chain,
        { ...chain, ...checking.chains[0], id: `${CHAIN_ID}1` },
        { ...chain, ...broken.chains[0], id: `${CHAIN_ID}2` },
        {
          ...chain,
          ...down.chains[0],
          id: `${CHAIN_ID}3`,
          prize: { amount: veo(25_000), standing: claimed },
        },
      ],
    },
  },
  {
    name: "chains-refused",
    path: "/chains",
    snapshot: fresh,
    steps: [{ fill: "Operator’s address", text: "http://localhost:9" }, { press: "Add chain" }],
  },
  { name: "chain", path: onChain, snapshot: live },
  {
    name: "chain-ticket",
    path: onChain,
    snapshot: live,
    steps: [{ fill: "Stake", text: "10" }],
  },
  {
    name: "chain-ticket-too-much",
    path: onChain,
    snapshot: live,
    steps: [{ fill: "Stake", text: "100" }, { press: "Place bet" }],
  },
  { name: "chain-crowded", path: onChain, snapshot: { ...live, chains: [crowd()] } },
  { name: "chain-nested", path: onChain, snapshot: nest() },
  { name: "chains-nested", path: "/chains", snapshot: nest() },
  { name: "chain-inside", path: `/chain/${SYNDICATE_ID}`, snapshot: nest() },
  { name: "chain-checking", path: onChain, snapshot: checking },
  { name: "chain-broken", path: onChain, snapshot: broken },
  { name: "chain-broken-above", path: onChain, snapshot: brokenAbove },
  { name: "chain-withheld", path: onChain, snapshot: withheld },
  { name: "chain-withheld-down", path: onChain, snapshot: withheldDown },
  { name: "chain-withheld-asked", path: onChain, snapshot: withheldAsked },
  { name: "chain-withheld-answered", path: onChain, snapshot: answered },
  { name: "chain-withheld-doubted", path: onChain, snapshot: doubted },
  { name: "chain-withheld-void", path: onChain, snapshot: voided },
  { name: "chain-withheld-above", path: `/chain/${SYNDICATE_ID}`, snapshot: withheldAbove },
  { name: "contract-withheld", path: onYes, snapshot: withheld },
  { name: "contract-doubted", path: onYes, snapshot: doubted },
  { name: "contract-shown", path: onYes, snapshot: answered },
  { name: "contract-void", path: onYes, snapshot: voided },
  { name: "chain-down", path: onChain, snapshot: { ...down, network: offlineNetwork } },
  { name: "chain-claims", path: onChain, snapshot: claims },
  { name: "chain-disputes", path: onChain, snapshot: disputes },
  { name: "chain-paid", path: onChain, snapshot: paid },
  { name: "chain-markets", path: onChain, snapshot: marketOutcomes },
  { name: "market", path: onMarket, snapshot: marketLive },
  {
    name: "market-ticket",
    path: onMarket,
    snapshot: marketLive,
    steps: [{ fill: "Quantity", text: "25" }],
  },
  {
    name: "market-ticket-no",
    path: onMarket,
    snapshot: marketLive,
    steps: [
      { choose: "Buy no" },
      { fill: "Price, at most", text: "0.385" },
      { press: "Place order" },
    ],
  },
  {
    name: "market-ticket-too-much",
    path: onMarket,
    snapshot: marketLive,
    steps: [{ fill: "Quantity", text: "200" }, { press: "Place order" }],
  },
  {
    name: "market-placed",
    path: onMarket,
    snapshot: marketLive,
    steps: [{ fill: "Quantity", text: "2.5" }, { press: "Place order" }],
  },
  {
    name: "market-ticket-no-lots",
    path: onMarket,
    snapshot: marketLive,
    steps: [{ fill: "Quantity", text: "2.55" }],
  },
  { name: "market-coming", path: onMarket, snapshot: marketComing },
  { name: "market-sell", path: onMarket, snapshot: marketLive, steps: [{ press: "Sell yes" }] },
  { name: "market-orders", path: onMarket, snapshot: marketOrders },
  { name: "market-empty", path: onMarket, snapshot: marketEmpty },
  { name: "market-late", path: onMarket, snapshot: marketLate },
  { name: "market-cut", path: onMarket, snapshot: marketCut },
  { name: "market-different", path: onMarket, snapshot: marketDifferent },
  { name: "market-closed", path: onMarket, snapshot: marketClosed },
  { name: "market-long", path: onMarket, snapshot: marketLong },
  { name: "market-outcomes", path: onMarket, snapshot: marketOutcomes },
  {
    name: "market-locked",
    path: onMarket,
    snapshot: { ...marketCut, key: locked.key },
    steps: [{ press: "Look without unlocking" }],
  },
  { name: "market-missing", path: `${onChain}/market/00`, snapshot: live },
  {
    name: "contract-nest",
    path: `/contract/${CASH_ID}`,
    snapshot: nest(),
    steps: [
      { press: "Run a chain inside this" },
      { fill: "Code that the operator prints", text: "sortition-hand-over:03a1b2c3" },
    ],
  },
  { name: "contract", path: onYes, snapshot: live },
  { name: "contract-quote", path: onYes, snapshot: live, steps: [{ press: "Sell" }] },
  { name: "contract-decided", path: onYes, snapshot: decided },
  { name: "contract-decided-against", path: onYes, snapshot: decidedAgainst },
  { name: "contract-claim", path: onYes, snapshot: claims, rehearsal: succeeds },
  {
    name: "contract-own-chain",
    path: onYes,
    snapshot: ownChain({ kind: "claims", point, until: HEIGHT + 9 }, []),
  },
  {
    name: "contract-own-chain-collect",
    path: onYes,
    snapshot: ownChain({ kind: "disputes", point, until: HEIGHT }, ["collectOwnChain"]),
  },
  { name: "contract-stopped", path: onYes, snapshot: broken },
  { name: "contract-lost", path: onYes, snapshot: disputes },
  { name: "contract-unpaid", path: `/contract/${UNPAID_ID}`, snapshot: live },
  { name: "contract-missing", path: "/contract/00", snapshot: live },
  ...settleStates,
  ...disputeStates,
  { name: "activity", path: "/activity", snapshot: live },
  { name: "activity-empty", path: "/activity", snapshot: fresh },
  { name: "proof", path: "/proof", snapshot: live },
  {
    name: "welcome-restore",
    path: "/",
    snapshot: keyless,
    steps: [{ press: "I have a claim kit" }, { press: "Restore" }],
  },
  {
    name: "portfolio-kit",
    path: "/",
    snapshot: { ...live, kit: { state: "stale", contracts: 2 } },
  },
  {
    name: "contract-qr",
    path: onYes,
    snapshot: live,
    steps: [{ press: "Show as QR codes" }],
  },
  { name: "proof-bare", path: "/proof", snapshot: undefined },
  { name: "settings", path: "/settings", snapshot: live },
  {
    name: "settings-offline",
    path: "/settings",
    snapshot: {
      ...live,
      network: offlineNetwork,
      storage: { isPersisted: false, isFull: true },
    },
  },
];
