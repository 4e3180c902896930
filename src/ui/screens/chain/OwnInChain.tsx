import type { ChainView, WalletSnapshot } from "../../../workers/walletApi.ts";
import { Panel } from "../../parts/Panel.tsx";
import { PositionList } from "../portfolio/PositionList.tsx";

type OwnInChainProps = { readonly wallet: WalletSnapshot; readonly chain: ChainView };

/** The reader's contracts in one chain. */
export function OwnInChain({ wallet, chain }: OwnInChainProps) {
  const own = wallet.contracts.filter((contract) => contract.chainId === chain.id);
  if (own.length === 0) return null;
  return (
    <Panel title="Yours in this chain">
      <PositionList contracts={own} />
    </Panel>
  );
}
