import { concatBytes } from "../lib/bytes.ts";
import { accept, refuse, type Verdict } from "../lib/verdict.ts";

const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seal bytes under a 32-byte key with AES-256-GCM, by WebCrypto.
 *
 * @param iv - 12 bytes, which serve nothing else under this key. @returns IV 12, ciphertext, tag 16.
 */
export async function sealBytes(
  key: Uint8Array,
  iv: Uint8Array,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  const cipher = { name: "AES-GCM", iv: new Uint8Array(iv) };
  const sealed = await crypto.subtle.encrypt(
    cipher,
    await importKey(key, "encrypt"),
    new Uint8Array(bytes),
  );
  return concatBytes(iv, new Uint8Array(sealed));
}

/** Open what `sealBytes` sealed; refuses what was changed, or sealed under another key. */
export async function openSealed(
  key: Uint8Array,
  sealed: Uint8Array,
): Promise<Verdict<Uint8Array>> {
  if (sealed.length < IV_BYTES + TAG_BYTES) return BROKEN_SEAL;
  const cipher = { name: "AES-GCM", iv: new Uint8Array(sealed.slice(0, IV_BYTES)) };
  try {
    const opened = await crypto.subtle.decrypt(
      cipher,
      await importKey(key, "decrypt"),
      new Uint8Array(sealed.slice(IV_BYTES)),
    );
    return accept(new Uint8Array(opened));
  } catch {
    // AES-GCM says no more than that the seal does not hold.
    return BROKEN_SEAL;
  }
}

const BROKEN_SEAL = refuse("BROKEN_SEAL", "it is not sealed under this key, or was changed");

function importKey(key: Uint8Array, use: "encrypt" | "decrypt") {
  return crypto.subtle.importKey("raw", new Uint8Array(key), "AES-GCM", false, [use]);
}
