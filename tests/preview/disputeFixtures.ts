import type { DisputeView, WatchView } from "../../src/workers/disputeViews.ts";
import type { TowerView } from "../../src/workers/towerView.ts";
import type { WalletSnapshot } from "../../src/workers/walletApi.ts";
import { CASH_ID, CHAIN_ID, changeLive, HEIGHT, live, veo, YES_ID } from "./fixtures.ts";

const point = veo(404.25);
const inDisputes = changeLive(
  {
    phase: { kind: "disputes", point, until: HEIGHT + 21 },
    schedule: {
      expiry: HEIGHT - 22,
      drawn: HEIGHT - 19,
      claimsEnd: HEIGHT - 6,
      quiet: HEIGHT + 21,
    },
    markets: [],
  },
  { state: "won", actions: [] },
);

const former: DisputeView = {
  id: "close-1",
  chainId: CHAIN_ID,
  contractId: YES_ID,
  kind: "close",
  words:
    "A contract on 380 to 420 VEO is claimed. Its owner gave it up in block 41, before yours was made on its range.",
  claimant: "02".padEnd(66, "b91f44"),
  state: "open",
  confirmations: 0,
  until: HEIGHT + 20,
  rehearsal: { kind: "succeeds", cost: 10_000n, deposit: 0n, reward: veo(4.9) },
};

const older: DisputeView = {
  ...former,
  id: "state-1",
  kind: "state",
  words: "The operator claims your contract with terms number 2. You both signed number 3.",
  until: HEIGHT + 11,
};

const late: DisputeView = {
  ...former,
  id: "late-1",
  kind: "lateClaim",
  words: "What stood in the way of your contract has been removed.",
  claimant: "",
  until: HEIGHT + 9,
  rehearsal: { kind: "succeeds", cost: veo(0.02), deposit: veo(19.6), reward: veo(980) },
};

const watch: WatchView = {
  isAutomatic: true,
  scannedHeight: HEIGHT,
  watched: [
    {
      contractId: YES_ID,
      chainId: CHAIN_ID,
      trail: { kind: "complete", closes: 3, bytes: 4_210 },
    },
    { contractId: CASH_ID, chainId: CHAIN_ID, trail: { kind: "complete", closes: 0, bytes: 0 } },
    { contractId: "c3".padEnd(64, "0e"), chainId: CHAIN_ID, trail: { kind: "collecting" } },
    {
      contractId: "c4".padEnd(64, "0e"),
      chainId: CHAIN_ID,
      trail: {
        kind: "incomplete",
        missing: "nobody serves block 38, in which a contract on this range was given up",
      },
    },
  ],
};

const tower: TowerView = {
  url: "http://localhost:8095",
  state: "live",
  scannedHeight: HEIGHT,
  appointments: 12,
  receipts: 12,
  note: "",
};

const base: WalletSnapshot = { ...inDisputes, watch, towers: [tower], disputes: [] };

export const disputesNone: WalletSnapshot = base;
export const disputesNothingHeld: WalletSnapshot = {
  ...live,
  contracts: [],
  watch: { isAutomatic: true, scannedHeight: 0, watched: [] },
};
export const disputesOpen: WalletSnapshot = {
  ...base,
  watch: { ...watch, isAutomatic: false },
  disputes: [former],
};
export const disputesSeveral: WalletSnapshot = { ...base, disputes: [former, older, late] };
export const disputesIncomplete: WalletSnapshot = {
  ...base,
  disputes: [
    {
      ...former,
      rehearsal: {
        kind: "incomplete",
        missing: "the block in which the contract was given up is served by nobody",
      },
    },
  ],
};
export const disputesFails: WalletSnapshot = {
  ...base,
  disputes: [
    {
      ...former,
      rehearsal: {
        kind: "fails",
        code: "ALREADY_REMOVED",
        message: "the result has been removed already",
      },
    },
  ],
};
export const disputesAnswered: WalletSnapshot = {
  ...base,
  disputes: [
    { ...older, state: "sent", confirmations: 1 },
    { ...former, state: "confirmed", confirmations: 6 },
    { ...late, state: "over" },
  ],
};
export const disputesBehind: WalletSnapshot = {
  ...base,
  watch: { ...watch, scannedHeight: HEIGHT - 40 },
  towers: [
    {
      ...tower,
      state: "lags",
      scannedHeight: HEIGHT - 90,
      receipts: 9,
      note: "it has read the main chain up to block 1,114 and no further",
    },
    {
      ...tower,
      url: "http://localhost:8096",
      state: "down",
      scannedHeight: 0,
      receipts: 0,
      note: "http://localhost:8096 does not answer",
    },
  ],
};
