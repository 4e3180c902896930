import type { ChainView } from "../../workers/walletApi.ts";
import { formatVeo } from "./amount.ts";

/** What people tell a chain by: its operator's name for it, or `Prize of 1,000 VEO`. */
export function nameChain(chain: ChainView): string {
  if (chain.label !== "") return chain.label;
  if (chain.ancestors.length === 0) return `Prize of ${formatVeo(chain.prize.amount)}`;
  return `Chain in ${formatVeo(chain.hi - chain.lo)} of space`;
}

/** In the middle of a sentence: `Exchange`, or `the chain with a prize of 1,000 VEO`. */
export function namePlace(chain: ChainView): string {
  if (chain.label !== "") return chain.label;
  if (chain.ancestors.length > 0) return `the chain in ${formatVeo(chain.hi - chain.lo)} of space`;
  return `the chain with a prize of ${formatVeo(chain.prize.amount)}`;
}

/** `the prize of Exchange`, or `the prize of 1,000 VEO`. */
export function namePrize(chain: ChainView): string {
  const isPlain = chain.label === "" && chain.ancestors.length === 0;
  return `the prize of ${isPlain ? formatVeo(chain.prize.amount) : namePlace(chain)}`;
}

/** The name of a chain by its id; the main chain's for undefined. */
export function nameChainById(id: string | undefined, chains: readonly ChainView[]): string {
  if (id === undefined) return "the main chain";
  const chain = chains.find((each) => each.id === id);
  return chain === undefined ? "a chain that is not followed here" : nameChain(chain);
}

/** `inside Sports market, posts in Exchange`; undefined for a chain on the main chain. */
export function describeNesting(
  chain: ChainView,
  chains: readonly ChainView[],
): string | undefined {
  const [parent] = chain.ancestors;
  if (parent === undefined) return undefined;
  return `inside ${nameChainById(parent, chains)}, posts in ${nameChainById(chain.postsIn, chains)}`;
}

/** The way up from a chain to the main chain, the main chain first. */
export function listCrumbs(
  chain: ChainView,
  chains: readonly ChainView[],
): { readonly title: string; readonly path: string }[] {
  const above = chain.ancestors.toReversed().map((id) => ({
    title: nameChainById(id, chains),
    path: `/chain/${id}`,
  }));
  return [{ title: "Main chain", path: "/chains" }, ...above];
}
