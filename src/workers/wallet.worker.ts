import { expose, wrap } from "comlink";
import { readChainAddress } from "../api/chainAddress.ts";
import { createLocalGenesis } from "../chain/localNetwork.ts";
import type { WalletStore } from "../client/ports.ts";
import { createWallet } from "../client/wallet.ts";
import { createUpgradingVerify } from "../crypto/upgradingVerify.ts";
import { equalBytes } from "../lib/bytes.ts";
import { decodeUtf8, encodeUtf8 } from "../lib/utf8.ts";
import { createMainChainSource } from "../network/mainChainSource.ts";
import { createOperatorSource } from "../network/operatorSource.ts";
import { LOCAL_NETWORK } from "../protocol/network.ts";
import { createRules } from "../protocol/rules.ts";
import { openDexieStore } from "../storage/dexieStore.ts";
import { createOperatorListener } from "./listenToOperators.ts";
import { type NetworkConfig, readNetworkConfig } from "./networkConfig.ts";
import { openVerifyPool } from "./verifyWorkers.ts";
import type { WalletApi } from "./walletApi.ts";
import { createWalletService, META, type RemoteSigner } from "./walletService.ts";

/** Asked again at least so often: a socket that broke silently must not stop the wallet. */
const SYNC_MS = 5_000;
const CONFIG_KEY = "network";
const SIGNING_LOCK = "sortition-signer";

/** The served configuration, or the one it was last time where nothing is served now. */
async function loadConfig(store: WalletStore): Promise<NetworkConfig> {
  try {
    const answer = await fetch(new URL("/network.json", self.location.origin), {
      cache: "no-store",
    });
    const text = await answer.text();
    const config = readNetworkConfig(JSON.parse(text));
    if (config !== undefined) {
      const value = encodeUtf8(text);
      await store.commit([{ kind: "put", table: "meta", key: CONFIG_KEY, value }]);
      return config;
    }
  } catch {
    // Offline, or no configuration served: what was kept counts.
  }
  const kept = new Map(await store.rows("meta")).get(CONFIG_KEY);
  const text = kept && decodeUtf8(kept);
  return (
    (text && readNetworkConfig(JSON.parse(text))) || {
      nodes: [self.location.origin],
      operators: [],
      mirrors: [],
      towers: [],
    }
  );
}

/** Hold the lock that lets one tab of all sign, until `leave`. */
function createSigningLock(): { take(): Promise<boolean>; leave(): void } {
  let release: (() => void) | undefined;
  return {
    take: () =>
      new Promise((resolve) => {
        if (release !== undefined) return resolve(true);
        void navigator.locks.request(SIGNING_LOCK, { ifAvailable: true }, (lock) => {
          if (lock === null) return resolve(false);
          return new Promise<void>((free) => {
            release = () => {
              release = undefined;
              free();
            };
            resolve(true);
          });
        });
      }),
    leave: () => release?.(),
  };
}

async function open(): Promise<WalletApi> {
  const rules = createRules(LOCAL_NETWORK, createUpgradingVerify());
  const store = await openDexieStore(`sortition-${rules.parameters.name}`);
  const config = await loadConfig(store);
  const meta = new Map(await store.rows("meta"));
  const vault = meta.get(META.vault);
  const publicKey = meta.get(META.publicKey);
  const kept = vault && publicKey && { vault, publicKey };
  const sources = config.nodes.map((url) => createMainChainSource(url));
  const wallet = await createWallet({
    rules,
    genesis: createLocalGenesis(rules).header,
    sources,
    operatorAt: createOperatorSource,
    mirrors: config.mirrors,
    towers: {
      urls: config.towers,
      load: async () => (await import("./towerTools.ts")).TOWER_TOOLS,
    },
    verifier: openVerifyPool(rules),
    store,
    clock: Date.now,
    pause: () => new Promise((go) => setTimeout(go)),
    owner: publicKey,
  });
  const signing = createSigningLock();
  const sync = () => void wallet.sync();
  const { tracker, feeds } = wallet;
  const listen = createOperatorListener(tracker, feeds, createOperatorSource, sync);
  const signer = wrap<RemoteSigner>(
    new Worker(new URL("./signer.worker.ts", import.meta.url), { type: "module" }),
  );
  const service = createWalletService({
    wallet,
    store,
    signer,
    rules,
    kept,
    isPersisted: await navigator.storage.persisted(),
    takeSigning: signing.take,
    leaveSigning: signing.leave,
    listen,
  });
  for (const source of sources) source.follow(sync, sync);
  listen();
  let isFollowing = false;
  const look = () => void followConfigured(config);
  look();
  setInterval(look, SYNC_MS);
  return service;

  function isFollowed(address: string): boolean {
    const { server, chainId } = readChainAddress(address);
    return tracker
      .chains()
      .some(({ followed: { url, facts } }) =>
        chainId === undefined ? url === server : equalBytes(facts.id, chainId),
      );
  }

  /** Follow the configured operators, once each; those that do not answer yet are asked again. */
  async function followConfigured({ operators }: NetworkConfig): Promise<void> {
    if (isFollowing) return;
    isFollowing = true;
    try {
      await wallet.sync();
      for (const url of operators) {
        if (isFollowed(url)) continue;
        const added = await wallet.follow(url);
        if (added.ok) listen(url);
      }
    } finally {
      isFollowing = false;
    }
    sync();
  }
}

const opened = open();
// The page learns of a failure by its first call; until then nobody listens.
opened.catch(() => undefined);

/** Every call waits until the storage is open. */
const door: WalletApi = {
  subscribe: async (onSnapshot) => (await opened).subscribe(onSnapshot),
  createKey: async (...args) => (await opened).createKey(...args),
  importKey: async (...args) => (await opened).importKey(...args),
  unlock: async (...args) => (await opened).unlock(...args),
  lock: async () => (await opened).lock(),
  requestCoins: async () => (await opened).requestCoins(),
  addOperator: async (...args) => (await opened).addOperator(...args),
  placeBet: async (...args) => (await opened).placeBet(...args),
  buySpace: async (...args) => (await opened).buySpace(...args),
  setCheckMode: async (...args) => (await opened).setCheckMode(...args),
  updateTerms: async (...args) => (await opened).updateTerms(...args),
  handOver: async (...args) => (await opened).handOver(...args),
  redeem: async (...args) => (await opened).redeem(...args),
  merge: async (...args) => (await opened).merge(...args),
  quoteSale: async (...args) => (await opened).quoteSale(...args),
  sell: async (...args) => (await opened).sell(...args),
  placeOrder: async (...args) => (await opened).placeOrder(...args),
  cancelOrder: async (...args) => (await opened).cancelOrder(...args),
  rehearse: async (...args) => (await opened).rehearse(...args),
  claim: async (...args) => (await opened).claim(...args),
  exportEvidence: async (...args) => (await opened).exportEvidence(...args),
  exportProof: async (...args) => (await opened).exportProof(...args),
  exportKit: async () => (await opened).exportKit(),
  keepKitMark: async (...args) => (await opened).keepKitMark(...args),
  importKit: async (...args) => (await opened).importKit(...args),
  compareHeader: async (...args) => (await opened).compareHeader(...args),
  collect: async (...args) => (await opened).collect(...args),
  collectOwnChain: async (...args) => (await opened).collectOwnChain(...args),
  requestData: async (...args) => (await opened).requestData(...args),
  requestProof: async (...args) => (await opened).requestProof(...args),
  addTower: async (...args) => (await opened).addTower(...args),
  removeTower: async (...args) => (await opened).removeTower(...args),
  punishWithholding: async (...args) => (await opened).punishWithholding(...args),
  actOnDispute: async (...args) => (await opened).actOnDispute(...args),
  setAutoDefence: async (...args) => (await opened).setAutoDefence(...args),
};
expose(door);
