import { decode, encode } from "../lib/codec.ts";
import { formatHex } from "../lib/hex.ts";
import { demand, insist, Refusal } from "../lib/verdict.ts";
import { readExactClose, writeExactClose } from "../protocol/contractClose.ts";
import {
  readContractState,
  readSignedState,
  type SignedState,
  writeContractState,
  writeSignedState,
} from "../protocol/contractState.ts";
import { DEPOSIT_BPS_MAX } from "../protocol/limits.ts";
import { readSignedPost, type SignedPost, writeSignedPost } from "../protocol/post.ts";
import { encodeSeal, readSeal } from "../protocol/seal.ts";
import {
  amount,
  bytes,
  fields,
  form,
  integer,
  type JsonForm,
  kindOf,
  list,
  text,
} from "./jsonForm.ts";
import {
  type BetOffer,
  type BetRequest,
  CLOSES_MAX,
  type ClosesRequest,
  type PurchaseOffer,
  type PurchaseRequest,
  type SaleOffer,
  type SaleRequest,
  type SealRequest,
  type SignedClose,
  type StateRequest,
  type TakerAnswer,
  type TakerMessage,
} from "./operatorApi.ts";

function side(json: unknown): "yes" | "no" {
  if (json !== "yes" && json !== "no") throw new Refusal("NOT_A_SIDE", "expected side yes or no");
  return json;
}

export const purchaseRequestForm: JsonForm<PurchaseRequest> = form(
  ({ buyer, width }) => ({ buyer: formatHex(buyer), width: width.toString() }),
  (json) => {
    const all = fields(json, ["buyer", "width"]);
    return { buyer: bytes(all.buyer, "buyer", 33), width: amount(all.width, "width") };
  },
);

export const purchaseOfferForm: JsonForm<PurchaseOffer> = form(
  (offer) => ({
    ...offer,
    lo: offer.lo.toString(),
    hi: offer.hi.toString(),
    price: offer.price.toString(),
    previousBlock: formatHex(offer.previousBlock),
  }),
  (json) => {
    const all = fields(json, ["lo", "hi", "price", "payBelow", "depositBps", "previousBlock"]);
    const lo = amount(all.lo, "lo");
    const hi = amount(all.hi, "hi");
    demand(lo < hi, "EMPTY_RANGE", `expected lo below hi, got [${lo}, ${hi})`);
    return {
      lo,
      hi,
      price: amount(all.price, "price"),
      payBelow: integer(all.payBelow, "payBelow"),
      depositBps: integer(all.depositBps, "depositBps", DEPOSIT_BPS_MAX),
      previousBlock: bytes(all.previousBlock, "previousBlock", 32),
    };
  },
);

export const betRequestForm: JsonForm<BetRequest> = form(
  (request) => ({
    owner: formatHex(request.owner),
    oracleId: formatHex(request.oracleId),
    side: request.side,
    cashId: formatHex(request.cashId),
    stake: request.stake.toString(),
  }),
  (json) => {
    const all = fields(json, ["owner", "oracleId", "side", "cashId", "stake"]);
    return {
      owner: bytes(all.owner, "owner", 33),
      oracleId: bytes(all.oracleId, "oracleId", 32),
      side: side(all.side),
      cashId: bytes(all.cashId, "cashId", 32),
      stake: amount(all.stake, "stake"),
    };
  },
);

function writeBetSide({ cashId, stake }: BetOffer["yes"]): unknown {
  return { cashId: formatHex(cashId), stake: stake.toString() };
}

function readBetSide(json: unknown): BetOffer["yes"] {
  const all = fields(json, ["cashId", "stake"], "side");
  return { cashId: bytes(all.cashId, "cashId", 32), stake: amount(all.stake, "stake") };
}

function writeBetOffer(offer: BetOffer): unknown {
  return {
    proposalId: formatHex(offer.proposalId),
    oracleId: formatHex(offer.oracleId),
    seenBlock: formatHex(offer.seenBlock),
    heightMax: offer.heightMax,
    depositBps: offer.depositBps,
    yes: writeBetSide(offer.yes),
    no: writeBetSide(offer.no),
  };
}

function readBetOffer(json: unknown): BetOffer {
  const names = ["proposalId", "oracleId", "seenBlock", "heightMax", "depositBps", "yes", "no"];
  const all = fields(json, names, "offer");
  return {
    proposalId: bytes(all.proposalId, "proposalId", 32),
    oracleId: bytes(all.oracleId, "oracleId", 32),
    seenBlock: bytes(all.seenBlock, "seenBlock", 32),
    heightMax: integer(all.heightMax, "heightMax"),
    depositBps: integer(all.depositBps, "depositBps", DEPOSIT_BPS_MAX),
    yes: readBetSide(all.yes),
    no: readBetSide(all.no),
  };
}

export const betOfferForm: JsonForm<BetOffer> = form(writeBetOffer, readBetOffer);

function readIds(json: unknown): Uint8Array[] {
  return list(json, "contractIds", CLOSES_MAX, (id) => bytes(id, "contract id", 32));
}

export const saleRequestForm: JsonForm<SaleRequest> = form(
  ({ owner, contractIds }) => ({
    owner: formatHex(owner),
    contractIds: contractIds.map(formatHex),
  }),
  (json) => {
    const all = fields(json, ["owner", "contractIds"]);
    return { owner: bytes(all.owner, "owner", 33), contractIds: readIds(all.contractIds) };
  },
);

export const saleOfferForm: JsonForm<SaleOffer> = form(
  (offer) => ({
    ...offer,
    proposalId: formatHex(offer.proposalId),
    contractIds: offer.contractIds.map(formatHex),
    buyer: formatHex(offer.buyer),
    price: offer.price.toString(),
    seenBlock: formatHex(offer.seenBlock),
  }),
  (json) => {
    const names = ["proposalId", "contractIds", "buyer", "price", "payBelow", "seenBlock"];
    const all = fields(json, [...names, "heightMax"], "offer");
    return {
      proposalId: bytes(all.proposalId, "proposalId", 32),
      contractIds: readIds(all.contractIds),
      buyer: bytes(all.buyer, "buyer", 33),
      price: amount(all.price, "price"),
      payBelow: integer(all.payBelow, "payBelow"),
      seenBlock: bytes(all.seenBlock, "seenBlock", 32),
      heightMax: integer(all.heightMax, "heightMax"),
    };
  },
);

function writeSignedClose({ close, signature }: SignedClose): unknown {
  const body = encode((writer) => writeExactClose(writer, close));
  return { close: formatHex(body), signature: formatHex(signature) };
}

function readSignedClose(json: unknown): SignedClose {
  const all = fields(json, ["close", "signature"], "close");
  const close = insist(decode(bytes(all.close, "close"), readExactClose));
  return { close, signature: bytes(all.signature, "signature", 65) };
}

/** `proposalId` is null where no proposal is named. */
export const closesRequestForm: JsonForm<ClosesRequest> = form(
  ({ proposalId, closes }) => ({
    proposalId: proposalId === undefined ? null : formatHex(proposalId),
    closes: closes.map(writeSignedClose),
  }),
  (json) => {
    const all = fields(json, ["proposalId", "closes"]);
    const id = all.proposalId;
    const closes = list(all.closes, "closes", CLOSES_MAX, readSignedClose);
    demand(closes.length > 0, "NOT_A_LIST", "expected at least one close");
    return { proposalId: id === null ? undefined : bytes(id, "proposalId", 32), closes };
  },
);

export const sealRequestForm: JsonForm<SealRequest> = form(
  ({ seal, signature }) => ({ seal: formatHex(encodeSeal(seal)), signature: formatHex(signature) }),
  (json) => {
    const all = fields(json, ["seal", "signature"]);
    const seal = insist(decode(bytes(all.seal, "seal"), readSeal));
    return { seal, signature: bytes(all.signature, "signature", 65) };
  },
);

export const postForm: JsonForm<SignedPost> = form(
  (signed) => ({ post: formatHex(encode((writer) => writeSignedPost(writer, signed))) }),
  (json) => insist(decode(bytes(fields(json, ["post"]).post, "post"), readSignedPost)),
);

/** The height of the block that took the closes, the seal or the post. */
export const closesAnswerForm: JsonForm<{ readonly blockHeight: number }> = form(
  ({ blockHeight }) => ({ blockHeight }),
  (json) => ({ blockHeight: integer(fields(json, ["blockHeight"]).blockHeight, "blockHeight") }),
);

export const stateRequestForm: JsonForm<StateRequest> = form(
  ({ state, ownerSignature }) => ({
    state: formatHex(encode((writer) => writeContractState(writer, state))),
    ownerSignature: formatHex(ownerSignature),
  }),
  (json) => {
    const all = fields(json, ["state", "ownerSignature"]);
    const state = insist(decode(bytes(all.state, "state"), readContractState));
    return { state, ownerSignature: bytes(all.ownerSignature, "ownerSignature", 65) };
  },
);

export const signedStateForm: JsonForm<SignedState> = form(
  (signed) => ({ signed: formatHex(encode((writer) => writeSignedState(writer, signed))) }),
  (json) => {
    const all = fields(json, ["signed"]);
    return insist(decode(bytes(all.signed, "signed"), readSignedState));
  },
);

export const takerMessageForm: JsonForm<TakerMessage> = form((message) => {
  switch (message.kind) {
    case "challenge":
      return {
        kind: message.kind,
        chainId: formatHex(message.chainId),
        challenge: formatHex(message.challenge),
      };
    case "bet":
      return { kind: message.kind, offer: writeBetOffer(message.offer), side: message.side };
    case "quote":
      return {
        ...message,
        proposalId: formatHex(message.proposalId),
        seller: formatHex(message.seller),
        contractIds: message.contractIds.map(formatHex),
        seenBlock: formatHex(message.seenBlock),
      };
    case "ended":
      return { ...message, proposalId: formatHex(message.proposalId) };
    case "welcome":
    case "error":
      return message;
  }
}, readTakerMessage);

function readTakerMessage(json: unknown): TakerMessage {
  const kind = kindOf(json);
  switch (kind) {
    case "challenge": {
      const all = fields(json, ["kind", "chainId", "challenge"]);
      const chainId = bytes(all.chainId, "chainId", 32);
      return { kind, chainId, challenge: bytes(all.challenge, "challenge", 32) };
    }
    case "welcome":
      fields(json, ["kind"]);
      return { kind };
    case "bet": {
      const all = fields(json, ["kind", "offer", "side"]);
      return { kind, offer: readBetOffer(all.offer), side: side(all.side) };
    }
    case "quote": {
      const names = ["kind", "proposalId", "seller", "contractIds", "payBelow", "seenBlock"];
      const all = fields(json, [...names, "heightMax"]);
      return {
        kind,
        proposalId: bytes(all.proposalId, "proposalId", 32),
        seller: bytes(all.seller, "seller", 33),
        contractIds: readIds(all.contractIds),
        payBelow: integer(all.payBelow, "payBelow"),
        seenBlock: bytes(all.seenBlock, "seenBlock", 32),
        heightMax: integer(all.heightMax, "heightMax"),
      };
    }
    case "ended": {
      const all = fields(json, ["kind", "proposalId", "code"]);
      const proposalId = bytes(all.proposalId, "proposalId", 32);
      return { kind, proposalId, code: text(all.code, "code", 64) };
    }
    case "error": {
      const all = fields(json, ["kind", "code", "message"]);
      return {
        kind,
        code: text(all.code, "code", 64),
        message: text(all.message, "message"),
      };
    }
    default:
      throw new Refusal("UNKNOWN_KIND", "expected a message of a known kind");
  }
}

export const takerAnswerForm: JsonForm<TakerAnswer> = form(
  (answer) =>
    answer.kind === "signIn"
      ? {
          kind: answer.kind,
          publicKey: formatHex(answer.publicKey),
          signature: formatHex(answer.signature),
        }
      : {
          kind: answer.kind,
          proposalId: formatHex(answer.proposalId),
          price: answer.price.toString(),
        },
  (json) => {
    const kind = kindOf(json);
    if (kind === "signIn") {
      const all = fields(json, ["kind", "publicKey", "signature"]);
      const publicKey = bytes(all.publicKey, "publicKey", 33);
      return { kind, publicKey, signature: bytes(all.signature, "signature", 65) };
    }
    if (kind === "quote") {
      const all = fields(json, ["kind", "proposalId", "price"]);
      const proposalId = bytes(all.proposalId, "proposalId", 32);
      return { kind, proposalId, price: amount(all.price, "price") };
    }
    throw new Refusal("UNKNOWN_KIND", "expected a message of kind signIn or quote");
  },
);
