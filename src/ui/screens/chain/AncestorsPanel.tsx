import { Link } from "wouter";
import type { ChainView } from "../../../workers/walletApi.ts";
import { Panel } from "../../parts/Panel.tsx";
import { VerdictMark } from "../../parts/VerdictMark.tsx";
import { groupThousands } from "../../words/amount.ts";
import { nameChain } from "../../words/chain.ts";

type AncestorsPanelProps = { readonly chain: ChainView; readonly chains: readonly ChainView[] };

/** A chain inside others is only as good as each of them: their verdicts, up to the main chain. */
export function AncestorsPanel({ chain, chains }: AncestorsPanelProps) {
  if (chain.ancestors.length === 0) return null;
  const above = chain.ancestors.flatMap((id) => chains.filter((each) => each.id === id));
  const anchors = listAnchors(chain, chains);
  return (
    <Panel title="All the way up">
      <ol className="rows">
        {[chain, ...above].map((each) => (
          <li key={each.id} className="row">
            <div>
              <p className="row-title">
                {each === chain ? (
                  nameChain(each)
                ) : (
                  <Link className="row-link" href={`/chain/${each.id}`}>
                    {nameChain(each)}
                  </Link>
                )}
              </p>
              <p className="row-hint">{describeRole(each, chain, anchors)}</p>
            </div>
            <VerdictMark verdict={each.verdict} />
          </li>
        ))}
        <li className="row">
          <div>
            <p className="row-title">Main chain</p>
            <p className="row-hint">holds the prize, and the records that all posts end in</p>
          </div>
        </li>
      </ol>
      <p className="hint">
        The contract that this chain runs in is sealed, for ever. What you hold here stays yours
        whatever becomes of a chain above; {describeNeed(chain)}.
      </p>
    </Panel>
  );
}

function describeNeed({ postsIn, switchedAt }: ChainView): string {
  if (switchedAt !== undefined) {
    return `none of them has to go on, because it posts on the main chain itself since block ${groupThousands(switchedAt)}`;
  }
  return postsIn === undefined
    ? "none of them has to go on, because it posts on the main chain itself"
    : "only the chains that take the posts must go on, or its operator switches to the main chain";
}

/** Ids of the chains that the posts go through. */
function listAnchors(chain: ChainView, chains: readonly ChainView[]): readonly string[] {
  const anchors: string[] = [];
  for (let at = chain.postsIn; at !== undefined && !anchors.includes(at); ) {
    anchors.push(at);
    const id: string = at;
    at = chains.find((each) => each.id === id)?.postsIn;
  }
  return anchors;
}

function describeRole(each: ChainView, chain: ChainView, anchors: readonly string[]): string {
  const answers = each.connection === "down" ? "; its operator does not answer now" : "";
  if (each === chain) return `this chain${answers}`;
  const role = anchors.includes(each.id)
    ? "the posts go through it"
    : "not needed any more: nothing is posted in it";
  return role + answers;
}
