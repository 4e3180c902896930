import { createContext, useContext } from "react";
import type { WalletApi } from "../workers/walletApi.ts";

const WalletContext = createContext<WalletApi | undefined>(undefined);

export const WalletProvider = WalletContext.Provider;

/** The wallet behind the page. Throws outside `App`. */
export function useWalletApi(): WalletApi {
  const api = useContext(WalletContext);
  if (api === undefined) throw new Error("expected to be rendered inside App");
  return api;
}
