import { randomBytes } from "node:crypto";
import { createLocalGenesis } from "../chain/localNetwork.ts";
import type { BlockArchive, OperatorSource, Signer } from "../client/ports.ts";
import type { TowerTools } from "../client/tower/towerSource.ts";
import { createWallet, type Wallet } from "../client/wallet.ts";
import { sealBytes } from "../crypto/sealBytes.ts";
import { createUpgradingVerify } from "../crypto/upgradingVerify.ts";
import { openStore } from "../disk/openStore.ts";
import { createMainChainSource } from "../network/mainChainSource.ts";
import { createOperatorSource } from "../network/operatorSource.ts";
import { createTowerSource } from "../network/towerSource.ts";
import { LOCAL_NETWORK } from "../protocol/network.ts";
import { createRules } from "../protocol/rules.ts";
import { createDiskWalletStore } from "./diskWalletStore.ts";
import { openNodeSocket } from "./nodeSocket.ts";

/** A wallet on the local network in a process of its own, with its store on disk. */
export type HeadlessWallet = {
  readonly wallet: Wallet;
  /** Call back after each new main-chain tip, until closed. */
  followTip(onTip: () => void): void;
  operatorAt(url: string): OperatorSource;
  close(): Promise<void>;
};

const TOOLS: TowerTools = {
  at: createTowerSource,
  seal: sealBytes,
  randomBytes: (length) => new Uint8Array(randomBytes(length)),
};

/** Open or make the wallet that is kept in `directory`, and let it act with `signer`; without one it only looks. */
export async function openWallet(options: {
  readonly directory: string;
  readonly node: string;
  readonly signer: Signer | undefined;
  readonly now: () => number;
  /** Servers that may have blocks which an operator does not serve. */
  readonly mirrors?: readonly string[];
  /** Where the bytes of checked blocks are kept; nowhere unless given. */
  readonly archive?: BlockArchive;
  /** Watchtowers that its evidence is handed to. */
  readonly towers?: readonly string[];
}): Promise<HeadlessWallet> {
  const { directory, node, signer, now, mirrors = [], archive, towers = [] } = options;
  const rules = createRules(LOCAL_NETWORK, createUpgradingVerify());
  const store = await openStore(directory);
  const source = createMainChainSource(node, { openSocket: openNodeSocket });
  const operatorAt = (url: string) => createOperatorSource(url, { openSocket: openNodeSocket });
  const wallet = await createWallet({
    rules,
    genesis: createLocalGenesis(rules).header,
    sources: [source],
    operatorAt,
    mirrors,
    archive,
    towers: { urls: towers, load: async () => TOOLS },
    store: createDiskWalletStore(store),
    clock: now,
  });
  if (signer !== undefined) await wallet.attachSigner(signer);
  const closers: (() => void)[] = [];
  return {
    wallet,
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
