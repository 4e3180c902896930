import { MARKETS_MAX, type Market } from "../api/marketApi.ts";
import { MARKET_BYTES_MIN, readMarket, writeMarket } from "../api/marketCodec.ts";
import type { PurchaseOffer } from "../api/operatorApi.ts";
import type { ChainFacts } from "../blocks/applyTransactions.ts";
import { decode, encode, type Reader, type Writer } from "../lib/codec.ts";
import { decodeUtf8, encodeUtf8 } from "../lib/utf8.ts";
import { demand, Refusal, type Verdict } from "../lib/verdict.ts";
import { type PostPlace, readPostPlace, writeAnchor } from "../protocol/anchor.ts";

/**
 * A chain that the wallet follows: where it is served, what was proven of it, what is offered.
 *
 * - `label`: what its operator calls it. - `nested`: the chain whose contract it is, and where it posts; undefined for one on the main chain.
 * - `prize`: satoshi, of the on-chain chain at the top, whose expiry and delays are those of all its descendants.
 */
export type FollowedChain = {
  readonly url: string;
  readonly label: string;
  readonly facts: ChainFacts;
  readonly nested: { readonly parentId: Uint8Array; readonly anchor: PostPlace } | undefined;
  readonly prize: bigint;
  readonly depositBps: number;
  readonly claimDelay: number;
  readonly disputeDelay: number;
  readonly feeBps: number;
  readonly markets: readonly Market[];
};

const URL_BYTES_MAX = 512;
const LABEL_BYTES_MAX = 160;

export function encodeFollowedChain(chain: FollowedChain): Uint8Array {
  return encode((writer) => {
    writer.bytes(encodeUtf8(chain.url), URL_BYTES_MAX);
    writer.bytes(encodeUtf8(chain.label), LABEL_BYTES_MAX);
    writer.fixed(chain.facts.id, 32).fixed(chain.facts.operator, 33);
    writer.u64(chain.facts.lo).u64(chain.facts.hi).u32(chain.facts.expiry);
    writer.flag(chain.nested !== undefined);
    if (chain.nested !== undefined) {
      writer.fixed(chain.nested.parentId, 32);
      writeAnchor(writer, chain.nested.anchor);
    }
    writer.u64(chain.prize).u16(chain.depositBps).u32(chain.claimDelay).u32(chain.disputeDelay);
    writer.u16(chain.feeBps);
    writer.list(chain.markets, MARKETS_MAX, writeMarket);
  });
}

export function decodeFollowedChain(bytes: Uint8Array): Verdict<FollowedChain> {
  return decode(bytes, (reader) => {
    const url = readText(reader, URL_BYTES_MAX);
    const label = readText(reader, LABEL_BYTES_MAX);
    const id = reader.fixed(32);
    const operator = reader.fixed(33);
    const lo = reader.u64();
    const hi = reader.u64();
    demand(lo < hi, "EMPTY_RANGE", "expected lo below hi");
    const facts = { id, operator, lo, hi, expiry: reader.u32() };
    const nested = reader.flag()
      ? { parentId: reader.fixed(32), anchor: readPostPlace(reader) }
      : undefined;
    const prize = reader.u64();
    const depositBps = reader.u16();
    const claimDelay = reader.u32();
    const disputeDelay = reader.u32();
    const feeBps = reader.u16();
    const markets = reader.list(MARKETS_MAX, MARKET_BYTES_MIN, readMarket);
    const terms = { prize, depositBps, claimDelay, disputeDelay, feeBps, markets };
    return { url, label, facts, nested, ...terms };
  });
}

/** What a purchase goes on to: nothing, or a bet with all of the space bought. */
export type PurchaseGoal =
  | { readonly kind: "hold" }
  | { readonly kind: "bet"; readonly oracleId: Uint8Array; readonly side: "yes" | "no" };

/**
 * Something the wallet sees through to its end by itself, across reloads. Each names what it waits
 * for by what stands on the chains, so a step is never taken twice.
 */
export type Journey =
  | {
      readonly kind: "purchase";
      readonly chainId: Uint8Array;
      readonly offer: PurchaseOffer;
      readonly goal: PurchaseGoal;
      readonly state: JourneyState;
    }
  | {
      /** A position sold: `height` of the one block that may close its contracts. */
      readonly kind: "sale";
      readonly chainId: Uint8Array;
      readonly contractIds: readonly Uint8Array[];
      readonly height: number;
      readonly buyer: Uint8Array;
      readonly price: bigint;
      readonly paymentKey: Uint8Array;
      readonly payBelow: number;
      readonly state: JourneyState;
    }
  | {
      /** A position bought from another holder: pay once its leaves are posted, then redeem. */
      readonly kind: "acquisition";
      readonly chainId: Uint8Array;
      readonly seller: Uint8Array;
      readonly price: bigint;
      readonly reference: Uint8Array;
      readonly paymentKey: Uint8Array;
      readonly payBelow: number;
      readonly seenBlock: Uint8Array;
      readonly conditionHash: Uint8Array;
      readonly leaves: number;
      readonly state: JourneyState;
    };

/** Open until done or failed; `note` says in words what happened. */
export type JourneyState = { readonly kind: "open" | "done" | "failed"; readonly note: string };

const JOURNEY_KINDS = ["purchase", "sale", "acquisition"] as const;
const STATE_KINDS = ["open", "done", "failed"] as const;
const NOTE_BYTES_MAX = 512;
const CONTRACTS_MAX = 16;

export function encodeJourney(journey: Journey): Uint8Array {
  return encode((writer) => {
    writer.u8(JOURNEY_KINDS.indexOf(journey.kind)).fixed(journey.chainId, 32);
    writer.u8(STATE_KINDS.indexOf(journey.state.kind));
    writer.bytes(encodeUtf8(journey.state.note), NOTE_BYTES_MAX);
    switch (journey.kind) {
      case "purchase":
        writeOffer(writer, journey.offer);
        writer.flag(journey.goal.kind === "bet");
        if (journey.goal.kind === "bet") {
          writer.fixed(journey.goal.oracleId, 32).flag(journey.goal.side === "yes");
        }
        break;
      case "sale":
        writer.list(journey.contractIds, CONTRACTS_MAX, (each, id) => each.fixed(id, 32));
        writer.u32(journey.height).fixed(journey.buyer, 33).u64(journey.price);
        writer.fixed(journey.paymentKey, 32).u32(journey.payBelow);
        break;
      case "acquisition":
        writer.fixed(journey.seller, 33).u64(journey.price).fixed(journey.reference, 32);
        writer.fixed(journey.paymentKey, 32).u32(journey.payBelow).fixed(journey.seenBlock, 32);
        writer.fixed(journey.conditionHash, 32).u8(journey.leaves);
        break;
    }
  });
}

export function decodeJourney(bytes: Uint8Array): Verdict<Journey> {
  return decode(bytes, (reader): Journey => {
    const kind = oneOf(JOURNEY_KINDS, reader.u8());
    const chainId = reader.fixed(32);
    const stateKind = oneOf(STATE_KINDS, reader.u8());
    const state = { kind: stateKind, note: readText(reader, NOTE_BYTES_MAX) };
    switch (kind) {
      case "purchase": {
        const offer = readOffer(reader);
        const isBet = reader.flag();
        if (!isBet) return { kind, chainId, state, offer, goal: { kind: "hold" } };
        const oracleId = reader.fixed(32);
        const side = reader.flag() ? "yes" : "no";
        return { kind, chainId, state, offer, goal: { kind: "bet", oracleId, side } };
      }
      case "sale": {
        const contractIds = reader.list(CONTRACTS_MAX, 32, (each) => each.fixed(32));
        const height = reader.u32();
        const buyer = reader.fixed(33);
        const price = reader.u64();
        const paymentKey = reader.fixed(32);
        return {
          kind,
          chainId,
          state,
          contractIds,
          height,
          buyer,
          price,
          paymentKey,
          payBelow: reader.u32(),
        };
      }
      case "acquisition": {
        const seller = reader.fixed(33);
        const price = reader.u64();
        const reference = reader.fixed(32);
        const paymentKey = reader.fixed(32);
        const payBelow = reader.u32();
        const seenBlock = reader.fixed(32);
        const conditionHash = reader.fixed(32);
        const leaves = reader.u8();
        const terms = { seller, price, reference, paymentKey, payBelow, seenBlock };
        return { kind, chainId, state, ...terms, conditionHash, leaves };
      }
    }
  });
}

function writeOffer(writer: Writer, offer: PurchaseOffer): void {
  writer.u64(offer.lo).u64(offer.hi).u64(offer.price).u32(offer.payBelow).u16(offer.depositBps);
  writer.fixed(offer.previousBlock, 32);
}

function readOffer(reader: Reader): PurchaseOffer {
  return {
    lo: reader.u64(),
    hi: reader.u64(),
    price: reader.u64(),
    payBelow: reader.u32(),
    depositBps: reader.u16(),
    previousBlock: reader.fixed(32),
  };
}

/** One line of what happened, dated in unix milliseconds. */
export type Activity = { readonly atMs: number; readonly words: string };

export function encodeActivity(activity: Activity): Uint8Array {
  return encode((writer) =>
    writer.u64(BigInt(activity.atMs)).bytes(encodeUtf8(activity.words), NOTE_BYTES_MAX),
  );
}

export function decodeActivity(bytes: Uint8Array): Verdict<Activity> {
  return decode(bytes, (reader) => {
    const atMs = Number(reader.u64());
    demand(Number.isSafeInteger(atMs), "NOT_A_TIME", "expected a time in unix milliseconds");
    return { atMs, words: readText(reader, NOTE_BYTES_MAX) };
  });
}

/** The highest thing signed for one contract, or at one block: never another, never a lower one. */
export type SignedMark = { readonly nonce: number; readonly digest: Uint8Array };

export function encodeSignedMark(mark: SignedMark): Uint8Array {
  return encode((writer) => writer.u32(mark.nonce).fixed(mark.digest, 32));
}

export function decodeSignedMark(bytes: Uint8Array): Verdict<SignedMark> {
  return decode(bytes, (reader) => ({ nonce: reader.u32(), digest: reader.fixed(32) }));
}

export function readText(reader: Reader, bytesMax: number): string {
  const text = decodeUtf8(reader.bytes(bytesMax));
  if (text === undefined) throw new Refusal("NOT_UTF8", "expected a text in UTF-8");
  return text;
}

export function oneOf<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  if (item === undefined)
    throw new Refusal("UNKNOWN_KIND", `expected below ${items.length}, got ${index}`);
  return item;
}
