import { secp256k1 } from "@noble/curves/secp256k1.js";
import { bytesToBigint } from "../lib/bytes.ts";
import { sha256 } from "../lib/hash.ts";
import { type Budget, Stop, WORK } from "./budget.ts";
import { serialise } from "./serialise.ts";
import { bytesOf, List, type Value } from "./value.ts";

const ORDER = secp256k1.Point.Fn.ORDER;
const SCALAR_BYTES = 32;

/**
 * Opcode 41: ECDSA over secp256k1 of SHA-256 over the serialised `data`. Throws a crash for a list
 * as signature or key, and for any bytes that are no key; a malformed signature is just not valid.
 *
 * @param key - raw SEC1 bytes: compressed, uncompressed or hybrid.
 * @see CHALANG.md section 6.1
 */
export function verifySignature(
  signature: Value,
  data: Value,
  key: Value,
  budget: Budget,
): boolean {
  if (signature instanceof List || key instanceof List) {
    throw new Stop("crash", "a list as signature or key");
  }
  budget.pay(WORK.signature);
  const keyBytes = bytesOf(key);
  // The point at infinity is a key to OpenSSL, and no signature is valid under it.
  if (keyBytes.length === 1 && keyBytes[0] === 0) return false;
  const publicKey = parseKey(keyBytes);
  if (publicKey === undefined) throw new Stop("crash", "not a public key");
  const compact = parseDer(bytesOf(signature));
  if (compact === undefined) return false;
  const digest = sha256(serialise(data, budget));
  return secp256k1.verify(compact, digest, publicKey, { prehash: false, lowS: false });
}

/** The key in a form noble reads, if it is a point of the curve. */
function parseKey(bytes: Uint8Array): Uint8Array | undefined {
  const prefix = bytes[0];
  const isHybrid = bytes.length === 65 && (prefix === 6 || prefix === 7);
  if (isHybrid && ((bytes[64] as number) & 1) !== (prefix & 1)) return undefined;
  const plain = isHybrid ? Uint8Array.of(4, ...bytes.subarray(1)) : Uint8Array.from(bytes);
  try {
    secp256k1.Point.fromBytes(plain);
    return plain;
  } catch {
    return undefined;
  }
}

/** r and s of a strict DER signature, 32 bytes each, if both are in 1…n-1. */
function parseDer(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes[0] !== 0x30 || bytes[1] !== bytes.length - 2) return undefined;
  const r = parseDerInteger(bytes, 2);
  if (r === undefined) return undefined;
  const s = parseDerInteger(bytes, 4 + (bytes[3] as number));
  if (s === undefined || 6 + (bytes[3] as number) + s.length !== bytes.length) return undefined;
  const compact = new Uint8Array(2 * SCALAR_BYTES);
  return placeScalar(compact, r, 1) && placeScalar(compact, s, 2) ? compact : undefined;
}

/** The content of the DER integer at `offset`: not negative, no superfluous zero byte, short form. */
function parseDerInteger(bytes: Uint8Array, offset: number): Uint8Array | undefined {
  const length = bytes[offset + 1];
  if (bytes[offset] !== 2 || length === undefined || length === 0 || length > SCALAR_BYTES + 1) {
    return undefined;
  }
  const content = bytes.subarray(offset + 2, offset + 2 + length);
  const first = content[0];
  if (content.length !== length || first === undefined || first >= 0x80) return undefined;
  if (first === 0 && (length === 1 || (content[1] as number) < 0x80)) return undefined;
  return content;
}

/** Put a scalar right-aligned into the 32 bytes before `end * 32`, if it is in 1…n-1. */
function placeScalar(compact: Uint8Array, content: Uint8Array, end: number): boolean {
  const digits = content[0] === 0 ? content.subarray(1) : content;
  if (digits.length > SCALAR_BYTES || bytesToBigint(digits) >= ORDER) return false;
  compact.set(digits, end * SCALAR_BYTES - digits.length);
  return digits.length > 0;
}
