import fc from "fast-check";
import { expect, it } from "vitest";
import type { JsonForm } from "../../../src/api/jsonForm.ts";
import { decodeBlockFrames, encodeBlockFrames } from "../../../src/api/operatorApiBlocks.ts";
import { equalBytes } from "../../../src/lib/bytes.ts";
import { forms } from "../../reference/apiForms.ts";

const FORMS: Readonly<Record<string, unknown>> = forms;

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const amount = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const u32 = fc.nat(0xffff_ffff);
const bps = fc.nat(2_000);
const side = fc.constantFrom("yes" as const, "no" as const);
const ids = fc.array(bytes(32), { maxLength: 8 });
const betSide = fc.record({ cashId: bytes(32), stake: amount });
const betOffer = fc.record({
  proposalId: bytes(32),
  oracleId: bytes(32),
  seenBlock: bytes(32),
  heightMax: u32,
  depositBps: bps,
  yes: betSide,
  no: betSide,
});
const successor = fc.record({
  place: fc
    .tuple(amount, amount)
    .filter(([lo, hi]) => lo < hi)
    .map(([lo, hi]) => ({ lo, hi, conditions: [] })),
  owner: bytes(33),
  depositBps: bps,
  scriptHash: bytes(32),
});
const signedClose = fc.record({
  close: fc.record({
    contractId: bytes(32),
    seenBlock: bytes(32),
    heightMax: u32,
    successors: fc.array(successor, { maxLength: 16 }),
  }),
  signature: bytes(65),
});
const place = fc.oneof(
  fc.record({ kind: fc.constant("mainChain" as const) }),
  fc.record({ kind: fc.constant("chain" as const), id: bytes(32) }),
);
const seal = fc.record({ contractId: bytes(32), seenBlock: bytes(32), anchor: place });
const post = fc.record({
  place,
  chainId: bytes(32),
  sequence: fc.integer({ min: 1, max: 0xffff_ffff }),
  blockHash: bytes(32),
});
const state = fc.record({
  contractId: bytes(32),
  nonce: u32,
  script: fc.uint8Array({ maxLength: 99 }),
});
const question = fc.constantFrom("Who wins?", "Is it “so”?", "Zürich ⚽");
const binary = fc.record({
  question,
  ask: fc.record({ kind: fc.constant("binary"), oracle: bytes(32) }),
  outcomes: fc.constant(["yes"]),
  depositBps: bps,
  tick: fc.constantFrom(1, 10, 250),
  lot: fc.constantFrom(1_000n, 100_000n),
  yesBps: fc.option(fc.integer({ min: 1, max: 9_999 }), { nil: undefined }),
});
const categorical = fc.record({
  question,
  ask: fc.record({
    kind: fc.constant("categorical"),
    oracles: fc.uniqueArray(bytes(32), {
      minLength: 3,
      maxLength: 3,
      comparator: (a, b) => equalBytes(a, b),
    }),
  }),
  outcomes: fc.constant(["reds", "blues", "nobody"]),
  depositBps: bps,
  tick: fc.constant(5),
  lot: fc.constant(2_000n),
  yesBps: fc.constant(undefined),
});
const market = fc.oneof(binary, categorical);
const order = fc.record({
  seenBlock: bytes(32),
  recorded: u32,
  market: fc.record({ refund: bytes(32), win: bytes(32), depositBps: bps }),
  terms: fc.record({
    heightMax: u32,
    side: fc.constantFrom("buyYes", "buyNo", "sellYes", "sellNo"),
    limit: fc.integer({ min: 1, max: 999 }),
    quantity: fc.bigInt({ min: 1n, max: 1n << 40n }).map((lots) => lots * 1_000n),
    refundLeast: fc.nat(999),
    contracts: fc.array(
      fc.record({
        lo: fc.constant(0n),
        hi: fc.bigInt({ min: 1n, max: (1n << 64n) - 1n }),
        kind: fc.constantFrom("cash", "refund", "win"),
      }),
      { maxLength: 16 },
    ),
  }),
});
const levels = (sign: number) =>
  fc
    .uniqueArray(fc.integer({ min: 1, max: 999 }), { maxLength: 9 })
    .map((prices) =>
      prices.toSorted((a, b) => sign * (a - b)).map((price) => ({ price, lots: BigInt(price) })),
    );
const ms = fc.nat(Number.MAX_SAFE_INTEGER);

const CASES: readonly (readonly [keyof typeof forms, fc.Arbitrary<unknown>])[] = [
  [
    "factsForm",
    fc.record({
      chainId: bytes(32),
      operator: bytes(33),
      label: fc.constantFrom("", "Exchange", "Börse Zürich"),
      networkId: bytes(32),
      lo: amount,
      hi: amount,
      expiry: u32,
      feeBps: bps,
      widthMin: amount,
      markets: fc.array(market, { maxLength: 3 }),
      height: u32,
      tip: bytes(32),
      mainHeight: u32,
    }),
  ],
  ["purchaseRequestForm", fc.record({ buyer: bytes(33), width: amount })],
  [
    "purchaseOfferForm",
    fc.record({
      lo: fc.constant(0n),
      hi: fc.constant(9n),
      price: amount,
      payBelow: u32,
      depositBps: bps,
      previousBlock: bytes(32),
    }),
  ],
  [
    "betRequestForm",
    fc.record({ owner: bytes(33), oracleId: bytes(32), side, cashId: bytes(32), stake: amount }),
  ],
  ["betOfferForm", betOffer],
  ["saleRequestForm", fc.record({ owner: bytes(33), contractIds: ids })],
  [
    "saleOfferForm",
    fc.record({
      proposalId: bytes(32),
      contractIds: ids,
      buyer: bytes(33),
      price: amount,
      payBelow: u32,
      seenBlock: bytes(32),
      heightMax: u32,
    }),
  ],
  [
    "closesRequestForm",
    fc.record({
      proposalId: fc.option(bytes(32), { nil: undefined }),
      closes: fc.array(signedClose, { minLength: 1, maxLength: 3 }),
    }),
  ],
  ["sealRequestForm", fc.record({ seal, signature: bytes(65) })],
  ["postForm", fc.record({ post, signer: bytes(33), signature: bytes(65) })],
  ["closesAnswerForm", fc.record({ blockHeight: u32 })],
  ["stateRequestForm", fc.record({ state, ownerSignature: bytes(65) })],
  [
    "signedStateForm",
    fc.record({ state, ownerSignature: bytes(65), operatorSignature: bytes(65) }),
  ],
  ["refusalForm", fc.record({ code: fc.string({ maxLength: 9 }), message: fc.string() })],
  [
    "takerMessageForm",
    fc.oneof(
      fc.record({ kind: fc.constant("challenge"), chainId: bytes(32), challenge: bytes(32) }),
      fc.constant({ kind: "welcome" }),
      fc.record({ kind: fc.constant("bet"), offer: betOffer, side }),
      fc.record({
        kind: fc.constant("quote"),
        proposalId: bytes(32),
        seller: bytes(33),
        contractIds: ids,
        payBelow: u32,
        seenBlock: bytes(32),
        heightMax: u32,
      }),
      fc.record({ kind: fc.constant("ended"), proposalId: bytes(32), code: fc.constant("LATE") }),
    ),
  ],
  [
    "takerAnswerForm",
    fc.oneof(
      fc.record({ kind: fc.constant("signIn"), publicKey: bytes(33), signature: bytes(65) }),
      fc.record({ kind: fc.constant("quote"), proposalId: bytes(32), price: amount }),
    ),
  ],
  ["marketsForm", fc.array(market, { maxLength: 3 })],
  ["signedOrderForm", fc.record({ order, signature: bytes(65) })],
  ["orderReceiptForm", fc.record({ orderHash: bytes(32), height: u32 })],
  ["cancelRequestForm", fc.record({ orderName: bytes(32), signature: bytes(65) })],
  ["cancelAnswerForm", fc.record({ isCancelled: fc.boolean() })],
  [
    "feedMessageForm",
    fc.oneof(
      fc.record({
        kind: fc.constant("book"),
        sequence: u32,
        bookId: bytes(32),
        bids: levels(-1),
        asks: levels(1),
      }),
      fc.record({
        kind: fc.constant("deadline"),
        sequence: u32,
        height: u32,
        atMs: fc.option(ms),
      }),
      fc.record({
        kind: fc.constant("trade"),
        sequence: u32,
        height: u32,
        bookId: bytes(32),
        price: fc.integer({ min: 1, max: 999 }),
        volume: amount,
        timeMs: ms,
      }),
      fc.record({ kind: fc.constant("beat"), sequence: u32, nowMs: ms }),
    ),
  ],
];

it("has a case for every form", () => {
  expect(CASES.map(([name]) => name).toSorted()).toEqual(Object.keys(FORMS).toSorted());
});

it.each(CASES)(
  "%s reads what it writes, and nothing that was changed into something else",
  (name, values) => {
    const form = FORMS[name] as JsonForm<unknown>;
    fc.assert(
      fc.property(values, fc.jsonValue(), fc.nat(), (value, other, at) => {
        const json: unknown = JSON.parse(JSON.stringify(form.write(value)));
        const read = form.read(json);
        expect(read).toEqual({ ok: true, value });

        // A field replaced by anything: a verdict, and if it is taken, it writes back as it came.
        const fields = Object.keys(json as object);
        const field = fields[at % fields.length] ?? "";
        const changed = { ...(json as object), [field]: other };
        const verdict = form.read(changed);
        if (verdict.ok)
          expect(JSON.parse(JSON.stringify(form.write(verdict.value)))).toEqual(changed);
      }),
      { numRuns: 200, seed: 7 },
    );
  },
);

it.each(CASES)("%s gives a verdict on any JSON at all", (name) => {
  const form = FORMS[name] as JsonForm<unknown>;
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), (json) => {
      expect(typeof form.read(json).ok).toBe("boolean");
    }),
    { numRuns: 2_000, seed: 8 },
  );
});

it("reads block frames back, and refuses any others by a verdict", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array(), { maxLength: 9 }), fc.uint8Array(), (blocks, noise) => {
      const frames = encodeBlockFrames(blocks);
      expect(decodeBlockFrames(frames)).toEqual({ ok: true, value: blocks });
      expect(decodeBlockFrames(frames.subarray(0, frames.length - 1)).ok).toBe(false);
      const any = decodeBlockFrames(noise);
      if (any.ok) expect(encodeBlockFrames(any.value)).toEqual(noise);
    }),
    { numRuns: 500, seed: 9 },
  );
});
