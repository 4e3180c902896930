import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createLocalGenesis } from "../chain/localNetwork.ts";
import { createLocalSigner } from "../client/localSigner.ts";
import type { OperatorSource, Signer } from "../client/ports.ts";
import { createWallet, type Wallet } from "../client/wallet.ts";
import { openStore } from "../disk/openStore.ts";
import { formatHex, parseHex } from "../lib/hex.ts";
import { createMainChainSource } from "../network/mainChainSource.ts";
import { createOperatorSource } from "../network/operatorSource.ts";
import { LOCAL_NETWORK } from "../protocol/network.ts";
import { createRules } from "../protocol/rules.ts";
import { createDiskWalletStore } from "./diskWalletStore.ts";
import { openNodeSocket } from "./nodeSocket.ts";

/** A wallet that runs by itself on the local network, with its key and its store in `data`. */
export type Agent = {
  readonly wallet: Wallet;
  readonly signer: Signer;
  /** Call back after each new main-chain tip, until closed. */
  followTip(onTip: () => void): void;
  operatorAt(url: string): OperatorSource;
  close(): Promise<void>;
};

/** Open or make an agent. `key`: 32 bytes; undefined for the one kept in `data`, made if there is none. */
export async function openAgent(options: {
  readonly data: string;
  readonly node: string;
  readonly key: Uint8Array | undefined;
  readonly now: () => number;
}): Promise<Agent> {
  const { data, node, now } = options;
  const rules = createRules(LOCAL_NETWORK);
  const store = await openStore(join(data, "wallet"));
  const source = createMainChainSource(node, { openSocket: openNodeSocket });
  const operatorAt = (url: string) => createOperatorSource(url, { openSocket: openNodeSocket });
  const wallet = await createWallet({
    rules,
    genesis: createLocalGenesis(rules).header,
    sources: [source],
    operatorAt,
    store: createDiskWalletStore(store),
    clock: now,
  });
  const signer = createLocalSigner(options.key ?? (await loadKey(data)), rules.networkId);
  await wallet.attachSigner(signer);
  const closers: (() => void)[] = [];
  return {
    wallet,
    signer,
    operatorAt,
    followTip(onTip) {
      closers.push(source.follow(onTip, () => undefined));
    },
    async close() {
      for (const close of closers) close();
      await store.close();
    },
  };
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
