import { decode, encode, type Reader, type Writer } from "../lib/codec.ts";
import { sha256, taggedHash } from "../lib/hash.ts";
import { demand, type Verdict } from "../lib/verdict.ts";
import { isSignedBy, type Rules } from "../protocol/rules.ts";
import { readSignature, writeSignature } from "../protocol/signature.ts";
import { TAGS } from "../protocol/tags.ts";

/**
 * A watchtower's interface. Bodies are canonical bytes; refusals are JSON `{code, message}`. What it signs is all that
 * it is held to.
 *
 * @see docs/PROTOCOL.md section 10
 */

/** Paths of the HTTP interface. */
export const TOWER_PATHS = {
  /** GET: `TowerStatus`. */
  status: "/status",
  /** POST `HandIn`: `Receipt`. */
  appointments: "/appointments",
  /** POST a 32-byte token: what is kept of that client, `KeptAppointment`s. */
  kept: "/kept",
} as const;

/** Longest sealed evidence: 132 KiB, with IV and tag. */
export const SEALED_BYTES_MAX = 132 * 1024 + 28;
/** Appointments that a tower keeps of one client. */
export const APPOINTMENTS_MAX = 512;

/**
 * The last main-chain block that a tower has read whole, and for which it has sent what it calls for; signed (`signTowerStatus`).
 *
 * - `tower`: 33 bytes, its key and account. - `blockHash`: 32 bytes, of the block at `height`.
 */
export type TowerStatus = {
  readonly tower: Uint8Array;
  readonly height: number;
  readonly blockHash: Uint8Array;
  readonly signature: Uint8Array;
};

/**
 * Evidence for a cheat that has not been seen yet.
 *
 * - `locator`: 32 bytes, of what the cheat will show. - `sealed`: IV 12, ciphertext and tag.
 * - `until`: the last main-chain height that it is kept to.
 */
export type Appointment = {
  readonly locator: Uint8Array;
  readonly until: number;
  readonly sealed: Uint8Array;
};

/** An appointment by a client whom nothing names but a secret of 32 bytes, of his own making. It takes the place of one with the same locator. */
export type HandIn = Appointment & { readonly token: Uint8Array };

/**
 * A tower's word that it has an appointment on disk and acts on it, signed (`signReceipt`).
 *
 * - `client`: 32 bytes, `computeClient`. - `sealedHash`: SHA-256 of what is sealed.
 * - `height`: the main-chain height that it had read when it took the appointment.
 */
export type Receipt = {
  readonly tower: Uint8Array;
  readonly client: Uint8Array;
  readonly locator: Uint8Array;
  readonly sealedHash: Uint8Array;
  readonly height: number;
  readonly until: number;
  readonly signature: Uint8Array;
};

/** What a tower keeps under a locator: SHA-256 of what is sealed. */
export type KeptAppointment = { readonly locator: Uint8Array; readonly sealedHash: Uint8Array };

/** Who a token stands for with one tower, 32 bytes: another with each, and nobody can hand in by it. */
export function computeClient(tower: Uint8Array, token: Uint8Array): Uint8Array {
  return taggedHash(TAGS.towerClient, tower, token);
}

/** What a status signs: height u32, block hash 32. */
export function encodeStatusBody({
  height,
  blockHash,
}: Pick<TowerStatus, "height" | "blockHash">): Uint8Array {
  return encode((writer) => writer.u32(height).fixed(blockHash, 32));
}

/** Encode: tower 33, height u32, block hash 32, signature 65. */
export function encodeTowerStatus(status: TowerStatus): Uint8Array {
  return encode((writer) => {
    writer.fixed(status.tower, 33).u32(status.height).fixed(status.blockHash, 32);
    writeSignature(writer, status.signature);
  });
}

export function decodeTowerStatus(bytes: Uint8Array): Verdict<TowerStatus> {
  return decode(bytes, (reader) => {
    const tower = reader.fixed(33);
    const height = reader.u32();
    const blockHash = reader.fixed(32);
    return { tower, height, blockHash, signature: readSignature(reader) };
  });
}

/** Whether the tower that it names has signed a status. */
export function isSignedStatus(rules: Rules, status: TowerStatus): boolean {
  const { tower, signature } = status;
  return isSignedBy(rules, "signTowerStatus", encodeStatusBody(status), signature, tower);
}

/** Encode: token 32, locator 32, until u32, sealed bytes. */
export function encodeHandIn({ token, locator, until, sealed }: HandIn): Uint8Array {
  return encode((writer) => {
    writer.fixed(token, 32).fixed(locator, 32).u32(until).bytes(sealed, SEALED_BYTES_MAX);
  });
}

export function decodeHandIn(bytes: Uint8Array): Verdict<HandIn> {
  return decode(bytes, (reader) => ({
    token: reader.fixed(32),
    locator: reader.fixed(32),
    until: reader.u32(),
    sealed: reader.bytes(SEALED_BYTES_MAX),
  }));
}

/** What a receipt signs: client 32, locator 32, SHA-256 of what is sealed 32, height u32, until u32. */
export function encodeReceiptBody(receipt: Omit<Receipt, "tower" | "signature">): Uint8Array {
  return encode((writer) => writeReceiptBody(writer, receipt));
}

function writeReceiptBody(writer: Writer, receipt: Omit<Receipt, "tower" | "signature">): void {
  writer.fixed(receipt.client, 32).fixed(receipt.locator, 32).fixed(receipt.sealedHash, 32);
  writer.u32(receipt.height).u32(receipt.until);
}

/** Encode: tower 33, what is signed, signature 65. */
export function writeReceipt(writer: Writer, receipt: Receipt): void {
  writer.fixed(receipt.tower, 33);
  writeReceiptBody(writer, receipt);
  writeSignature(writer, receipt.signature);
}

export function readReceipt(reader: Reader): Receipt {
  const tower = reader.fixed(33);
  const client = reader.fixed(32);
  const locator = reader.fixed(32);
  const sealedHash = reader.fixed(32);
  const height = reader.u32();
  const until = reader.u32();
  const signature = readSignature(reader);
  return { tower, client, locator, sealedHash, height, until, signature };
}

/** Whether a receipt is the tower's own word for this very appointment of this client. */
export function isReceiptFor(rules: Rules, receipt: Receipt, handIn: HandIn): boolean {
  const { tower, signature, height } = receipt;
  const client = computeClient(tower, handIn.token);
  const { locator, until, sealed } = handIn;
  const body = encodeReceiptBody({ client, locator, sealedHash: sha256(sealed), height, until });
  return isSignedBy(rules, "signReceipt", body, signature, tower);
}

/** Encode: a list of locator 32 and SHA-256 of what is sealed 32. */
export function encodeKept(kept: readonly KeptAppointment[]): Uint8Array {
  return encode((writer) =>
    writer.list(kept, APPOINTMENTS_MAX, (each, { locator, sealedHash }) =>
      each.fixed(locator, 32).fixed(sealedHash, 32),
    ),
  );
}

export function decodeKept(bytes: Uint8Array): Verdict<KeptAppointment[]> {
  return decode(bytes, (reader) =>
    reader.list(APPOINTMENTS_MAX, 64, (each) => ({
      locator: each.fixed(32),
      sealedHash: each.fixed(32),
    })),
  );
}

/** Decode a client's token, 32 bytes. */
export function decodeToken(bytes: Uint8Array): Verdict<Uint8Array> {
  return decode(bytes, (reader) => {
    demand(reader.remaining === 32, "WRONG_LENGTH", "expected a token of 32 bytes");
    return reader.fixed(32);
  });
}
