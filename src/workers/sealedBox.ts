import { concatBytes } from "../lib/bytes.ts";
import { encodeUtf8 } from "../lib/utf8.ts";
import { refuse, type Verdict } from "../lib/verdict.ts";

/** What a private key seals for its holder alone: AES-256-GCM under a key that follows from it. */

const IV_BYTES = 12;
const PURPOSE = encodeUtf8("sortition kit 1");

/**
 * Seal `content` for the holder of a private key of 32 bytes, bound to `head`, which anybody may read.
 *
 * @param iv - 12 fresh bytes from the system. @returns IV 12, sealed content with its tag.
 */
export async function sealBox(
  privateKey: Uint8Array,
  head: Uint8Array,
  content: Uint8Array,
  iv: Uint8Array,
): Promise<Uint8Array> {
  const key = await deriveKey(privateKey);
  const sealed = await crypto.subtle.encrypt(cipher(iv, head), key, new Uint8Array(content));
  return concatBytes(iv, new Uint8Array(sealed));
}

/** Open a box. `SEAL_BROKEN` also where it is another's: the two cannot be told apart. */
export async function openBox(
  privateKey: Uint8Array,
  head: Uint8Array,
  box: Uint8Array,
): Promise<Verdict<Uint8Array>> {
  const key = await deriveKey(privateKey);
  const iv = box.subarray(0, IV_BYTES);
  try {
    const sealed = new Uint8Array(box.subarray(IV_BYTES));
    const opened = await crypto.subtle.decrypt(cipher(iv, head), key, sealed);
    return { ok: true, value: new Uint8Array(opened) };
  } catch {
    // AES-GCM says no more than that the seal does not hold.
    return refuse("SEAL_BROKEN", "the kit is another key's, or was changed");
  }
}

function cipher(iv: Uint8Array, head: Uint8Array): AesGcmParams {
  return { name: "AES-GCM", iv: new Uint8Array(iv), additionalData: new Uint8Array(head) };
}

async function deriveKey(privateKey: Uint8Array): Promise<CryptoKey> {
  const secret = new Uint8Array(privateKey);
  const root = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  secret.fill(0);
  return crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: new Uint8Array(PURPOSE) },
    root,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt", "decrypt"],
  );
}
