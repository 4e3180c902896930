import { encode, type Reader, type Writer } from "../lib/codec.ts";
import { Refusal } from "../lib/verdict.ts";
import {
  type ContractClose,
  readContractClose,
  writeContractClose,
} from "../protocol/contractClose.ts";
import { type ContractNew, readContractNew, writeContractNew } from "../protocol/contractNew.ts";

/** A transaction of a sortition-block. `root-update` has its number, and is not served yet. */
export type BlockTransaction =
  | { readonly kind: "contract-new"; readonly contract: ContractNew }
  | { readonly kind: "contract-close"; readonly close: ContractClose };

const KIND_CONTRACT_NEW = 1;
const KIND_ROOT_UPDATE = 2;
const KIND_CONTRACT_CLOSE = 3;

/** Fewest bytes of an encoded transaction: kind and the smallest close. */
export const TRANSACTION_BYTES_MIN = 1 + 32 + 18;

/** Encode: kind u8 (1 contract-new, 2 root-update, 3 contract-close), then its fields. */
export function writeBlockTransaction(writer: Writer, transaction: BlockTransaction): void {
  if (transaction.kind === "contract-new") {
    writer.u8(KIND_CONTRACT_NEW);
    writeContractNew(writer, transaction.contract);
  } else {
    writer.u8(KIND_CONTRACT_CLOSE);
    writeContractClose(writer, transaction.close);
  }
}

export function readBlockTransaction(reader: Reader): BlockTransaction {
  const kind = reader.u8();
  switch (kind) {
    case KIND_CONTRACT_NEW:
      return { kind: "contract-new", contract: readContractNew(reader) };
    case KIND_ROOT_UPDATE:
      throw new Refusal("NOT_SERVED", "root updates are not served yet");
    case KIND_CONTRACT_CLOSE:
      return { kind: "contract-close", close: readContractClose(reader) };
    default:
      throw new Refusal("UNKNOWN_KIND", `expected transaction kind 1, 2 or 3, got ${kind}`);
  }
}

export function encodeBlockTransaction(transaction: BlockTransaction): Uint8Array {
  return encode((writer) => writeBlockTransaction(writer, transaction));
}
