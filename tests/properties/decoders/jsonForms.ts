import type { JsonForm } from "../../../src/api/jsonForm.ts";
import type { Verdict } from "../../../src/lib/verdict.ts";
import { forms } from "../../reference/apiForms.ts";
import { CONTRACT_STATE, EXACT_CLOSE, fill, MARKETS, ORDER, SIGNED_STATE } from "./sampleValues.ts";

/** A JSON form under attack: valid JSON values, and reading then writing again. */
export type JsonDecoder = {
  readonly name: string;
  readonly samples: readonly unknown[];
  readonly roundTrip: (json: unknown) => Verdict<unknown>;
};

function jsonDecoder<Value>(
  name: keyof typeof forms,
  form: JsonForm<Value>,
  ...values: readonly NoInfer<Value>[]
): JsonDecoder {
  return {
    name,
    samples: values.map((value) => toJson(form.write(value))),
    roundTrip: (json) => {
      const read = form.read(json);
      return read.ok ? { ok: true, value: toJson(form.write(read.value)) } : read;
    },
  };
}

/** As it goes over the wire. */
function toJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

const BET_OFFER = {
  proposalId: fill(32, 2),
  oracleId: fill(32, 1),
  seenBlock: fill(32, 3),
  heightMax: 99,
  depositBps: 0,
  yes: { cashId: fill(32, 4), stake: 10n ** 8n },
  no: { cashId: fill(32, 5), stake: 1n },
};
const SIGNED_CLOSE = { close: EXACT_CLOSE, signature: fill(65, 6) };
const SALE = {
  proposalId: fill(32, 7),
  contractIds: [fill(32, 8), fill(32, 9)],
  payBelow: 50,
  seenBlock: fill(32, 3),
  heightMax: 60,
};

const LEVELS = {
  bids: [
    { price: 480, lots: 3n },
    { price: 470, lots: 1n },
  ],
  asks: [{ price: 490, lots: 2n ** 64n - 1n }],
};

/** Every JSON form of the operator's API, one line each. */
export const JSON_DECODERS: readonly JsonDecoder[] = [
  jsonDecoder("factsForm", forms.factsForm, {
    chainId: fill(32, 10),
    operator: fill(33, 11),
    label: "Sports market",
    parent: { chainId: fill(32, 14), url: "http://localhost:8400" },
    networkId: fill(32, 12),
    lo: 0n,
    hi: 2n ** 64n - 1n,
    expiry: 1_000,
    feeBps: 50,
    widthMin: 1n,
    markets: MARKETS,
    height: 3,
    tip: fill(32, 13),
    mainHeight: 400,
  }),
  jsonDecoder("purchaseRequestForm", forms.purchaseRequestForm, {
    buyer: fill(33, 14),
    width: 10n ** 8n,
  }),
  jsonDecoder("purchaseOfferForm", forms.purchaseOfferForm, {
    lo: 5n,
    hi: 9n,
    price: 4n,
    payBelow: 9,
    depositBps: 0,
    previousBlock: fill(32, 15),
  }),
  jsonDecoder("betRequestForm", forms.betRequestForm, {
    owner: fill(33, 16),
    oracleId: fill(32, 1),
    side: "yes",
    cashId: fill(32, 4),
    stake: 7n,
  }),
  jsonDecoder("betOfferForm", forms.betOfferForm, BET_OFFER),
  jsonDecoder("saleRequestForm", forms.saleRequestForm, {
    owner: fill(33, 17),
    contractIds: [fill(32, 8)],
  }),
  jsonDecoder("saleOfferForm", forms.saleOfferForm, { ...SALE, buyer: fill(33, 18), price: 9n }),
  jsonDecoder(
    "closesRequestForm",
    forms.closesRequestForm,
    { proposalId: undefined, closes: [SIGNED_CLOSE] },
    { proposalId: fill(32, 2), closes: [SIGNED_CLOSE, SIGNED_CLOSE] },
  ),
  jsonDecoder("sealRequestForm", forms.sealRequestForm, {
    seal: { contractId: fill(32, 2), seenBlock: fill(32, 3), anchor: { kind: "mainChain" } },
    signature: fill(65, 25),
  }),
  jsonDecoder("postForm", forms.postForm, {
    post: {
      place: { kind: "chain", id: fill(32, 4) },
      chainId: fill(32, 5),
      sequence: 1,
      blockHash: fill(32, 6),
    },
    signer: fill(33, 26),
    signature: fill(65, 27),
  }),
  jsonDecoder("closesAnswerForm", forms.closesAnswerForm, { blockHeight: 0xffff_ffff }),
  jsonDecoder("stateRequestForm", forms.stateRequestForm, {
    state: CONTRACT_STATE,
    ownerSignature: fill(65, 19),
  }),
  jsonDecoder("signedStateForm", forms.signedStateForm, SIGNED_STATE),
  jsonDecoder("refusalForm", forms.refusalForm, { code: "OCCUPIED", message: "it is taken" }),
  jsonDecoder(
    "takerMessageForm",
    forms.takerMessageForm,
    { kind: "challenge", chainId: fill(32, 20), challenge: fill(32, 21) },
    { kind: "welcome" },
    { kind: "bet", offer: BET_OFFER, side: "no" },
    { kind: "quote", seller: fill(33, 22), ...SALE },
    { kind: "ended", proposalId: fill(32, 2), code: "LATE" },
    { kind: "error", code: "BAD", message: "no" },
  ),
  jsonDecoder(
    "takerAnswerForm",
    forms.takerAnswerForm,
    { kind: "signIn", publicKey: fill(33, 23), signature: fill(65, 24) },
    { kind: "quote", proposalId: fill(32, 2), price: 3n },
  ),
  jsonDecoder("marketsForm", forms.marketsForm, MARKETS, []),
  jsonDecoder("signedOrderForm", forms.signedOrderForm, {
    order: ORDER,
    signature: fill(65, 28),
  }),
  jsonDecoder("orderReceiptForm", forms.orderReceiptForm, {
    orderHash: fill(32, 29),
    height: 7,
  }),
  jsonDecoder("cancelRequestForm", forms.cancelRequestForm, {
    orderName: fill(32, 29),
    signature: fill(65, 30),
  }),
  jsonDecoder("cancelAnswerForm", forms.cancelAnswerForm, { isCancelled: true }),
  jsonDecoder(
    "feedMessageForm",
    forms.feedMessageForm,
    { kind: "book", sequence: 0, bookId: fill(32, 31), ...LEVELS },
    { kind: "deadline", sequence: 1, height: 5, atMs: 1_800_000_000_000 },
    { kind: "deadline", sequence: 2, height: 5, atMs: null },
    {
      kind: "trade",
      sequence: 3,
      height: 5,
      bookId: fill(32, 31),
      price: 485,
      volume: 10n ** 8n,
      timeMs: 1_800_000_000_000,
    },
    { kind: "beat", sequence: 4, nowMs: 1_800_000_000_000 },
  ),
];
