import type { Reader, Writer } from "../lib/codec.ts";
import { type BlockHeader, readBlockHeader, writeBlockHeader } from "../protocol/blockHeader.ts";
import { readSignature, writeSignature } from "../protocol/signature.ts";

/** A sortition-block's header as its operator signed it. */
export type SignedHeader = { readonly header: BlockHeader; readonly signature: Uint8Array };

export function writeSignedHeader(writer: Writer, { header, signature }: SignedHeader): void {
  writeBlockHeader(writer, header);
  writeSignature(writer, signature);
}

export function readSignedHeader(reader: Reader): SignedHeader {
  const header = readBlockHeader(reader);
  return { header, signature: readSignature(reader) };
}
