import { encode, type Reader, type Writer } from "../lib/codec.ts";
import { Refusal } from "../lib/verdict.ts";
import {
  type ContractClose,
  readContractClose,
  writeContractClose,
} from "../protocol/contractClose.ts";
import { type ContractNew, readContractNew, writeContractNew } from "../protocol/contractNew.ts";
import { MARKET_LEVEL } from "../protocol/limits.ts";
import { type Match, readMatch, writeMatch } from "../protocol/match.ts";
import { type ConditionRef, type Place, readPlace, writePlace } from "../protocol/place.ts";
import { readSignedPost, type SignedPost, writeSignedPost } from "../protocol/post.ts";
import { type RecordSeen, readRecordSeen, writeRecordSeen } from "../protocol/recordSeen.ts";
import { readSeal, type Seal, writeSeal } from "../protocol/seal.ts";
import { readSignature, writeSignature } from "../protocol/signature.ts";

/**
 * A transaction of a sortition-block.
 *
 * - `contract-new` gives free space to an owner; `contract-close` takes it back.
 * - `contract-seal` turns a contract into a chain, by its owner's signature.
 * - `root-update` records a descendant's post.
 * - `match` closes what orders use up, and makes what they get.
 * - `record-seen` says up to where the chain is recorded, and takes out what was recorded too late.
 *
 * @see docs/PROTOCOL.md section 4
 */
export type BlockTransaction =
  | { readonly kind: "contract-new"; readonly contract: ContractNew }
  | { readonly kind: "root-update"; readonly signed: SignedPost }
  | { readonly kind: "contract-close"; readonly close: ContractClose }
  | ({ readonly kind: "contract-seal" } & SignedSeal)
  | { readonly kind: "match"; readonly match: Match }
  | { readonly kind: "record-seen"; readonly seen: RecordSeen };

/** Where the contract to be sealed stands, what its owner signs, and his signature. */
export type SignedSeal = {
  readonly place: Place;
  readonly seal: Seal;
  readonly signature: Uint8Array;
};

const KINDS = {
  "contract-new": 1,
  "root-update": 2,
  "contract-close": 3,
  "contract-seal": 4,
  match: 5,
  "record-seen": 6,
} as const;

/** Fewest bytes of an encoded transaction: kind, and a record seen under which nothing came too late. */
export const TRANSACTION_BYTES_MIN = 1 + 4 + 2;

/** Encode: kind u8 (1 contract-new, 2 root-update, 3 contract-close, 4 contract-seal, 5 match, 6 record-seen), then its fields. */
export function writeBlockTransaction(writer: Writer, transaction: BlockTransaction): void {
  writer.u8(KINDS[transaction.kind]);
  switch (transaction.kind) {
    case "contract-new":
      writeContractNew(writer, transaction.contract);
      return;
    case "root-update":
      writeSignedPost(writer, transaction.signed);
      return;
    case "contract-close":
      writeContractClose(writer, transaction.close);
      return;
    case "contract-seal":
      writePlace(writer, transaction.place);
      writeSeal(writer, transaction.seal);
      writeSignature(writer, transaction.signature);
      return;
    case "match":
      writeMatch(writer, transaction.match);
      return;
    case "record-seen":
      writeRecordSeen(writer, transaction.seen);
  }
}

export function readBlockTransaction(reader: Reader): BlockTransaction {
  const kind = reader.u8();
  switch (kind) {
    case KINDS["contract-new"]:
      return { kind: "contract-new", contract: readContractNew(reader) };
    case KINDS["root-update"]:
      return { kind: "root-update", signed: readSignedPost(reader) };
    case KINDS["contract-close"]:
      return { kind: "contract-close", close: readContractClose(reader) };
    case KINDS["contract-seal"]: {
      const place = readPlace(reader);
      const seal = readSeal(reader);
      return { kind: "contract-seal", place, seal, signature: readSignature(reader) };
    }
    case KINDS.match:
      return { kind: "match", match: readMatch(reader) };
    case KINDS["record-seen"]:
      return { kind: "record-seen", seen: readRecordSeen(reader) };
    default:
      throw new Refusal("UNKNOWN_KIND", `expected transaction kind 1 to 6, got ${kind}`);
  }
}

export function encodeBlockTransaction(transaction: BlockTransaction): Uint8Array {
  return encode((writer) => writeBlockTransaction(writer, transaction));
}

/** The conditions that a transaction puts space under: the block carries the body of each once. */
export function namedConditions(transaction: BlockTransaction): readonly ConditionRef[] {
  if (transaction.kind === "contract-new") return transaction.contract.place.conditions;
  if (transaction.kind !== "match") return [];
  const { refund, win } = transaction.match.market;
  return [refund, win].map((hash) => ({ level: MARKET_LEVEL, hash }));
}
