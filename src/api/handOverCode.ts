import { secp256k1 } from "@noble/curves/secp256k1.js";
import { concatBytes, equalBytes } from "../lib/bytes.ts";
import { sha256 } from "../lib/hash.ts";
import { formatHex, parseHex } from "../lib/hex.ts";
import { accept, refuse, type Verdict } from "../lib/verdict.ts";

const KEY_BYTES = 33;
const CHECK_BYTES = 4;
const CODE = /^[0-9a-f]{74}$/;

/**
 * What an operator prints and an owner pastes to hand a contract over: the operator's public key and four
 * bytes of its hash, as hex. An address has no checksum, and space given to a mistyped key is lost for ever.
 */
export function writeHandOverCode(publicKey: Uint8Array): string {
  return formatHex(concatBytes(publicKey, checkOf(publicKey)));
}

/** The 33-byte public key of a code that a person pasted, or what is wrong with it. */
export function readHandOverCode(text: string): Verdict<Uint8Array> {
  const hex = text.trim().toLowerCase();
  if (!CODE.test(hex)) {
    return refuse("NOT_A_CODE", "expected the code of 74 letters that the operator prints");
  }
  const bytes = parseHex(hex);
  const publicKey = bytes.slice(0, KEY_BYTES);
  const isWhole = equalBytes(bytes.slice(KEY_BYTES), checkOf(publicKey));
  if (!isWhole || !secp256k1.utils.isValidPublicKey(publicKey, true)) {
    return refuse("WRONG_CODE", "a letter of the code is wrong: copy it again");
  }
  return accept(publicKey);
}

function checkOf(publicKey: Uint8Array): Uint8Array {
  return sha256(publicKey).slice(0, CHECK_BYTES);
}
