import type { ChainRecord } from "../chain/state/chainRecord.ts";
import { equalBytes } from "../lib/bytes.ts";
import { formatHex } from "../lib/hex.ts";
import { demand, judge, Refusal, type Verdict } from "../lib/verdict.ts";
import type { ChainBook } from "./chainBook.ts";
import type { OperatorFacts } from "./ports.ts";
import type { FollowedChain } from "./rows.ts";

/** A chain above, as far as it is checked. */
type Above = { readonly followed: FollowedChain; readonly book: ChainBook };

/** What to follow of a chain that the main chain itself has a record of. */
export function followRecord(
  url: string,
  facts: OperatorFacts,
  record: ChainRecord,
): Verdict<FollowedChain> {
  return judge(() => {
    demand(
      equalBytes(record.operator, facts.operator),
      "OTHER_OPERATOR",
      "the main chain names another operator for this chain",
    );
    const { id, operator, lo, hi, expiry, amount, depositBps, claimDelay, disputeDelay } = record;
    const { label, feeBps, markets } = facts;
    const chain = { label, facts: { id, operator, lo, hi, expiry }, nested: undefined };
    return { url, ...chain, prize: amount, depositBps, claimDelay, disputeDelay, feeBps, markets };
  });
}

/**
 * What to follow of a chain inside another: all but the offers comes from the leaf in the parent's
 * checked blocks, never from the chain's own operator.
 *
 * @param findAbove - the chains that are followed already, by hex id.
 */
export function followLeaf(
  url: string,
  facts: OperatorFacts,
  parent: Above,
  findAbove: (id: string) => Above | undefined,
): Verdict<FollowedChain> {
  return judge(() => {
    const leaf = parent.book.inside.get(formatHex(facts.chainId))?.leaf;
    if (leaf === undefined) {
      throw new Refusal("NO_SUCH_CHAIN", "no contract of this id stands in its parent's blocks");
    }
    const { anchor } = leaf;
    if (anchor.kind === "none") {
      throw new Refusal(
        "NOT_SEALED",
        "the contract is not sealed: its owner can still take it back",
      );
    }
    demand(
      equalBytes(leaf.owner, facts.operator),
      "OTHER_OPERATOR",
      "the contract is another's than the operator it is served by",
    );
    demand(
      anchor.kind === "mainChain" || isAbove(anchor.id, parent, findAbove),
      "ANCHOR_NOT_ABOVE",
      "the contract's posts stand in a chain that is none of its ancestors",
    );
    const { prize, claimDelay, disputeDelay } = parent.followed;
    const { id, owner: operator, lo, hi, depositBps } = leaf;
    const chain = { id, operator, lo, hi, expiry: parent.followed.facts.expiry };
    const nested = { parentId: parent.followed.facts.id, anchor };
    const { label, feeBps, markets } = facts;
    return {
      url,
      label,
      facts: chain,
      nested,
      prize,
      depositBps,
      claimDelay,
      disputeDelay,
      feeBps,
      markets,
    };
  });
}

function isAbove(
  id: Uint8Array,
  from: Above,
  findAbove: (id: string) => Above | undefined,
): boolean {
  for (let at: Above | undefined = from; at !== undefined; ) {
    if (equalBytes(at.followed.facts.id, id)) return true;
    const parentId: Uint8Array | undefined = at.followed.nested?.parentId;
    at = parentId && findAbove(formatHex(parentId));
  }
  return false;
}
