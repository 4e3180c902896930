import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { StoreOperation } from "./keyValueStore.ts";

/**
 * A log file: a head, the frames of a snapshot, then one frame for each group of commits.
 *
 * Head: magic 8, salt 8, end of the snapshot u64, checksum 8.
 * Frame: salt 8, length of the body u32, checksum 8, body. The checksum covers salt, offset and body.
 * Body: operations, each: kind u8, length of the key u16, key; for a put: length u32, value.
 *
 * A frame begins to be written only after all before it is on disk. So of a crash only the last frame
 * can be unfinished, and a damaged frame with a whole one behind it is damage. The salt is drawn for each
 * file, so that no value, whoever chose it, can hold a whole frame.
 */
const MAGIC = Buffer.from("kv-log-1");
export const SALT_LENGTH = 8;
const CHECKSUM_LENGTH = 8;
export const HEAD_LENGTH = MAGIC.length + SALT_LENGTH + 8 + CHECKSUM_LENGTH;
export const FRAME_HEAD_LENGTH = SALT_LENGTH + 4 + CHECKSUM_LENGTH;
const KIND = { put: 1, delete: 2 } as const;

export type LogHead = { readonly salt: Buffer; readonly snapshotEnd: number };

/** Where a value lies in the file, and its CRC-32. */
export type Place = { readonly offset: number; readonly length: number; readonly check: number };

export type PlacedOperation =
  | { readonly kind: "put"; readonly key: string; readonly place: Place }
  | { readonly kind: "delete"; readonly key: string };

export function encodeHead({ salt, snapshotEnd }: LogHead): Buffer {
  const end = encodeNumber(snapshotEnd);
  return Buffer.concat([MAGIC, salt, end, checksum(MAGIC, salt, end)]);
}

/** The head, or undefined if it is damaged. */
export function readHead(bytes: Buffer): LogHead | undefined {
  if (bytes.length !== HEAD_LENGTH) return undefined;
  const salt = bytes.subarray(MAGIC.length, MAGIC.length + SALT_LENGTH);
  const snapshotEnd = Number(bytes.readBigUInt64BE(MAGIC.length + SALT_LENGTH));
  const head = { salt: Buffer.from(salt), snapshotEnd };
  return encodeHead(head).equals(bytes) ? head : undefined;
}

/** The frame of `body` as it stands at `offset` of the file. */
export function encodeFrame(salt: Buffer, offset: number, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([salt, length, checksum(salt, encodeNumber(offset), body), body]);
}

/** The body's length that a frame's head tells, or undefined if there is no frame. */
export function readFrameHead(salt: Buffer, head: Buffer): number | undefined {
  if (head.length < FRAME_HEAD_LENGTH || salt.compare(head, 0, SALT_LENGTH) !== 0) return undefined;
  return head.readUInt32BE(SALT_LENGTH);
}

/** Whether a whole frame, head and body, is what was written at `offset`. */
export function isIntactFrame(salt: Buffer, offset: number, frame: Buffer): boolean {
  const body = frame.subarray(FRAME_HEAD_LENGTH);
  const kept = frame.subarray(FRAME_HEAD_LENGTH - CHECKSUM_LENGTH, FRAME_HEAD_LENGTH);
  return checksum(salt, encodeNumber(offset), body).equals(kept);
}

export function encodeBody(operations: readonly StoreOperation[]): Buffer {
  return Buffer.concat(
    operations.flatMap((operation) => {
      const head = Buffer.alloc(3 + operation.key.length);
      head.writeUInt8(KIND[operation.kind]);
      head.writeUInt16BE(operation.key.length, 1);
      head.write(operation.key, 3, "latin1");
      if (operation.kind === "delete") return [head];
      const length = Buffer.alloc(4);
      length.writeUInt32BE(operation.value.length);
      return [head, length, operation.value];
    }),
  );
}

/** The operations of an intact frame's body that begins at `start` of the file. */
export function* readBody(body: Buffer, start: number): Generator<PlacedOperation> {
  let at = 0;
  while (at < body.length) {
    const kind = body.readUInt8(at);
    const keyStart = at + 3;
    const keyEnd = keyStart + body.readUInt16BE(at + 1);
    const key = body.toString("latin1", keyStart, keyEnd);
    at = keyEnd;
    if (kind === KIND.delete) {
      yield { kind: "delete", key };
      continue;
    }
    const length = body.readUInt32BE(keyEnd);
    const valueStart = keyEnd + 4;
    at = valueStart + length;
    const check = crc32(body.subarray(valueStart, at));
    yield { kind: "put", key, place: { offset: start + valueStart, length, check } };
  }
}

/** About how many bytes a live entry takes in a snapshot. */
export function entryBytes(key: string, place: Place): number {
  return 3 + key.length + 4 + place.length;
}

export function isIntactValue(place: Place, value: Buffer): boolean {
  return value.length === place.length && crc32(value) === place.check;
}

function encodeNumber(number: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(number));
  return bytes;
}

function checksum(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest().subarray(0, CHECKSUM_LENGTH);
}
