import { parseArgs } from "node:util";
import { readLabel } from "../api/chainLabel.ts";
import type { Market } from "../api/marketApi.ts";
import { accept, demand, insist, judge, Refusal, refuse, type Verdict } from "../lib/verdict.ts";
import { listFlags, MARKET_OPTIONS, readMarketFlags } from "./marketFlags.ts";
import { INSIDE_OPTIONS, type InsideFlags, readInside } from "./nested/insideFlags.ts";

/** A chain to be made on the main chain: satoshi locked, and heights and delays in main-chain blocks. */
export type NewChain = {
  readonly amount: bigint;
  readonly expiry: number;
  readonly depositBps: number;
  readonly claimDelay: number;
  readonly disputeDelay: number;
};

/** What the operator is started with. */
export type OperatorFlags = {
  readonly port: number;
  readonly host: string;
  readonly data: string;
  readonly node: string;
  readonly keyFile: string | undefined;
  /** Undefined where the data directory has its chain already. */
  readonly create: NewChain | undefined;
  /** Undefined for a chain on the main chain. */
  readonly inside: InsideFlags | undefined;
  /** What the chain is called; empty for nothing. */
  readonly label: string;
  readonly markets: readonly Market[];
  /** A file with more markets; undefined for none. */
  readonly marketsFile: string | undefined;
  /** How long orders are collected for one batch; undefined for the policy's own time. */
  readonly batchMs: number | undefined;
  /** Whether lines of the process's input are commands. */
  readonly isConsole: boolean;
  readonly feeBps: number;
  /** Start of a clock that who started the process moves; undefined for the system's. */
  readonly manualClockMs: number | undefined;
  /** Whether false claims of this chain's contracts are answered; otherwise they are left to others. */
  readonly isDefending: boolean;
  /** Whether the local network's faucet pays for the chain. */
  readonly faucet: boolean;
};

/** Longest time for which orders are collected. */
const BATCH_MS_MAX = 3_600_000;

/** How the operator is started, for a person. */
const USAGE = `operator --data DIR --node URL [--key FILE] [--port 8400] [--host 127.0.0.1]
  [--create AMOUNT,EXPIRY,DEPOSIT_BPS,CLAIM_DELAY,DISPUTE_DELAY]
  [--parent URL --contract ID | --range LO,HI | --buy WIDTH, --anchor parent|main|CHAIN_ID [--switch | --switch-after BLOCKS]]
  [--market QUESTION --oracle ID[,ID...] [--outcomes WORD[,WORD...]] [--tick 10] [--lot 100000] [--deposit-bps 0] [--yes-bps N]]...
  [--markets FILE] [--batch-ms 1000] [--console] [--fee-bps 50] [--label NAME] [--clock manual:MS --local] [--faucet] [--no-defence]`;

/** Read the command line. A flag that is wrong or missing is named. */
export function parseFlags(args: readonly string[]): Verdict<OperatorFlags> {
  return judge(() => {
    const { values, tokens } = insist(readValues(args));
    const { data, node, clock } = values;
    if (data === undefined || node === undefined) {
      throw new Refusal("FLAG_MISSING", `expected --data and --node\n${USAGE}`);
    }
    demand(URL.canParse(node), "BAD_FLAG", `expected --node as a URL, got ${node}`);
    demand(
      clock === undefined || values.local === true,
      "BAD_FLAG",
      "a manual clock needs --local: it is for scenarios only",
    );
    const inside = readInside(values);
    demand(
      inside === undefined || values.create === undefined,
      "BAD_FLAG",
      "expected --create or --parent: a chain is on the main chain or inside another",
    );
    return {
      port: number(values.port ?? "8400", "--port", 65_535),
      host: values.host ?? "127.0.0.1",
      data,
      node,
      keyFile: values.key,
      create: values.create === undefined ? undefined : readNewChain(values.create),
      inside,
      label: readLabel(values.label ?? ""),
      markets: readMarketFlags(tokens),
      marketsFile: values.markets,
      batchMs:
        values["batch-ms"] === undefined
          ? undefined
          : number(values["batch-ms"], "--batch-ms", BATCH_MS_MAX),
      isConsole: values.console === true,
      feeBps: number(values["fee-bps"] ?? "50", "--fee-bps", 10_000),
      manualClockMs: clock === undefined ? undefined : readClock(clock),
      isDefending: values["no-defence"] !== true,
      faucet: values.faucet === true,
    };
  });
}

function readValues(args: readonly string[]) {
  try {
    const { values, tokens } = parseArgs({
      args: [...args],
      tokens: true,
      options: {
        port: { type: "string" },
        host: { type: "string" },
        data: { type: "string" },
        node: { type: "string" },
        key: { type: "string" },
        create: { type: "string" },
        ...INSIDE_OPTIONS,
        ...MARKET_OPTIONS,
        markets: { type: "string" },
        "batch-ms": { type: "string" },
        console: { type: "boolean" },
        "fee-bps": { type: "string" },
        label: { type: "string" },
        clock: { type: "string" },
        local: { type: "boolean" },
        faucet: { type: "boolean" },
        "no-defence": { type: "boolean" },
      },
    });
    return accept({ values, tokens: listFlags(tokens) });
  } catch (error) {
    const why = error instanceof Error ? error.message : "unreadable flags";
    return refuse("BAD_FLAG", `${why}\n${USAGE}`);
  }
}

function readNewChain(text: string): NewChain {
  const parts = text.split(",");
  demand(parts.length === 5, "BAD_FLAG", "expected five numbers in --create, with commas between");
  const [amount = "", expiry = "", deposit = "", claim = "", dispute = ""] = parts;
  demand(
    /^[1-9][0-9]{0,18}$/.test(amount),
    "BAD_FLAG",
    "expected an amount of satoshi in --create",
  );
  return {
    amount: BigInt(amount),
    expiry: number(expiry, "the expiry in --create", 0xffff_ffff),
    depositBps: number(deposit, "the deposit share in --create", 2_000),
    claimDelay: number(claim, "the claim delay in --create", 0xffff_ffff),
    disputeDelay: number(dispute, "the dispute delay in --create", 0xffff_ffff),
  };
}

function readClock(text: string): number {
  const [kind, ms = "0"] = text.split(":");
  demand(kind === "manual", "BAD_FLAG", "expected --clock manual or manual:MS");
  return number(ms, "the time in --clock", Number.MAX_SAFE_INTEGER);
}

function number(text: string, what: string, max: number): number {
  const value = /^[0-9]{1,16}$/.test(text) ? Number(text) : Number.NaN;
  demand(value <= max, "BAD_FLAG", `expected ${what} as an integer of 0 to ${max}, got ${text}`);
  return value;
}
