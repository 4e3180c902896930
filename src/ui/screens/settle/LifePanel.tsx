import { Link } from "wouter";
import type { WalletSnapshot } from "../../../workers/walletApi.ts";
import { Amount } from "../../parts/Amount.tsx";
import { LabelMark } from "../../parts/LabelMark.tsx";
import { Panel } from "../../parts/Panel.tsx";
import { MiniStrip } from "../../strip/MiniStrip.tsx";
import { nameChain } from "../../words/chain.ts";
import { describePhase } from "../../words/phase.ts";
import { PositionList } from "../portfolio/PositionList.tsx";
import { LifeLine } from "./LifeLine.tsx";
import type { Life } from "./lives.ts";

type LifePanelProps = { readonly wallet: WalletSnapshot; readonly life: Life };

/** One prize: its space with the point, its phases with their times, and what the reader holds of it. */
export function LifePanel({ wallet, life }: LifePanelProps) {
  const { chain, inside, contracts } = life;
  const { network } = wallet;
  return (
    <Panel
      title={nameChain(chain)}
      aside={
        <span className="life-aside">
          <LabelMark label={chain.label} />
          <Link href={`/chain/${chain.id}`}>Open the chain</Link>
        </span>
      }
    >
      <p>
        {describePhase(chain.phase, network)}{" "}
        {inside.length > 0 &&
          `The same goes for what is inside it: ${inside.map(nameChain).join(", ")}.`}
      </p>
      <LifeLine chain={chain} network={network} />
      <MiniStrip chain={chain} />
      {contracts.length > 0 ? (
        <PositionList contracts={contracts} />
      ) : (
        <p className="hint">
          The prize is <Amount satoshi={chain.prize.amount} />. You hold no part of it.
        </p>
      )}
    </Panel>
  );
}
