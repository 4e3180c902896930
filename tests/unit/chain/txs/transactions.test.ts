import { describe, expect, it } from "vitest";
import { createGasMeter } from "../../../../src/chain/gasMeter.ts";
import {
  credit,
  dropRecord,
  EMPTY_STATE,
  getAccount,
  type MainState,
} from "../../../../src/chain/state/mainState.ts";
import {
  decodeTransaction,
  encodeTransaction,
  encodeUnsigned,
  type SignedTransaction,
  type TransactionBody,
} from "../../../../src/chain/transaction.ts";
import { applyTransaction } from "../../../../src/chain/txs/applyTransaction.ts";
import { sha256 } from "../../../../src/lib/hash.ts";
import { getValue, mapRoot } from "../../../../src/lib/map/merkleMap.ts";
import { insist } from "../../../../src/lib/verdict.ts";
import type { NamedPlace } from "../../../../src/protocol/anchor.ts";
import { computeOracleId, computePlainKey } from "../../../../src/protocol/keys.ts";
import { BLOCK_GAS_MAX } from "../../../../src/protocol/limits.ts";
import { LOCAL_NETWORK } from "../../../../src/protocol/network.ts";
import { computePostKey, encodePost } from "../../../../src/protocol/post.ts";
import { createRules } from "../../../../src/protocol/rules.ts";
import { computeDigest, computePublicKey, signDigest } from "../../../../src/protocol/signature.ts";
import {
  computeSwitchedPostKey,
  computeSwitchKey,
  encodeSwitch,
} from "../../../../src/protocol/switch.ts";

const rules = createRules(LOCAL_NETWORK);
const alice = sha256(Uint8Array.of(1));
const bob = sha256(Uint8Array.of(2));
const ALICE = computePublicKey(alice);
const BOB = computePublicKey(bob);
const HASH = sha256(Uint8Array.of(3));
const START = credit(credit(EMPTY_STATE, ALICE, 10_000n), BOB, 10_000n);

function sign(key: Uint8Array, nonce: number, body: TransactionBody, fee = 5n): SignedTransaction {
  const transaction = { from: computePublicKey(key), nonce, fee, body };
  const digest = computeDigest("signTransaction", rules.networkId, encodeUnsigned(transaction));
  return { transaction, signature: signDigest(digest, key) };
}

function apply(state: MainState, signed: SignedTransaction, height = 10) {
  const gas = createGasMeter(BLOCK_GAS_MAX);
  const place = { rules, height, index: 0, gas, workHashAt: () => undefined };
  return applyTransaction(state, signed, place);
}

function code(state: MainState, signed: SignedTransaction, height = 10): string {
  const applied = apply(state, signed, height);
  return applied.ok ? "holds" : applied.code;
}

function post(
  sequence: number,
  key = alice,
  place: NamedPlace = { kind: "mainChain" },
): TransactionBody {
  const said = { place, chainId: HASH, sequence, blockHash: HASH };
  const digest = computeDigest("signPost", rules.networkId, encodePost(said));
  const signature = signDigest(digest, key);
  return { kind: "existence", entry: { kind: "post", post: said, signer: ALICE, signature } };
}

function switchOver(first: number, key = alice): TransactionBody {
  const said = { chainId: HASH, first };
  const digest = computeDigest("signSwitch", rules.networkId, encodeSwitch(said));
  const signature = signDigest(digest, key);
  return { kind: "existence", entry: { kind: "switch", switch: said, signer: ALICE, signature } };
}

const spend = (amount: bigint): TransactionBody => ({ kind: "spend", to: BOB, amount });

describe("every transaction", () => {
  it("needs its sender's signature, the next nonce, and its fee", () => {
    expect(code(START, sign(alice, 1, spend(1n)))).toBe("holds");
    expect(code(START, sign(alice, 2, spend(1n)))).toBe("NONCE_AHEAD");
    expect(code(START, sign(alice, 0, spend(1n)))).toBe("NONCE_USED");
    expect(code(START, sign(alice, 1, spend(1n), 10_001n))).toBe("NOT_ENOUGH_MONEY");
    const { transaction } = sign(alice, 1, spend(1n));
    const { signature } = sign(bob, 1, spend(1n));
    expect(code(START, { transaction, signature })).toBe("BAD_SIGNATURE");
  });

  it("comes back from its bytes as it went in, or is refused", () => {
    const terms = { reference: HASH, heightMax: 9, recordKey: HASH, recordHash: HASH };
    const bodies: TransactionBody[] = [
      spend(7n),
      { kind: "spend", to: BOB, amount: 7n, payment: terms },
      post(1),
      post(1, alice, { kind: "switched" }),
      switchOver(7),
      { kind: "existence", entry: { kind: "secret", secret: Uint8Array.of(1) } },
      { kind: "oracle-new", reporter: ALICE, question: "ö?" },
      { kind: "oracle-report", oracleId: HASH, result: "bad" },
      { kind: "sortition-timeout", timeout: { chainId: HASH } },
    ];
    for (const body of bodies) {
      const bytes = encodeTransaction(sign(alice, 1, body));
      expect(encodeTransaction(insist(decodeTransaction(bytes)))).toEqual(bytes);
      for (let length = 0; length < bytes.length; length++) {
        expect(decodeTransaction(bytes.slice(0, length)).ok).toBe(false);
      }
    }
    const later = encodeTransaction(sign(alice, 1, spend(1n)));
    later[33 + 4 + 8] = 15;
    expect(decodeTransaction(later)).toMatchObject({ code: "NOT_SERVED" });
    later[33 + 4 + 8] = 16;
    expect(decodeTransaction(later)).toMatchObject({ code: "UNKNOWN_KIND" });
  });
});

describe("a spend", () => {
  it("moves what is there, and nothing for nothing", () => {
    const { state, minerFee } = insist(apply(START, sign(alice, 1, spend(400n))));
    expect(getAccount(state, ALICE)).toEqual({ balance: 9_595n, nonce: 1 });
    expect(getAccount(state, BOB).balance).toBe(10_400n);
    expect(minerFee).toBe(5n);
    expect(code(START, sign(alice, 1, spend(9_996n)))).toBe("NOT_ENOUGH_MONEY");
    expect(code(START, sign(alice, 1, spend(0n)))).toBe("NOTHING_SPENT");
  });

  it("is a payment only in time, once, and while the record it leans on stands", () => {
    const recorded = insist(
      apply(START, sign(alice, 1, { kind: "existence", entry: { kind: "plain", hash: HASH } })),
    ).state;
    const recordKey = computePlainKey(ALICE, HASH);
    const payment = { reference: HASH, heightMax: 12, recordKey, recordHash: HASH };
    const pay = (nonce: number, terms = payment) =>
      sign(alice, nonce, { kind: "spend", to: BOB, amount: 1n, payment: terms });
    expect(code(recorded, pay(2), 13)).toBe("TOO_LATE");
    expect(code(recorded, pay(2, { ...payment, recordHash: sha256(HASH) }))).toBe("NO_SUCH_RECORD");
    expect(code(START, pay(1))).toBe("NO_SUCH_RECORD");
    const paid = insist(apply(recorded, pay(2), 12)).state;
    expect(code(paid, pay(3))).toBe("PAID_ALREADY");
  });
});

describe("records", () => {
  it("takes posts in order, each once, by their signer", () => {
    expect(code(START, sign(bob, 1, post(2)))).toBe("SEQUENCE_GAP");
    expect(code(START, sign(bob, 1, post(1, bob)))).toBe("BAD_SIGNATURE");
    const one = insist(apply(START, sign(bob, 1, post(1)))).state;
    expect(code(one, sign(bob, 2, post(1)))).toBe("RECORDED_ALREADY");
    expect(code(one, sign(bob, 2, post(2)))).toBe("holds");
  });

  it("takes a chain's switch once, by its operator, and from then on its posts from the number named", () => {
    const switched = { kind: "switched" } as const;
    expect(code(START, sign(bob, 1, switchOver(3, bob)))).toBe("BAD_SIGNATURE");
    expect(code(START, sign(bob, 1, post(1, alice, switched)))).toBe("NOT_SWITCHED");
    const over = insist(apply(START, sign(bob, 1, switchOver(3)), 10)).state;
    expect(code(over, sign(bob, 2, switchOver(3)))).toBe("RECORDED_ALREADY");
    expect(code(over, sign(bob, 2, switchOver(9)))).toBe("RECORDED_ALREADY");
    expect(code(over, sign(bob, 2, post(1, alice, switched)))).toBe("SEQUENCE_GAP");
    expect(code(over, sign(bob, 2, post(4, alice, switched)))).toBe("SEQUENCE_GAP");
    expect(code(over, sign(bob, 2, post(3, bob, switched)))).toBe("BAD_SIGNATURE");
    const one = insist(apply(over, sign(bob, 2, post(3, alice, switched)))).state;
    expect(code(one, sign(bob, 3, post(3, alice, switched)))).toBe("RECORDED_ALREADY");
    expect(code(one, sign(bob, 3, post(4, alice, switched)))).toBe("holds");
  });

  it("keeps posts after a switch apart from all that was recorded before it", () => {
    const native = insist(apply(START, sign(bob, 1, post(1)))).state;
    const over = insist(apply(native, sign(bob, 2, switchOver(1)))).state;
    const both = insist(apply(over, sign(bob, 3, post(1, alice, { kind: "switched" })))).state;
    expect(code(both, sign(bob, 4, post(2)))).toBe("holds");
    const keys = [computePostKey, computeSwitchedPostKey].map((keyOf) => keyOf(ALICE, HASH, 1));
    expect(keys.map((key) => getValue(both.existence, key) !== undefined)).toEqual([true, true]);
    const back = dropRecord(over, "existence", computeSwitchKey(ALICE, HASH));
    expect(mapRoot(back.existence)).toEqual(mapRoot(native.existence));
  });

  it("lets nobody pay on a switch as if it had recorded a block", () => {
    const over = insist(apply(START, sign(bob, 1, switchOver(3)))).state;
    const recordKey = computeSwitchKey(ALICE, HASH);
    const payment = { reference: HASH, heightMax: 12, recordKey, recordHash: HASH };
    const body = { kind: "spend", to: BOB, amount: 1n, payment } as const;
    expect(code(over, sign(alice, 1, body))).toBe("NO_SUCH_RECORD");
  });

  it("lets an oracle be answered once, by its reporter", () => {
    const body = { kind: "oracle-new", reporter: BOB, question: "?" } as const;
    const open = insist(apply(START, sign(alice, 1, body))).state;
    const report = {
      kind: "oracle-report",
      oracleId: computeOracleId(ALICE, 1),
      result: "true",
    } as const;
    expect(code(open, sign(alice, 2, report))).toBe("NOT_THE_REPORTER");
    expect(code(START, sign(bob, 1, report))).toBe("NO_SUCH_ORACLE");
    const answered = insist(apply(open, sign(bob, 1, report))).state;
    expect(code(answered, sign(bob, 2, report))).toBe("ANSWERED_ALREADY");
  });
});

describe("a new chain", () => {
  const chain = {
    kind: "sortition-new",
    operator: BOB,
    amount: 5_000n,
    expiry: 100,
    depositBps: 100,
    claimDelay: 12,
    disputeDelay: 24,
  } as const;

  it("locks its amount", () => {
    const { state } = insist(apply(START, sign(alice, 1, chain)));
    expect(getAccount(state, ALICE).balance).toBe(4_995n);
  });

  it.each([
    [{ amount: 0n }, "EMPTY_RANGE"],
    [{ amount: 9_996n }, "NOT_ENOUGH_MONEY"],
    [{ expiry: 10 }, "BAD_EXPIRY"],
    [{ expiry: 2 ** 30 }, "BAD_EXPIRY"],
    [{ depositBps: 2_001 }, "DEPOSIT_TOO_HIGH"],
    [{ claimDelay: 11 }, "BAD_DELAY"],
    [{ disputeDelay: 23 }, "BAD_DELAY"],
  ])("is refused with %o", (change, wanted) => {
    expect(code(START, sign(alice, 1, { ...chain, ...change }))).toBe(wanted);
  });
});
