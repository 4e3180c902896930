import { parseBase64 } from "../lib/base64.ts";
import { parseHex } from "../lib/hex.ts";
import { accept, refuse, type Verdict } from "../lib/verdict.ts";
import { computeDigest, computePublicKey, signDigest } from "../protocol/signature.ts";
import { type SignatureTag, TAGS } from "../protocol/tags.ts";
import { openBox, sealBox } from "./sealedBox.ts";
import { createVault, openVault } from "./vault.ts";

/** A new or opened key: its vault for the disk, and what may be known of it. */
export type OpenedKey = { readonly vault: Uint8Array; readonly publicKey: Uint8Array };

/**
 * The only holder of the private key. It takes whole bodies and makes the digest itself, so it never
 * signs what it was not told the purpose of.
 */
export type SignerService = {
  createKey(passphrase: string): Promise<OpenedKey>;
  /** `text`: 32 bytes as hex or base64, Amoveo's forms. */
  importKey(text: string, passphrase: string): Promise<Verdict<OpenedKey>>;
  unlock(vault: Uint8Array, passphrase: string): Promise<Verdict<Uint8Array>>;
  lock(): void;
  sign(tag: SignatureTag, networkId: Uint8Array, body: Uint8Array): Verdict<Uint8Array>;
  /** Seal content so that only this key opens it, bound to a head that anybody may read; and open it again. */
  seal(head: Uint8Array, content: Uint8Array): Promise<Verdict<Uint8Array>>;
  unseal(head: Uint8Array, box: Uint8Array): Promise<Verdict<Uint8Array>>;
};

export function createSignerService(randomBytes: (length: number) => Uint8Array): SignerService {
  let privateKey: Uint8Array | undefined;

  async function keep(key: Uint8Array, passphrase: string): Promise<OpenedKey> {
    const vault = await createVault(key, passphrase, randomBytes);
    forget();
    privateKey = key;
    return { vault, publicKey: computePublicKey(key) };
  }

  function forget(): void {
    privateKey?.fill(0);
    privateKey = undefined;
  }

  return {
    createKey(passphrase) {
      // One in 2^128 strings of 32 bytes is no key; the loop ends at the first that is.
      let key = randomBytes(32);
      while (!isPrivateKey(key)) key = randomBytes(32);
      return keep(key, passphrase);
    },

    async importKey(text, passphrase) {
      const key = readKey(text.trim());
      if (key === undefined || !isPrivateKey(key)) {
        return refuse("NOT_A_KEY", "expected a private key of 32 bytes as hex or base64");
      }
      return accept(await keep(key, passphrase));
    },

    async unlock(vault, passphrase) {
      const opened = await openVault(vault, passphrase);
      if (!opened.ok) return opened;
      forget();
      privateKey = opened.value;
      return accept(computePublicKey(opened.value));
    },

    lock: forget,

    async seal(head, content) {
      if (privateKey === undefined) return LOCKED;
      return accept(await sealBox(privateKey, head, content, randomBytes(12)));
    },

    async unseal(head, box) {
      return privateKey === undefined ? LOCKED : openBox(privateKey, head, box);
    },

    sign(tag, networkId, body) {
      if (privateKey === undefined) return LOCKED;
      if (!Object.hasOwn(TAGS, tag) || !tag.startsWith("sign")) {
        return refuse("UNKNOWN_PURPOSE", "nothing is signed without a purpose");
      }
      return accept(signDigest(computeDigest(tag, networkId, body), privateKey));
    },
  };
}

const LOCKED = refuse("LOCKED", "the wallet is locked");

function readKey(text: string): Uint8Array | undefined {
  if (/^[0-9a-fA-F]{64}$/.test(text)) return parseHex(text.toLowerCase());
  const bytes = parseBase64(text);
  return bytes?.length === 32 ? bytes : undefined;
}

function isPrivateKey(key: Uint8Array): boolean {
  try {
    computePublicKey(key);
    return true;
  } catch {
    // Noble throws on zero and on what is not below the group order.
    return false;
  }
}
