import { create } from "zustand";
import type { WalletSnapshot } from "../workers/walletApi.ts";

/** What happened last, said once at the edge of the screen. */
export type Notice = { readonly tone: "done" | "danger"; readonly words: string };

type WalletState = {
  /** The last state of the wallet; undefined until the worker has opened its storage. */
  readonly snapshot: WalletSnapshot | undefined;
  /** Why the wallet could not be opened at all. */
  readonly openFailure: string | undefined;
  /** The reader chose to see the screens without a key in use. */
  readonly isLookingAround: boolean;
  readonly notice: Notice | undefined;
  /** Reloads into the version that waits, once there is one. */
  readonly reloadIntoUpdate: (() => void) | undefined;
};

/** The page's one store. Screens read it; only the functions below write it. */
export const useWallet = create<WalletState>()(() => ({
  snapshot: undefined,
  openFailure: undefined,
  isLookingAround: false,
  notice: undefined,
  reloadIntoUpdate: undefined,
}));

export function setSnapshot(snapshot: WalletSnapshot): void {
  useWallet.setState((state) => ({
    snapshot,
    isLookingAround: state.isLookingAround && snapshot.key.kind !== "unlocked",
  }));
}

export function setOpenFailure(openFailure: string): void {
  useWallet.setState({ openFailure });
}

export function setLookingAround(isLookingAround: boolean): void {
  useWallet.setState({ isLookingAround });
}

export function showNotice(notice: Notice | undefined): void {
  useWallet.setState({ notice });
}

export function offerUpdate(reloadIntoUpdate: () => void): void {
  useWallet.setState({ reloadIntoUpdate });
}
