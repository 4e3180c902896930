import type { ChainView } from "../../../workers/walletApi.ts";
import { FigureText } from "../../parts/Amount.tsx";
import { CopyText } from "../../parts/CopyText.tsx";
import { Facts } from "../../parts/Facts.tsx";
import { LabelMark } from "../../parts/LabelMark.tsx";
import { Panel } from "../../parts/Panel.tsx";
import { groupThousands } from "../../words/amount.ts";
import { nameChainById } from "../../words/chain.ts";
import { formatPercent } from "../../words/chance.ts";

/** The figures of a chain. */
export function ChainFacts({
  chain,
  chains,
}: {
  readonly chain: ChainView;
  readonly chains: readonly ChainView[];
}) {
  const isNested = chain.ancestors.length > 0;
  const named = {
    name: "Name",
    value: (
      <>
        {chain.label} <LabelMark label={chain.label} />
      </>
    ),
  };
  const nesting = {
    name: "Inside",
    value: nameChainById(chain.ancestors[0], chains),
    hint: "its contract is sealed: nobody can take it back",
  };
  return (
    <Panel title="About this chain">
      <Facts
        facts={[
          ...(chain.label === "" ? [] : [named]),
          ...(isNested ? [nesting] : []),
          { name: "Prize", value: <FigureText figure={chain.prize} /> },
          {
            name: "Operator’s share",
            value: formatPercent(BigInt(chain.depositBps), 10_000n),
            hint: "kept back from the prize; lost if he sells a range twice, or withholds what he posted",
          },
          { name: "Expires at block", value: groupThousands(chain.expiry) },
          { name: "Blocks", value: groupThousands(chain.blocks) },
          {
            name: `Posts in ${nameChainById(chain.postsIn, chains)}`,
            value: groupThousands(chain.posts),
            ...(chain.switchedAt === undefined
              ? {}
              : {
                  hint: `it has switched to it at block ${groupThousands(chain.switchedAt)}, for ever`,
                }),
          },
          { name: "Chain", value: <CopyText text={chain.id} name="chain id" /> },
          { name: "Operator", value: <CopyText text={chain.operator} name="operator’s key" /> },
        ]}
      />
    </Panel>
  );
}
