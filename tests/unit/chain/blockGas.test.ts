import { describe, expect, it } from "vitest";
import { createDeepClaim } from "../../../bench/scaling/deepClaim.ts";
import { applyBlock } from "../../../src/chain/applyBlock.ts";
import type { MainBlock } from "../../../src/chain/block.ts";
import { draftBlock, isForLater } from "../../../src/chain/draftBlock.ts";
import { createGasMeter } from "../../../src/chain/gasMeter.ts";
import { computeRunGas } from "../../../src/chain/runGas.ts";
import { judgeClaim } from "../../../src/chain/settlement/judgeClaim.ts";
import { type ResultRecord, resultKeyOf } from "../../../src/chain/settlement/resultRecord.ts";
import { encodeMoveBody } from "../../../src/chain/settlement/slash.ts";
import { type ChainRecord, encodeChainRecord } from "../../../src/chain/state/chainRecord.ts";
import { type MainState, putRecord } from "../../../src/chain/state/mainState.ts";
import { putResults } from "../../../src/chain/state/results.ts";
import type { SignedTransaction } from "../../../src/chain/transaction.ts";
import { runScripts } from "../../../src/chalang/run.ts";
import { compareBytes, concatBytes } from "../../../src/lib/bytes.ts";
import { sha256 } from "../../../src/lib/hash.ts";
import { judge } from "../../../src/lib/verdict.ts";
import { type Condition, hashCondition } from "../../../src/protocol/condition.ts";
import type { Leaf } from "../../../src/protocol/leaf.ts";
import {
  BLOCK_GAS_MAX,
  CHALANG_LIMITS,
  CONDITIONS_MAX,
  LINE_MAX,
  SUCCESSORS_MAX,
} from "../../../src/protocol/limits.ts";
import { LOCAL_NETWORK } from "../../../src/protocol/network.ts";
import { createRules } from "../../../src/protocol/rules.ts";
import { hashScript } from "../../../src/protocol/script.ts";
import { computeDigest, signDigest } from "../../../src/protocol/signature.ts";
import { GENESIS, type Person, people, sign } from "../node/nodeLab.ts";

const RULES = createRules(LOCAL_NETWORK);
const FULL_RUN = CHALANG_LIMITS.opGas;
const [MINER] = people as [Person];
const CHAIN_ID = sha256(Uint8Array.of(1));
const RUNNERS = 5;

/** Assembly `int4 1`: leaves the nonce that the evidence gives, and says true. */
const SCRIPT = Uint8Array.of(0, 0, 0, 0, 1);
const DROP = 20;

/** Evidence that gives a nonce, after so many numbers for nothing. */
function evidence(nonce: number, rounds: number): Uint8Array {
  const round = Uint8Array.of(0, 0, 0, 0, 0, DROP);
  return concatBytes(
    ...Array.from({ length: rounds }, () => round),
    Uint8Array.of(0, 0, 0, 0, nonce),
  );
}

const gasOf = (scriptSig: Uint8Array): number =>
  computeRunGas(runScripts({ scriptSig, script: SCRIPT, ...CHALANG_LIMITS }));

const CHAIN: ChainRecord = {
  id: CHAIN_ID,
  operator: MINER.publicKey,
  lo: 0n,
  hi: 1_000n,
  amount: 1_000n,
  expiry: 0,
  depositBps: 0,
  claimDelay: 100,
  disputeDelay: 100,
  startHeight: 0,
  won: undefined,
};

/** A result of each runner, whose terms are the script above. */
function resultOf(runner: number): ResultRecord {
  const { publicKey: owner } = people[runner] as Person;
  const leaf: Leaf = {
    id: sha256(Uint8Array.of(2, runner)),
    owner,
    lo: 0n,
    hi: 1_000n,
    depositBps: 0,
    scriptHash: hashScript(SCRIPT),
    madeIn: 1,
    sealed: false,
    anchor: { kind: "none" },
  };
  return {
    chainId: CHAIN_ID,
    line: [{ leaf, rank: { height: 1, index: 0, place: 0 } }],
    run: { stateNonce: 0, scriptHash: hashScript(SCRIPT), outcome: { kind: "failed" } },
    carrier: owner,
    deposit: 0n,
    fee: 0n,
    writtenAt: 1,
    changedAt: 1,
    ownerMoves: 2,
    operatorMoves: 2,
    lastMoverAgainst: undefined,
    removal: undefined,
  };
}

const WITH_CHAIN = putRecord(GENESIS.state, "chains", CHAIN_ID, encodeChainRecord(CHAIN));
const START: MainState = putResults(
  WITH_CHAIN,
  Array.from({ length: RUNNERS }, (_, runner) => resultOf(runner)),
);

/** A runner's move with evidence. */
function move(runner: number, scriptSig: Uint8Array, nonce = 1): SignedTransaction {
  const person = people[runner] as Person;
  const resultKey = resultKeyOf(resultOf(runner));
  const side = "owner" as const;
  const said = { resultKey, side, stateNonce: 0, scriptSig, carrier: person.publicKey };
  const body = encodeMoveBody({ ...said, scriptHash: hashScript(SCRIPT) });
  const digest = computeDigest("signMove", RULES.networkId, body);
  return sign(person, nonce, 1n, {
    kind: "sortition-slash",
    slash: {
      kind: "move",
      chainId: CHAIN_ID,
      resultKey,
      side,
      state: undefined,
      script: SCRIPT,
      scriptSig,
      signature: signDigest(digest, person.privateKey),
    },
  });
}

function draft(transactions: readonly SignedTransaction[], gasMax: number, state = START) {
  const place = {
    rules: RULES,
    parent: GENESIS.header,
    state,
    getHeader: () => undefined,
    workHashAt: () => undefined,
    time: GENESIS.header.header.time + 20,
    miner: MINER.publicKey,
  };
  return draftBlock(transactions, place, gasMax);
}

function apply(block: MainBlock, gasMax: number) {
  return applyBlock(START, block, { rules: RULES, workHashAt: () => undefined }, gasMax);
}

const LONG = evidence(1, 500);
const SHORT = evidence(1, 20);

describe("what a block may run", () => {
  it("is its budget of gas to the last, and not one more", () => {
    const moves = [0, 1, 2].map((runner) => move(runner, LONG));
    const needed = 3 * gasOf(LONG);
    expect(needed).toBeGreaterThan(1_000);
    const { block, leftOut } = draft(moves, needed);
    expect(leftOut).toEqual([]);
    expect(apply(block, needed)).toMatchObject({ ok: true });
    expect(apply(block, needed - 1)).toMatchObject({ ok: false, code: "GAS_USED_UP" });
  });

  it("is filled by who drafts it, and what does not fit is left for the next", () => {
    const long = [0, 1, 2, 3].map((runner) => move(runner, LONG));
    const short = move(4, SHORT);
    const spend = sign(people[5] as Person, 1, 1n);
    const budget = 2 * gasOf(LONG) + gasOf(SHORT);
    const first = draft([...long, short, spend], budget);
    expect(first.block.transactions).toEqual([long[0], long[1], short, spend]);
    expect(first.leftOut).toEqual(
      [long[2], long[3]].map((transaction) => ({ transaction, code: "GAS_USED_UP" })),
    );
    expect(first.leftOut.every(isForLater)).toBe(true);
    const applied = apply(first.block, budget);
    if (!applied.ok) throw new Error(applied.message);
    const second = draft(
      first.leftOut.map(({ transaction }) => transaction),
      budget,
      applied.value,
    );
    expect(second.block.transactions).toEqual([long[2], long[3]]);
  });

  it("is what who drafts it may lose on transactions that do not hold, too", () => {
    // Evidence that fails is no newer than what stands, and is charged as a whole run.
    const failing = Array.from({ length: RUNNERS - 1 }, (_, runner) =>
      move(runner, Uint8Array.of(DROP)),
    );
    const honest = move(RUNNERS - 1, SHORT);
    const codes = (budget: number) =>
      draft([...failing, honest], budget).leftOut.map(({ code }) => code);
    expect(draft(failing, 5 * FULL_RUN).leftOut.some(isForLater)).toBe(false);
    expect(codes(5 * FULL_RUN)).toEqual(failing.map(() => "NOT_NEWER"));
    expect(codes(2 * FULL_RUN)).toEqual([
      "NOT_NEWER",
      "NOT_NEWER",
      "GAS_USED_UP",
      "GAS_USED_UP",
      "GAS_USED_UP",
    ]);
  });

  it("holds the longest claim whose every run takes all it may, and the longest close", () => {
    const conditions = Array.from({ length: CONDITIONS_MAX }, (_, index): Condition => {
      return {
        level: 0,
        salt: sha256(Uint8Array.of(3, index)),
        facts: [],
        script: Uint8Array.of(DROP, DROP),
      };
    }).toSorted((a, b) => compareBytes(hashCondition(a), hashCondition(b)));
    const nesting = { depth: LINE_MAX, breadth: 2, anchors: "top", conditions } as const;
    const { claim, carrier, view } = createDeepClaim(nesting);
    expect(judgeClaim(claim, carrier, view)).toMatchObject({ ok: true });
    // Each condition failed, and the last contract's script ran.
    expect(view.gas.used()).toBeGreaterThan(LINE_MAX * CONDITIONS_MAX * FULL_RUN);
    expect(BLOCK_GAS_MAX).toBeGreaterThanOrEqual((LINE_MAX * CONDITIONS_MAX + 1) * FULL_RUN);
    // All conditions of all successors, and one of each other close that may be shown with it.
    const inClose = SUCCESSORS_MAX * CONDITIONS_MAX + SUCCESSORS_MAX;
    expect(BLOCK_GAS_MAX).toBeGreaterThanOrEqual(inClose * FULL_RUN);
    const gas = createGasMeter(LINE_MAX * CONDITIONS_MAX * FULL_RUN);
    expect(judgeClaim(claim, carrier, { ...view, gas })).toMatchObject({ code: "GAS_USED_UP" });
  });
});

it("begins no run once all gas is used", () => {
  const gas = createGasMeter(FULL_RUN);
  const failed = { kind: "error", stage: "script", reason: "it fails" } as const;
  expect(gas.run(() => failed)).toBe(failed);
  const next = judge(() => gas.run(() => expect.fail("it is run")));
  expect(next).toMatchObject({ ok: false, code: "GAS_USED_UP" });
  expect(gas.used()).toBe(FULL_RUN);
});

describe("what a run is charged", () => {
  const run = (script: Uint8Array) =>
    computeRunGas(runScripts({ scriptSig: new Uint8Array(), script, ...CHALANG_LIMITS }));

  it("is its gas", () => {
    expect(run(SCRIPT)).toBeGreaterThan(0);
    expect(gasOf(LONG) - gasOf(evidence(1, 499))).toBeLessThan(10);
    expect(gasOf(LONG)).toBeGreaterThan(500);
  });

  it("is its part of the work that gas does not pay for, where that is more", () => {
    // A number joined to itself again and again, for a unit of gas each time.
    const [DUP, JOIN] = [21, 134];
    const joins = Array.from({ length: 14 }, () => Uint8Array.of(DUP, JOIN));
    const script = concatBytes(Uint8Array.of(0, 0, 0, 0, 7), ...joins);
    const result = runScripts({ scriptSig: new Uint8Array(), script, ...CHALANG_LIMITS });
    if (result.kind !== "ok") throw new Error("the script runs");
    const charged = computeRunGas(result);
    expect(charged).toBe(Math.ceil((result.work * FULL_RUN) / (64 * 1024 * 1024)));
    expect(charged).toBeGreaterThan(FULL_RUN - result.opGas);
  });

  it("is all gas for one that fails", () => {
    expect(run(Uint8Array.of(DROP))).toBe(FULL_RUN);
  });
});
