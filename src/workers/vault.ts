import { assert } from "../lib/assert.ts";
import { concatBytes } from "../lib/bytes.ts";
import { decode, encode, type Reader } from "../lib/codec.ts";
import { encodeUtf8 } from "../lib/utf8.ts";
import { demand, Refusal, refuse, type Verdict } from "../lib/verdict.ts";

/** What Argon2id is asked to spend. `memoryKib`: kibibytes. */
export type VaultCost = {
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
};

/** 64 MiB, three passes, one lane: about a third of a second on a desktop. */
const VAULT_COST: VaultCost = { memoryKib: 65_536, passes: 3, lanes: 1 };

/** A blob that asks for more is refused before anything is allocated for it. */
const MEMORY_KIB_MAX = 262_144;
const PASSES_MAX = 16;

const VERSION = 1;
const SALT_BYTES = 16;
const IV_BYTES = 12;
/** A private key of 32 bytes and the tag of AES-GCM. */
const SEALED_BYTES = 48;

type VaultHead = VaultCost & { readonly salt: Uint8Array; readonly iv: Uint8Array };

/**
 * Seal a private key of 32 bytes under a passphrase: Argon2id makes the key, AES-GCM seals, and the head
 * with every parameter is sealed with it.
 *
 * @param randomBytes - fresh bytes from the system, for salt and IV.
 * @returns version u8, memory u32, passes u8, lanes u8, salt 16, IV 12, sealed 48.
 */
export async function createVault(
  privateKey: Uint8Array,
  passphrase: string,
  randomBytes: (length: number) => Uint8Array,
  cost: VaultCost = VAULT_COST,
): Promise<Uint8Array> {
  assert(passphrase !== "", "nothing is sealed under an empty passphrase");
  const head = encodeHead({ ...cost, salt: randomBytes(SALT_BYTES), iv: randomBytes(IV_BYTES) });
  const sealed = await crypto.subtle.encrypt(
    await cipher(head),
    await deriveKey(head, passphrase),
    new Uint8Array(privateKey),
  );
  return concatBytes(head, new Uint8Array(sealed));
}

/** Open a vault. `WRONG_PASSPHRASE` also where the blob was changed: the two cannot be told apart. */
export async function openVault(
  vault: Uint8Array,
  passphrase: string,
): Promise<Verdict<Uint8Array>> {
  const parts = decode(vault, (reader) => {
    const head = encodeHead(readHead(reader));
    return { head, sealed: reader.fixed(SEALED_BYTES) };
  });
  if (!parts.ok) return parts;
  const { head, sealed } = parts.value;
  if (passphrase === "") return WRONG_PASSPHRASE;
  const key = await deriveKey(head, passphrase);
  try {
    const opened = await crypto.subtle.decrypt(await cipher(head), key, new Uint8Array(sealed));
    return { ok: true, value: new Uint8Array(opened) };
  } catch {
    // AES-GCM says no more than that the seal does not hold.
    return WRONG_PASSPHRASE;
  }
}

const WRONG_PASSPHRASE = refuse("WRONG_PASSPHRASE", "the passphrase does not open this wallet");

function encodeHead({ memoryKib, passes, lanes, salt, iv }: VaultHead): Uint8Array {
  return encode((writer) => {
    writer.u8(VERSION).u32(memoryKib).u8(passes).u8(lanes);
    writer.fixed(salt, SALT_BYTES).fixed(iv, IV_BYTES);
  });
}

function readHead(reader: Reader): VaultHead {
  const version = reader.u8();
  if (version !== VERSION) throw new Refusal("UNKNOWN_VERSION", `expected 1, got ${version}`);
  const memoryKib = reader.u32();
  const passes = reader.u8();
  const lanes = reader.u8();
  demand(
    memoryKib >= 8 && memoryKib <= MEMORY_KIB_MAX && passes >= 1 && passes <= PASSES_MAX,
    "COST_OUT_OF_RANGE",
    `expected at most ${MEMORY_KIB_MAX} KiB and ${PASSES_MAX} passes`,
  );
  demand(lanes === 1, "COST_OUT_OF_RANGE", `expected one lane, got ${lanes}`);
  return { memoryKib, passes, lanes, salt: reader.fixed(SALT_BYTES), iv: reader.fixed(IV_BYTES) };
}

function headOf(bytes: Uint8Array): VaultHead {
  const head = decode(bytes, readHead);
  if (!head.ok) throw new Error(`our own head does not decode: ${head.message}`);
  return head.value;
}

async function cipher(head: Uint8Array): Promise<AesGcmParams> {
  const { iv } = headOf(head);
  return { name: "AES-GCM", iv: new Uint8Array(iv), additionalData: new Uint8Array(head) };
}

async function deriveKey(head: Uint8Array, passphrase: string): Promise<CryptoKey> {
  const { memoryKib, passes, lanes, salt } = headOf(head);
  // Loaded at first use: nobody waits for it who only looks.
  const { argon2id } = await import("hash-wasm");
  const key = await argon2id({
    password: encodeUtf8(passphrase.normalize("NFKC")),
    salt,
    parallelism: lanes,
    iterations: passes,
    memorySize: memoryKib,
    hashLength: 32,
    outputType: "binary",
  });
  const bytes = new Uint8Array(key);
  try {
    return await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
  } finally {
    bytes.fill(0);
    key.fill(0);
  }
}
