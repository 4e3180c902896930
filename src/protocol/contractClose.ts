import { encode, type Reader, type Writer } from "../lib/codec.ts";
import { Refusal } from "../lib/verdict.ts";
import { type Condition, readCondition, writeCondition } from "./condition.ts";
import {
  CONTRACT_NEW_BYTES_MIN,
  type ContractNew,
  readContractNew,
  writeContractNew,
} from "./contractNew.ts";
import { type FactEvidence, readFactEvidence, writeFactEvidence } from "./factEvidence.ts";
import { CONDITIONS_MAX, SUCCESSORS_MAX } from "./limits.ts";
import { type Place, readPlace, writePlace } from "./place.ts";
import { readSignature, writeSignature } from "./signature.ts";

/**
 * What an owner signs to give a contract up exactly: bound to the last block he has checked, good
 * only in the next one, and in a post recorded at or below `heightMax`.
 *
 * - `contractId`, `seenBlock`: 32 bytes. - `successors`: every contract-new that must stand after.
 */
export type ExactClose = {
  readonly contractId: Uint8Array;
  readonly seenBlock: Uint8Array;
  readonly heightMax: number;
  readonly successors: readonly ContractNew[];
};

/** Why a contract may be closed. */
export type CloseAuthorisation =
  | { readonly kind: "exact"; readonly close: ExactClose; readonly signature: Uint8Array }
  | {
      readonly kind: "void";
      /** Which condition of the place came out against the leaf's side, its body, and the facts. */
      readonly conditionIndex: number;
      readonly condition: Condition;
      readonly evidence: FactEvidence;
    };

/** A sortition-block transaction that gives a contract's space back. */
export type ContractClose = {
  readonly contractId: Uint8Array;
  readonly place: Place;
  readonly authorisation: CloseAuthorisation;
};

const KIND_EXACT = 0;
const KIND_VOID = 2;

/** Encode: contract id 32, seen block 32, height u32, successors (u16 count). This body is what is signed. */
export function writeExactClose(writer: Writer, close: ExactClose): void {
  writer.fixed(close.contractId, 32).fixed(close.seenBlock, 32).u32(close.heightMax);
  writer.list(close.successors, SUCCESSORS_MAX, writeContractNew);
}

export function readExactClose(reader: Reader): ExactClose {
  const contractId = reader.fixed(32);
  const seenBlock = reader.fixed(32);
  const heightMax = reader.u32();
  const successors = reader.list(SUCCESSORS_MAX, CONTRACT_NEW_BYTES_MIN, readContractNew);
  return { contractId, seenBlock, heightMax, successors };
}

export function encodeExactClose(close: ExactClose): Uint8Array {
  return encode((writer) => writeExactClose(writer, close));
}

/** Encode: contract id 32, place, kind u8 (0 exact, 2 void), then its fields. */
export function writeContractClose(writer: Writer, close: ContractClose): void {
  writer.fixed(close.contractId, 32);
  writePlace(writer, close.place);
  const by = close.authorisation;
  if (by.kind === "exact") {
    writer.u8(KIND_EXACT);
    writeExactClose(writer, by.close);
    writeSignature(writer, by.signature);
  } else {
    writer.u8(KIND_VOID).u8(by.conditionIndex);
    writeCondition(writer, by.condition);
    writeFactEvidence(writer, by.evidence);
  }
}

export function readContractClose(reader: Reader): ContractClose {
  const contractId = reader.fixed(32);
  const place = readPlace(reader);
  return { contractId, place, authorisation: readAuthorisation(reader) };
}

function readAuthorisation(reader: Reader): CloseAuthorisation {
  const kind = reader.u8();
  switch (kind) {
    case KIND_EXACT:
      return { kind: "exact", close: readExactClose(reader), signature: readSignature(reader) };
    case KIND_VOID: {
      const conditionIndex = reader.u8();
      if (conditionIndex >= CONDITIONS_MAX) {
        throw new Refusal("TOO_MANY", `expected a condition index below ${CONDITIONS_MAX}`);
      }
      return {
        kind: "void",
        conditionIndex,
        condition: readCondition(reader),
        evidence: readFactEvidence(reader),
      };
    }
    default:
      throw new Refusal("UNKNOWN_KIND", `expected close kind 0 or 2, got ${kind}`);
  }
}
