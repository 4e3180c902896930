import type { ChainView } from "../../../workers/walletApi.ts";
import { FigureText } from "../../parts/Amount.tsx";
import { CopyText } from "../../parts/CopyText.tsx";
import { Facts } from "../../parts/Facts.tsx";
import { Panel } from "../../parts/Panel.tsx";
import { groupThousands } from "../../words/amount.ts";
import { formatPercent } from "../../words/chance.ts";

/** The figures of a chain. */
export function ChainFacts({ chain }: { readonly chain: ChainView }) {
  return (
    <Panel title="About this chain">
      <Facts
        facts={[
          { name: "Prize", value: <FigureText figure={chain.prize} /> },
          {
            name: "Operator’s share",
            value: formatPercent(BigInt(chain.depositBps), 10_000n),
            hint: "kept back from the prize; lost if he sells a range twice",
          },
          { name: "Expires at block", value: groupThousands(chain.expiry) },
          { name: "Blocks", value: groupThousands(chain.blocks) },
          { name: "Posts on the main chain", value: groupThousands(chain.posts) },
          { name: "Chain", value: <CopyText text={chain.id} name="chain id" /> },
          { name: "Operator", value: <CopyText text={chain.operator} name="operator’s key" /> },
        ]}
      />
    </Panel>
  );
}
