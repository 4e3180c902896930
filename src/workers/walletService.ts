import { readHandOverCode } from "../api/handOverCode.ts";
import type { SaleOffer } from "../api/operatorApi.ts";
import type { Signer, WalletStore } from "../client/ports.ts";
import { positionOf } from "../client/positionOf.ts";
import type { Wallet } from "../client/wallet.ts";
import { equalBytes } from "../lib/bytes.ts";
import { formatHex, parseHex } from "../lib/hex.ts";
import { refuse, type Verdict } from "../lib/verdict.ts";
import { computeAddress } from "../protocol/amoveo/address.ts";
import type { Rules } from "../protocol/rules.ts";
import type { SignatureTag } from "../protocol/tags.ts";
import type { KitDesk } from "./kits.ts";
import { readAddress } from "./networkConfig.ts";
import type { OpenedKey } from "./signerService.ts";
import { createSnapshot, type SnapshotContext } from "./snapshot/createSnapshot.ts";
import type { ActionResult, KeyView, QuoteView, WalletApi, WalletSnapshot } from "./walletApi.ts";

/** The signer worker as the wallet worker sees it: every answer comes later. */
export type RemoteSigner = {
  createKey(passphrase: string): Promise<OpenedKey>;
  importKey(text: string, passphrase: string): Promise<Verdict<OpenedKey>>;
  unlock(vault: Uint8Array, passphrase: string): Promise<Verdict<Uint8Array>>;
  lock(): Promise<void>;
  sign(tag: SignatureTag, networkId: Uint8Array, body: Uint8Array): Promise<Verdict<Uint8Array>>;
  seal(head: Uint8Array, content: Uint8Array): Promise<Verdict<Uint8Array>>;
  unseal(head: Uint8Array, box: Uint8Array): Promise<Verdict<Uint8Array>>;
};

export type WalletServiceOptions = {
  readonly wallet: Wallet;
  readonly store: WalletStore;
  readonly signer: RemoteSigner;
  readonly rules: Rules;
  /** The vault and its public key, as they were kept. */
  readonly kept: OpenedKey | undefined;
  readonly isPersisted: boolean;
  /** Become the one tab that signs; false if another is. */
  readonly takeSigning: () => Promise<boolean>;
  readonly leaveSigning: () => void;
  /** Listen to the chains that are followed since `address` was. */
  readonly listen: (address: string) => void;
};

/** Keys of the `meta` table. */
export const META = { vault: "vault", publicKey: "publicKey" } as const;

/** Between two snapshots that only tell what operators say of their books. */
const PUBLISH_MS = 200;

const DONE: ActionResult = { ok: true };

/** The door of the page: keys, actions, and a snapshot after every change. */
export function createWalletService(options: WalletServiceOptions): WalletApi {
  const { wallet, store, signer, rules } = options;
  const subscribers = new Set<(snapshot: WalletSnapshot) => void>();
  /** Offers shown to the page, by hex id of the first contract sold. */
  const quotes = new Map<string, { readonly chainId: Uint8Array; readonly offer: SaleOffer }>();
  let { kept } = options;
  let isFull = false;

  function describeKey(): KeyView {
    if (kept === undefined) return { kind: "none" };
    const address = computeAddress(kept.publicKey);
    if (wallet.hands() === undefined) return { kind: "locked", address };
    return { kind: "unlocked", address, publicKey: formatHex(kept.publicKey) };
  }

  function takeSnapshot(): WalletSnapshot {
    const snapshot = createSnapshot(wallet, {
      key: describeKey(),
      owner: kept?.publicKey,
      storage: { isPersisted: options.isPersisted, isFull },
      describeTrade,
    });
    return { ...snapshot, kit: wallet.hands() && kits?.describe() };
  }

  let kits: KitDesk | undefined;

  /** Let the wallet act with the key that the signer holds now. */
  async function enter(key: OpenedKey): Promise<void> {
    await wallet.attachSigner(createSigner(key.publicKey));
    const { openKitDesk } = await import("./kits.ts");
    kits = await openKitDesk({ wallet, rules, store, sealer: signer, key });
    void wallet.sync();
  }

  let describeTrade: SnapshotContext["describeTrade"];
  let isAsked = false;

  /** Trade is shown from the moment that there is a question to bet on. */
  function askForTrade(): void {
    if (isAsked || wallet.tracker.chains().every(({ followed }) => followed.markets.length === 0)) {
      return;
    }
    isAsked = true;
    import("./snapshot/tradeViews.ts").then(
      (views) => {
        describeTrade = views.describeTrade;
        publish();
      },
      () => {
        isAsked = false;
      },
    );
  }

  let timer: ReturnType<typeof setTimeout> | undefined;

  function publish(): void {
    clearTimeout(timer);
    timer = undefined;
    askForTrade();
    const snapshot = takeSnapshot();
    for (const subscriber of subscribers) subscriber(snapshot);
  }

  /** An operator's feed may speak at any pace; the page is told at its own. */
  function publishSoon(): void {
    timer ??= setTimeout(publish, PUBLISH_MS);
  }

  /** Do it, say how it went, and show what changed. */
  async function act(action: () => Promise<Verdict<unknown>>): Promise<ActionResult> {
    try {
      const done = await action();
      return done.ok ? DONE : { ok: false, code: done.code, message: done.message };
    } catch (error) {
      const { code, message } = describeFailure(error);
      if (code === "FULL") isFull = true;
      return { ok: false, code, message };
    } finally {
      publish();
    }
  }

  /** Make a file for the page, or say why not. */
  async function handOut<Made>(make: () => Promise<Verdict<Made>>): Promise<Verdict<Made>> {
    try {
      return await make();
    } catch (error) {
      return { ok: false, ...describeFailure(error) };
    }
  }

  function createSigner(publicKey: Uint8Array): Signer {
    return {
      publicKey,
      async sign(tag, body) {
        const signed = await signer.sign(tag, rules.networkId, body);
        if (!signed.ok) throw new Error(`the signer refused: ${signed.message}`);
        return signed.value;
      },
    };
  }

  async function keep(opened: OpenedKey): Promise<Verdict<null>> {
    if (!(await options.takeSigning())) return OTHER_TAB;
    await store.commit([
      { kind: "put", table: "meta", key: META.vault, value: opened.vault },
      { kind: "put", table: "meta", key: META.publicKey, value: opened.publicKey },
    ]);
    kept = opened;
    await enter(opened);
    return { ok: true, value: null };
  }

  wallet.onChange(publish);
  wallet.feeds.onChange(publishSoon);

  return {
    async subscribe(onSnapshot) {
      subscribers.add(onSnapshot);
      askForTrade();
      onSnapshot(takeSnapshot());
    },

    createKey: (passphrase) =>
      act(async () => {
        if (kept !== undefined) return KEY_EXISTS;
        if (passphrase === "") return NO_PASSPHRASE;
        return keep(await signer.createKey(passphrase));
      }),

    importKey: (text, passphrase) =>
      act(async () => {
        if (kept !== undefined) return KEY_EXISTS;
        if (passphrase === "") return NO_PASSPHRASE;
        const opened = await signer.importKey(text, passphrase);
        return opened.ok ? keep(opened.value) : opened;
      }),

    unlock: (passphrase) =>
      act(async () => {
        if (kept === undefined) return refuse("NO_KEY", "this wallet has no key yet");
        if (!(await options.takeSigning())) return OTHER_TAB;
        const opened = await signer.unlock(kept.vault, passphrase);
        if (!opened.ok) {
          options.leaveSigning();
          return opened;
        }
        if (!equalBytes(opened.value, kept.publicKey)) {
          return OTHER_KEY;
        }
        await enter(kept);
        return opened;
      }),

    lock: () =>
      act(async () => {
        wallet.detachSigner();
        await signer.lock();
        options.leaveSigning();
        return { ok: true, value: null };
      }),

    requestCoins: () => act(() => wallet.requestCoins()),

    addOperator: (text) =>
      act(async () => {
        const url = readAddress(text);
        if (url === undefined) return NOT_AN_ADDRESS;
        const followed = await wallet.follow(url);
        if (followed.ok) {
          options.listen(url);
          void wallet.sync();
        }
        return followed;
      }),

    placeBet: (chainId, marketId, side, stake) =>
      act(() => wallet.placeBet(parseHex(chainId), parseHex(marketId), side, stake)),

    buySpace: (chainId, width) => act(() => wallet.buySpace(parseHex(chainId), width)),

    setCheckMode: (chainId, mode) =>
      act(async () => {
        const chain = wallet.tracker.find(parseHex(chainId));
        if (chain === undefined) {
          return refuse("NO_SUCH_CHAIN", "the wallet does not follow this chain");
        }
        for (const each of wallet.tracker.withAncestors(chain)) {
          await wallet.tracker.setMode(each, mode);
        }
        void wallet.sync();
        return { ok: true, value: null };
      }),

    updateTerms: (contractId) => act(() => wallet.updateTerms(parseHex(contractId))),
    handOver: (contractId, code) =>
      act(async () => {
        const owner = readHandOverCode(code);
        return owner.ok ? wallet.handOver(parseHex(contractId), owner.value) : owner;
      }),
    redeem: (contractIds) => act(() => wallet.redeem(contractIds.map(parseHex))),
    merge: (contractId) => act(() => wallet.merge(parseHex(contractId))),

    async quoteSale(contractId) {
      let quote: QuoteView | undefined;
      const done = await act(async () => {
        const quoted = await wallet.quoteSale(parseHex(contractId));
        if (!quoted.ok) return quoted;
        const chain = wallet.tracker.chains().find(({ book }) => book.own.has(contractId));
        const own = chain?.book.own.get(contractId);
        if (chain === undefined || own === undefined) {
          return refuse("NO_SUCH_CONTRACT", "the wallet holds no contract of this id");
        }
        const { contractIds, price, buyer } = quoted.value;
        const asked = positionOf(chain, own).map(formatHex).toSorted();
        const offered = contractIds.map(formatHex);
        if (asked.join() !== offered.toSorted().join()) {
          return refuse("BAD_OFFER", "the offer is for other contracts than those asked about");
        }
        quotes.set(offered[0] ?? "", { chainId: chain.followed.facts.id, offer: quoted.value });
        quote = { contractIds: offered, price, buyer: computeAddress(buyer) };
        return quoted;
      });
      if (!done.ok) return done;
      return quote === undefined
        ? { ok: false, code: "NO_OFFER", message: "nobody made an offer" }
        : { quote };
    },

    sell: (quote) =>
      act(async () => {
        const known = quotes.get(quote.contractIds[0] ?? "");
        if (known === undefined || known.offer.price !== quote.price) {
          return refuse("NO_OFFER", "this offer is not open any more; ask again");
        }
        return wallet.sell(known.chainId, known.offer);
      }),

    placeOrder: ({ chainId, bookId, contractIds, ...wanted }) =>
      act(() => {
        const order = { ...wanted, contractIds: contractIds.map(parseHex) };
        return wallet.placeOrder(parseHex(chainId), bookId, order);
      }),
    cancelOrder: (id) => act(() => wallet.cancelOrder(id)),

    async rehearse(contractId, action) {
      const { rehearse } = await import("./rehearse.ts");
      return rehearse(wallet, contractId, action);
    },

    claim: (contractId) => act(() => wallet.claim(parseHex(contractId))),
    exportEvidence: (chainId) => wallet.tracker.evidence(parseHex(chainId)),
    async exportProof(contractId) {
      const made = await handOut(async () => {
        const { exportContract } = await import("./exportContract.ts");
        return exportContract(wallet, rules, contractId);
      });
      return made.ok ? { ok: true, bytes: new Uint8Array(made.value) } : made;
    },
    async exportKit() {
      const made = await handOut(async () => kits?.make() ?? LOCKED);
      return made.ok
        ? { ok: true, bytes: new Uint8Array(made.value.bytes), mark: made.value.mark }
        : made;
    },
    keepKitMark: (mark) =>
      act(async () => {
        await kits?.keepMark(mark);
        return { ok: true, value: null };
      }),
    importKit: (bytes, passphrase) =>
      act(async () => {
        const { readKit } = await import("./kits.ts");
        const kit = readKit(bytes, rules);
        if (!kit.ok) return kit;
        if (kept === undefined) {
          const { vault, publicKey } = kit.value;
          const opened = await signer.unlock(vault, passphrase);
          if (!opened.ok) return opened;
          if (!equalBytes(opened.value, publicKey)) return OTHER_KEY;
          const done = await keep({ vault, publicKey });
          if (!done.ok) return done;
        }
        return kits?.take(kit.value) ?? LOCKED;
      }),
    async compareHeader(height, hash) {
      const { header } = wallet.mainChain.tip();
      if (height > header.height) return { kind: "beyond", height: header.height };
      const own = wallet.mainChain.book().states[height];
      const isOurs = own !== undefined && formatHex(own.hash) === hash;
      return isOurs ? { kind: "ours", above: header.height - height } : { kind: "other" };
    },
    collect: (chainId) => act(() => wallet.collect(parseHex(chainId))),
    collectOwnChain: (contractId) => act(() => wallet.collectOwnChain(parseHex(contractId))),
    requestData: (chainId) => act(() => wallet.requestData(parseHex(chainId))),
    requestProof: (contractId) => act(() => wallet.requestProof(parseHex(contractId))),
    actOnDispute: (id) => act(() => wallet.actOnDispute(id)),
    setAutoDefence: (isOn) => act(() => wallet.setAutoDefence(isOn)),
    addTower: (text) =>
      act(async () => {
        const url = readAddress(text);
        return url === undefined ? NOT_AN_ADDRESS : wallet.addTower(url);
      }),
    removeTower: (url) => act(() => wallet.removeTower(url)),
    punishWithholding: (chainId) => act(() => wallet.punishWithholding(parseHex(chainId))),
  };
}

const NOT_AN_ADDRESS = refuse("NOT_AN_ADDRESS", "expected an http or https address");
const KEY_EXISTS = refuse("KEY_EXISTS", "this wallet has a key already");
const NO_PASSPHRASE = refuse("NO_PASSPHRASE", "a key is kept only under a passphrase");
const LOCKED = refuse("LOCKED", "unlock the wallet first");
const OTHER_KEY = refuse("OTHER_KEY", "the vault holds another key than the wallet's");
const OTHER_TAB = refuse(
  "OTHER_TAB",
  "the wallet is unlocked in another tab, and only one may sign at a time",
);

/** A failure in words; what is our own mistake says so. */
function describeFailure(error: unknown): { code: string; message: string } {
  const code = error instanceof Error && "code" in error ? String(error.code) : "FAILED";
  const message = error instanceof Error ? error.message : String(error);
  return { code, message };
}
