import type { WalletStore } from "../client/ports.ts";
import type { Wallet } from "../client/wallet.ts";
import { equalBytes } from "../lib/bytes.ts";
import { formatHex } from "../lib/hex.ts";
import { decodeUtf8, encodeUtf8 } from "../lib/utf8.ts";
import { accept, refuse, type Verdict } from "../lib/verdict.ts";
import {
  collectKit,
  computeKitMark,
  countKitContracts,
  type KitSource,
} from "../proof/collectKit.ts";
import {
  decodeKitContents,
  decodeKitFile,
  encodeKitContents,
  encodeKitFile,
  encodeKitHead,
  type KitFile,
} from "../proof/kitFile.ts";
import { type RestoredKit, restoreKit } from "../proof/restoreKit.ts";
import type { Rules } from "../protocol/rules.ts";
import type { OpenedKey, SignerService } from "./signerService.ts";
import type { KitView } from "./walletApi.ts";

/** Claim kits, for the wallet worker; loaded once it is unlocked. */

/** Row of the `meta` table: the mark of the kit that was saved last. */
const SAVED_MARK = "kitMark";

/** What a kit is sealed and opened with: the key that is unlocked. */
type Sealer = {
  readonly [Name in "seal" | "unseal"]: (
    ...args: Parameters<SignerService[Name]>
  ) => Promise<Verdict<Uint8Array>>;
};

/** The kits of an unlocked wallet. */
export type KitDesk = {
  /** How the kit that was saved last stands to what the wallet holds now. */
  describe(): KitView;
  /** A kit of everything that the wallet holds, and its mark. */
  make(): Promise<Verdict<{ readonly bytes: Uint8Array; readonly mark: string }>>;
  /** The kit of this mark is saved. */
  keepMark(mark: string): Promise<void>;
  /** Take what an own kit has newer than the wallet. */
  take(kit: KitFile): Promise<Verdict<RestoredKit>>;
};

export async function openKitDesk(options: {
  readonly wallet: Wallet;
  readonly rules: Rules;
  readonly store: WalletStore;
  readonly sealer: Sealer;
  readonly key: OpenedKey;
}): Promise<KitDesk> {
  const { wallet, rules, store, sealer, key } = options;
  const row = new Map(await store.rows("meta")).get(SAVED_MARK);
  let saved = row && decodeUtf8(row);
  const sourceOf = (): KitSource => {
    const { tracker, states } = wallet;
    return { tracker, states, closes: wallet.watcher()?.closes() ?? [] };
  };
  return {
    describe() {
      const source = sourceOf();
      const contracts = countKitContracts(source);
      if (contracts === 0) return { state: "nothing", contracts };
      if (saved === undefined) return { state: "none", contracts };
      const isFresh = saved === formatHex(computeKitMark(source));
      return { state: isFresh ? "fresh" : "stale", contracts };
    },

    async make() {
      const { height } = wallet.mainChain.tip().header;
      const head = { networkId: rules.networkId, ...key, height };
      const source = sourceOf();
      const mark = formatHex(computeKitMark(source));
      const contents = encodeKitContents(collectKit(source));
      const box = await sealer.seal(encodeKitHead(head), contents);
      if (!box.ok) return box;
      return accept({ bytes: encodeKitFile({ ...head, box: box.value }), mark });
    },

    async keepMark(mark) {
      const value = encodeUtf8(mark);
      await store.commit([{ kind: "put", table: "meta", key: SAVED_MARK, value }]);
      saved = mark;
    },

    async take(kit) {
      if (!equalBytes(kit.publicKey, key.publicKey)) {
        return refuse("OTHER_KEY", "the kit is another key's");
      }
      const opened = await sealer.unseal(encodeKitHead(kit), kit.box);
      if (!opened.ok) return opened;
      const contents = decodeKitContents(opened.value);
      return contents.ok ? restoreKit(contents.value, wallet.states) : contents;
    },
  };
}

/** What anybody can read of a kit: whose it is. Refuses one of another network. */
export function readKit(bytes: Uint8Array, rules: Rules): Verdict<KitFile> {
  const kit = decodeKitFile(bytes);
  if (!kit.ok) return kit;
  return equalBytes(kit.value.networkId, rules.networkId)
    ? kit
    : refuse("OTHER_NETWORK", "the kit is of another network");
}
