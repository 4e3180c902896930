import { randomBytes } from "node:crypto";
import { mkdir, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { formatHex, parseHex } from "../lib/hex.ts";

/** The environment variable that may hold the key as hex, for tests and scripted networks. */
export const KEY_VARIABLE = "SORTITION_OPERATOR_KEY";

/**
 * A private key, 32 bytes: from the file, which is made with a new key if it is absent,
 * or, without a file, from the environment, where it does not stay. Throws if there is none or it is no key.
 */
export async function loadPrivateKey(file: string | undefined): Promise<Uint8Array> {
  const named = process.env[KEY_VARIABLE] ?? "";
  delete process.env[KEY_VARIABLE];
  if (file === undefined) return parseKey(named, KEY_VARIABLE);
  await createKeyFile(file);
  return parseKey((await readFile(file, "utf8")).trim(), file);
}

async function createKeyFile(file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  try {
    const handle = await open(file, "wx", 0o600);
    try {
      await handle.writeFile(`${formatHex(randomBytes(32))}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    const isThere = error instanceof Error && "code" in error && error.code === "EEXIST";
    if (!isThere) throw error;
  }
}

function parseKey(hex: string, source: string): Uint8Array {
  if (!/^[0-9a-f]{64}$/.test(hex)) {
    throw new Error(`expected 64 letters of lower-case hex in ${source}`);
  }
  return parseHex(hex);
}
