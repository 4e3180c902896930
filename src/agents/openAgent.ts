import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createLocalSigner } from "../client/localSigner.ts";
import type { Signer } from "../client/ports.ts";
import { type HeadlessWallet, openWallet } from "../headless/openWallet.ts";
import { formatHex, parseHex } from "../lib/hex.ts";
import { LOCAL_NETWORK } from "../protocol/network.ts";
import { createRules } from "../protocol/rules.ts";

/** A wallet that runs by itself on the local network, with its key and its store in `data`. */
export type Agent = HeadlessWallet & { readonly signer: Signer };

/** Open or make an agent. `key`: 32 bytes; undefined for the one kept in `data`, made if there is none. */
export async function openAgent(options: {
  readonly data: string;
  readonly node: string;
  readonly key: Uint8Array | undefined;
  readonly now: () => number;
  /** Watchtowers that its evidence is handed to. */
  readonly towers?: readonly string[];
}): Promise<Agent> {
  const { data, node, now, towers = [] } = options;
  const { networkId } = createRules(LOCAL_NETWORK);
  const signer = createLocalSigner(options.key ?? (await loadKey(data)), networkId);
  const directory = join(data, "wallet");
  return { ...(await openWallet({ directory, node, signer, now, towers })), signer };
}

async function loadKey(data: string): Promise<Uint8Array> {
  const file = join(data, "key");
  await mkdir(data, { recursive: true });
  try {
    return parseHex((await readFile(file, "utf8")).trim());
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (!isMissing) throw error;
    const key = new Uint8Array(randomBytes(32));
    await writeFile(file, `${formatHex(key)}\n`, { mode: 0o600, flag: "wx" });
    return key;
  }
}
