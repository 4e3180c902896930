import { expect, it } from "vitest";
import { createManualClock } from "../../../src/operator/clock.ts";
import { parseFlags } from "../../../src/operator/parseFlags.ts";

const NEEDED = ["--data", "d", "--node", "http://127.0.0.1:1"];
const ORACLE = "ab".repeat(32);

it("reads a whole command line", () => {
  const create = ["--create", "100000000000,120,100,12,24"];
  const market = ["--market", "Do the reds win?", "--oracle", ORACLE, "--yes-bps", "4000"];
  market.push("--market", "Who wins?", "--oracle", `${ORACLE},${"cd".repeat(32)}`);
  market.push("--outcomes", "reds, blues", "--tick", "5", "--lot", "2000");
  const rest = ["--clock", "manual:5", "--local", "--fee-bps", "7", "--port", "0"];
  rest.push("--batch-ms", "2000", "--markets", "more.json", "--console");
  const flags = parseFlags([...NEEDED, ...create, ...market, ...rest]);
  expect(flags).toMatchObject({
    ok: true,
    value: {
      port: 0,
      feeBps: 7,
      batchMs: 2_000,
      marketsFile: "more.json",
      isConsole: true,
      manualClockMs: 5,
      create: { amount: 100_000_000_000n, expiry: 120, disputeDelay: 24 },
      markets: [
        {
          question: "Do the reds win?",
          ask: { kind: "binary", oracle: new Uint8Array(32).fill(0xab) },
          outcomes: ["yes"],
          tick: 10,
          lot: 100_000n,
          yesBps: 4_000,
        },
        {
          question: "Who wins?",
          ask: { kind: "categorical" },
          outcomes: ["reds", "blues"],
          tick: 5,
          lot: 2_000n,
          yesBps: undefined,
        },
      ],
    },
  });
});

const PARENT = ["--parent", "http://127.0.0.1:2/"];

it("reads which contract becomes a chain, and where it posts", () => {
  const read = (...args: string[]) => {
    const flags = parseFlags([...NEEDED, ...PARENT, ...args]);
    return flags.ok ? flags.value.inside : flags;
  };
  const parentUrl = "http://127.0.0.1:2";
  expect(read()).toEqual({ parentUrl, choice: undefined, anchor: undefined });
  expect(read("--range", "0,25", "--anchor", "main")).toEqual({
    parentUrl,
    choice: { kind: "range", lo: 0n, hi: 25n },
    anchor: { kind: "mainChain" },
  });
  expect(read("--buy", "7", "--anchor", "parent")).toMatchObject({
    choice: { kind: "bought", width: 7n },
    anchor: { kind: "parent" },
  });
  expect(read("--switch")).toMatchObject({ switchAfter: 0 });
  expect(read("--switch-after", "30")).toMatchObject({ switchAfter: 30 });
  expect(read("--contract", ORACLE, "--anchor", ORACLE)).toMatchObject({
    choice: { kind: "held", id: new Uint8Array(32).fill(0xab) },
    anchor: { kind: "chain", id: new Uint8Array(32).fill(0xab) },
  });
});

it.each([
  [["--contract", ORACLE], /--contract is for a chain inside another: expected --parent too/],
  [["--anchor", "main"], /--anchor is for a chain inside another/],
  [[...PARENT, "--contract", ORACLE, "--buy", "5"], /one of --contract, --range and --buy/],
  [[...PARENT, "--contract", "ab"], /--contract 64 letters of lower-case hex, got ab/],
  [[...PARENT, "--anchor", "grandparent"], /--anchor as parent, main, or a chain's id/],
  [[...PARENT, "--range", "5,5"], /LO below HI, got 5,5/],
  [[...PARENT, "--range", "1,2,3"], /--range as LO,HI/],
  [[...PARENT, "--buy", "0"], /--buy as a width in satoshi/],
  [["--parent", "here"], /--parent as an http or https address, got here/],
  [["--label", "x".repeat(41)], /a name of at most 40 letters/],
  [["--label", "Sports\u202emarket"], /without control characters/],
  [["--label", " Sports"], /or blanks around it/],
  [["--switch"], /--switch is for a chain inside another/],
  [["--switch-after", "5"], /--switch-after is for a chain inside another/],
  [[...PARENT, "--switch", "--switch-after", "5"], /one of --switch and --switch-after/],
  [[...PARENT, "--switch-after", "0"], /--switch-after in main-chain blocks, from 1, got 0/],
  [[...PARENT, "--create", "1,2,3,4,5"], /--create or --parent/],
  [["--market", "Who?"], /--oracle with each --market/],
  [["--tick", "5", "--market", "Who?", "--oracle", ORACLE], /--market before --tick/],
  [["--market", "Who?", "--oracle", ORACLE, "--tick", "5", "--tick", "5"], /--tick is given twice/],
  [["--market", "Who?", "--oracle", ORACLE, "--tick", "3"], /Who\?: expected a tick that divides/],
  [["--market", "Who?", "--oracle", ORACLE, "--lot", "1500"], /a lot that is a multiple of 1000/],
  [["--market", "Who?", "--oracle", ORACLE, "--outcomes", "a,b"], /1 words of 1 to 40 letters/],
  [
    ["--market", "Who?", "--oracle", `${ORACLE},${ORACLE}`, "--outcomes", "a,b"],
    /one oracle twice/,
  ],
])("says in words what is wrong with %j", (args, words) => {
  const flags = parseFlags([...NEEDED, ...args]);
  expect(flags.ok ? "" : flags.message).toMatch(words);
});

it.each([
  [[], "FLAG_MISSING"],
  [["--nonsense"], "BAD_FLAG"],
  [[...NEEDED, "--clock", "manual"], "BAD_FLAG"],
  [[...NEEDED, "--port", "70000"], "BAD_FLAG"],
  [[...NEEDED, "--oracle", ORACLE], "BAD_FLAG"],
  [[...NEEDED, "--market", "Who?", "--oracle", "ab"], "BAD_FLAG"],
  [[...NEEDED, "--create", "1,2"], "BAD_FLAG"],
  [["--data", "d", "--node", "nowhere"], "BAD_FLAG"],
])("names what is wrong with %j", (args, code) => {
  expect(parseFlags(args)).toMatchObject({ ok: false, code });
});

it("wakes who waits for a time that a manual clock has passed, once", () => {
  const clock = createManualClock(10);
  const woken: number[] = [];
  clock.wakeAt(20, () => woken.push(clock.now()));
  clock.setTime(19);
  expect(woken).toEqual([]);
  clock.setTime(25);
  clock.setTime(30);
  clock.setTime(5);
  expect(woken).toEqual([25]);
  expect(clock.now()).toBe(30);
});
