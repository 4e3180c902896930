import { decode, encode, type Reader, type Writer } from "../lib/codec.ts";
import { taggedHash } from "../lib/hash.ts";
import { demand, Refusal, type Verdict } from "../lib/verdict.ts";
import {
  ORACLE_RESULTS,
  type OracleResult,
  readOracleResult,
  readQuestion,
  writeQuestion,
} from "../protocol/facts.ts";
import { readSignedPost, type SignedPost, writeSignedPost } from "../protocol/post.ts";
import { isSignedBy, type Rules } from "../protocol/rules.ts";
import { readSignature, writeSignature } from "../protocol/signature.ts";
import { readSignedSwitch, type SignedSwitch, writeSignedSwitch } from "../protocol/switch.ts";
import { TAGS } from "../protocol/tags.ts";
import {
  type Challenge,
  type ChallengeResponse,
  type ChallengeTimeout,
  readChallenge,
  readChallengeResponse,
  readChallengeTimeout,
  writeChallenge,
  writeChallengeResponse,
  writeChallengeTimeout,
} from "./challenges/challengeMessages.ts";
import {
  type DataRequest,
  type DataResponse,
  type DataSlash,
  readDataRequest,
  readDataResponse,
  readDataSlash,
  writeDataRequest,
  writeDataResponse,
  writeDataSlash,
} from "./requests/dataMessages.ts";
import { type Claim, readClaim, writeClaim } from "./settlement/claim.ts";
import { readSlash, type Slash, writeSlash } from "./settlement/slash.ts";
import { readTimeout, type Timeout, writeTimeout } from "./settlement/timeout.ts";

/**
 * What a spend says beside the money: the reference it is recorded under, and the bounds within which
 * it moves any. It is invalid above `heightMax`, or where the existence map does not hold
 * `recordHash` under `recordKey`.
 *
 * @see docs/PROTOCOL.md section 8
 */
export type PaymentTerms = {
  readonly reference: Uint8Array;
  readonly heightMax: number;
  readonly recordKey: Uint8Array;
  readonly recordHash: Uint8Array;
};

/**
 * What an existence transaction records: a signed post, plain 32 bytes of the sender's, a secret of 1 to 64 bytes,
 * or that a chain posts on the main chain from now on.
 */
export type ExistenceEntry =
  | ({ readonly kind: "post" } & SignedPost)
  | { readonly kind: "plain"; readonly hash: Uint8Array }
  | { readonly kind: "secret"; readonly secret: Uint8Array }
  | ({ readonly kind: "switch" } & SignedSwitch);

/** What a transaction does. Amounts in satoshi, keys 33 bytes, ids and hashes 32, heights and delays in blocks. */
export type TransactionBody =
  | {
      readonly kind: "spend";
      readonly to: Uint8Array;
      readonly amount: bigint;
      readonly payment?: PaymentTerms;
    }
  | {
      readonly kind: "sortition-new";
      readonly operator: Uint8Array;
      readonly amount: bigint;
      readonly expiry: number;
      readonly depositBps: number;
      readonly claimDelay: number;
      readonly disputeDelay: number;
    }
  | { readonly kind: "existence"; readonly entry: ExistenceEntry }
  | { readonly kind: "oracle-new"; readonly reporter: Uint8Array; readonly question: string }
  | {
      readonly kind: "oracle-report";
      readonly oracleId: Uint8Array;
      readonly result: Exclude<OracleResult, "open">;
    }
  | { readonly kind: "sortition-contract"; readonly claim: Claim }
  | { readonly kind: "sortition-slash"; readonly slash: Slash }
  | { readonly kind: "sortition-timeout"; readonly timeout: Timeout }
  | { readonly kind: "data-request"; readonly request: DataRequest }
  | { readonly kind: "data-response"; readonly response: DataResponse }
  | { readonly kind: "data-slash"; readonly slash: DataSlash }
  | { readonly kind: "challenge"; readonly challenge: Challenge }
  | { readonly kind: "challenge-response"; readonly response: ChallengeResponse }
  | { readonly kind: "challenge-timeout"; readonly timeout: ChallengeTimeout };

/**
 * A main-chain transaction. `nonce` is one more than that of the account's transaction before; `fee`
 * goes to the block's miner.
 *
 * @see docs/PROTOCOL.md section 6
 */
export type Transaction = {
  readonly from: Uint8Array;
  readonly nonce: number;
  readonly fee: bigint;
  readonly body: TransactionBody;
};

/** A transaction with its sender's signature (`signTransaction`, 65 bytes). */
export type SignedTransaction = {
  readonly transaction: Transaction;
  readonly signature: Uint8Array;
};

/** Bytes of a transaction beside a claim, a slash or a sortition-block of the greatest size. */
export const TRANSACTION_OVERHEAD_MAX = 256;
/** Most bytes of a secret. */
const SECRET_BYTES_MAX = 64;

const KIND = {
  spend: 1,
  "sortition-new": 2,
  existence: 3,
  "oracle-new": 4,
  "oracle-report": 5,
  "sortition-contract": 6,
  "sortition-slash": 7,
  "sortition-timeout": 8,
  "data-request": 9,
  "data-response": 10,
  "data-slash": 11,
  challenge: 12,
  "challenge-response": 13,
  "challenge-timeout": 14,
} as const satisfies Record<TransactionBody["kind"], number>;

/** Kinds to this one are laid out for later. */
const KIND_RESERVED_MAX = 15;

const ENTRY = { post: 0, plain: 1, secret: 2, switch: 3 } as const;

/** Encode what is signed: from 33, nonce u32, fee u64, kind u8, body. */
function writeUnsigned(writer: Writer, { from, nonce, fee, body }: Transaction): void {
  writer.fixed(from, 33).u32(nonce).u64(fee).u8(KIND[body.kind]);
  switch (body.kind) {
    case "spend":
      writer
        .fixed(body.to, 33)
        .u64(body.amount)
        .flag(body.payment !== undefined);
      if (body.payment !== undefined) writePaymentTerms(writer, body.payment);
      return;
    case "sortition-new":
      writer.fixed(body.operator, 33).u64(body.amount).u32(body.expiry).u16(body.depositBps);
      writer.u32(body.claimDelay).u32(body.disputeDelay);
      return;
    case "existence":
      writeEntry(writer, body.entry);
      return;
    case "oracle-new":
      writer.fixed(body.reporter, 33);
      writeQuestion(writer, body.question);
      return;
    case "oracle-report":
      writer.fixed(body.oracleId, 32).u8(ORACLE_RESULTS[body.result]);
      return;
    case "sortition-contract":
      writeClaim(writer, body.claim);
      return;
    case "sortition-slash":
      writeSlash(writer, body.slash);
      return;
    case "sortition-timeout":
      writeTimeout(writer, body.timeout);
      return;
    case "data-request":
      writeDataRequest(writer, body.request);
      return;
    case "data-response":
      writeDataResponse(writer, body.response);
      return;
    case "data-slash":
      writeDataSlash(writer, body.slash);
      return;
    case "challenge":
      writeChallenge(writer, body.challenge);
      return;
    case "challenge-response":
      writeChallengeResponse(writer, body.response);
      return;
    case "challenge-timeout":
      writeChallengeTimeout(writer, body.timeout);
  }
}

function readUnsigned(reader: Reader): Transaction {
  const from = reader.fixed(33);
  const nonce = reader.u32();
  const fee = reader.u64();
  return { from, nonce, fee, body: readBody(reader) };
}

function readBody(reader: Reader): TransactionBody {
  const kind = reader.u8();
  switch (kind) {
    case KIND.spend: {
      const spend = { kind: "spend", to: reader.fixed(33), amount: reader.u64() } as const;
      return reader.flag() ? { ...spend, payment: readPaymentTerms(reader) } : spend;
    }
    case KIND["sortition-new"]:
      return {
        kind: "sortition-new",
        operator: reader.fixed(33),
        amount: reader.u64(),
        expiry: reader.u32(),
        depositBps: reader.u16(),
        claimDelay: reader.u32(),
        disputeDelay: reader.u32(),
      };
    case KIND.existence:
      return { kind: "existence", entry: readEntry(reader) };
    case KIND["oracle-new"]:
      return { kind: "oracle-new", reporter: reader.fixed(33), question: readQuestion(reader) };
    case KIND["oracle-report"]: {
      const oracleId = reader.fixed(32);
      const result = readOracleResult(reader);
      if (result === "open") throw new Refusal("UNKNOWN_RESULT", "nobody reports that it is open");
      return { kind: "oracle-report", oracleId, result };
    }
    case KIND["sortition-contract"]:
      return { kind: "sortition-contract", claim: readClaim(reader) };
    case KIND["sortition-slash"]:
      return { kind: "sortition-slash", slash: readSlash(reader) };
    case KIND["sortition-timeout"]:
      return { kind: "sortition-timeout", timeout: readTimeout(reader) };
    case KIND["data-request"]:
      return { kind: "data-request", request: readDataRequest(reader) };
    case KIND["data-response"]:
      return { kind: "data-response", response: readDataResponse(reader) };
    case KIND["data-slash"]:
      return { kind: "data-slash", slash: readDataSlash(reader) };
    case KIND.challenge:
      return { kind: "challenge", challenge: readChallenge(reader) };
    case KIND["challenge-response"]:
      return { kind: "challenge-response", response: readChallengeResponse(reader) };
    case KIND["challenge-timeout"]:
      return { kind: "challenge-timeout", timeout: readChallengeTimeout(reader) };
    default:
      if (kind > KIND["challenge-timeout"] && kind <= KIND_RESERVED_MAX) {
        throw new Refusal("NOT_SERVED", `transactions of kind ${kind} are not served yet`);
      }
      throw new Refusal("UNKNOWN_KIND", `expected a transaction kind of 1 to 14, got ${kind}`);
  }
}

export function encodeUnsigned(transaction: Transaction): Uint8Array {
  return encode((writer) => writeUnsigned(writer, transaction));
}

/** Encode: what is signed, then the signature 65. */
export function encodeTransaction({ transaction, signature }: SignedTransaction): Uint8Array {
  return encode((writer) => {
    writeUnsigned(writer, transaction);
    writeSignature(writer, signature);
  });
}

export function decodeTransaction(bytes: Uint8Array): Verdict<SignedTransaction> {
  return decode(bytes, (reader) => {
    const transaction = readUnsigned(reader);
    return { transaction, signature: readSignature(reader) };
  });
}

/** The 32-byte id: over what is signed, so another signature of the same makes no other transaction. */
export function computeTransactionId(transaction: Transaction): Uint8Array {
  return taggedHash(TAGS.transaction, encodeUnsigned(transaction));
}

/** Whether the sender has signed. */
export function isSignedTransaction(rules: Rules, signed: SignedTransaction): boolean {
  const { transaction, signature } = signed;
  const body = encodeUnsigned(transaction);
  return isSignedBy(rules, "signTransaction", body, signature, transaction.from);
}

/** Encode: reference 32, height max u32, record key 32, record hash 32. */
function writePaymentTerms(writer: Writer, terms: PaymentTerms): void {
  writer.fixed(terms.reference, 32).u32(terms.heightMax);
  writer.fixed(terms.recordKey, 32).fixed(terms.recordHash, 32);
}

function readPaymentTerms(reader: Reader): PaymentTerms {
  return {
    reference: reader.fixed(32),
    heightMax: reader.u32(),
    recordKey: reader.fixed(32),
    recordHash: reader.fixed(32),
  };
}

/** Encode: kind u8; 0 post: post, signer 33, signature 65; 1 plain: hash 32; 2 secret: bytes; 3 switch: switch 36, signer 33, signature 65. */
function writeEntry(writer: Writer, entry: ExistenceEntry): void {
  writer.u8(ENTRY[entry.kind]);
  switch (entry.kind) {
    case "post":
      writeSignedPost(writer, entry);
      return;
    case "plain":
      writer.fixed(entry.hash, 32);
      return;
    case "secret":
      writer.bytes(entry.secret, SECRET_BYTES_MAX);
      return;
    case "switch":
      writeSignedSwitch(writer, entry);
  }
}

function readEntry(reader: Reader): ExistenceEntry {
  const kind = reader.u8();
  switch (kind) {
    case ENTRY.post:
      return { kind: "post", ...readSignedPost(reader) };
    case ENTRY.plain:
      return { kind: "plain", hash: reader.fixed(32) };
    case ENTRY.secret: {
      const secret = reader.bytes(SECRET_BYTES_MAX);
      demand(secret.length > 0, "EMPTY_SECRET", "expected a secret of at least one byte");
      return { kind: "secret", secret };
    }
    case ENTRY.switch:
      return { kind: "switch", ...readSignedSwitch(reader) };
    default:
      throw new Refusal("UNKNOWN_KIND", `expected an entry kind of 0 to 3, got ${kind}`);
  }
}
