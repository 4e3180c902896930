import type { ChainFacts } from "../../blocks/applyTransactions.ts";
import { coversPoint } from "../../chain/settlement/draw.ts";
import { computeOwed } from "../../chain/settlement/owed.ts";
import { TRANSACTION_FEE } from "../../client/outbox.ts";
import { rehearseTimeout } from "../../client/rehearseTimeout.ts";
import { readStatus } from "../../client/settlementStatus.ts";
import type { Wallet } from "../../client/wallet.ts";
import { assert } from "../../lib/assert.ts";
import { equalBytes } from "../../lib/bytes.ts";
import type { Rules } from "../../protocol/rules.ts";
import type { ChainEnd } from "../chainEnd.ts";

/**
 * The end of a chain inside another. Its operator owns the sealed contract that it is: with that he claims what he has
 * not sold, and, in the middle of the claim window, also what a buyer of his has not claimed, who can then claim in the chain
 * that the contract becomes. A line that goes on below his stands above his, so he takes nothing from anybody.
 *
 * The light client is up to date when it is called: it is synced where the tip is read.
 *
 * @param chain - the operator's own. @param parentId - the chain that it is a contract of, followed by `wallet`.
 */
export function createNestedEnd(options: {
  readonly wallet: Wallet;
  readonly rules: Rules;
  readonly chain: ChainFacts;
  readonly parentId: Uint8Array;
  /** Whether the local network's faucet pays the deposit. */
  readonly faucet: boolean;
  readonly say: (words: string) => void;
}): ChainEnd {
  const { wallet, rules, chain, parentId, faucet } = options;
  let said = "";
  function say(words: string): void {
    if (words !== said) options.say(words);
    said = words;
  }

  async function claim(): Promise<void> {
    const claimed = await wallet.claim(chain.id);
    if (!claimed.ok && claimed.code === "NOT_ENOUGH_MONEY" && faucet) await wallet.requestCoins();
    say(claimed.ok ? "claimed the prize for this chain's contract" : claimed.message);
    await wallet.sync();
  }

  return {
    async advance(isSold) {
      const parent = wallet.tracker.find(parentId);
      const outbox = wallet.hands()?.outbox;
      assert(parent !== undefined && outbox !== undefined, "the light client is open");
      const above = wallet.tracker.withAncestors(parent).map(({ followed }) => followed);
      const [top, ...inside] = [...above, { ...parent.followed, facts: chain }];
      assert(top !== undefined, "a chain above is followed");
      const status = await readStatus(wallet.mainChain, rules, [top, ...inside]);
      if (status === undefined || status.settled !== undefined || outbox.pendingCount() > 0) return;
      const { point, chainId, depth, results, claimsEnd } = status;
      if (!coversPoint(chain, point)) return;
      const height = wallet.mainChain.tip().header.height + 1;
      const isShown = results.some(({ line }) =>
        line.some(({ leaf }) => leaf.sealed && equalBytes(leaf.id, chain.id)),
      );
      // Once the contract has become a chain of the main chain itself, nothing is left to be claimed with it.
      if (depth < above.length && !isShown && height < claimsEnd) {
        const wait = isSold(point) ? Math.ceil(parent.followed.claimDelay / 2) : 0;
        if (height >= claimsEnd - parent.followed.claimDelay + wait) await claim();
        return;
      }
      const ended = await rehearseTimeout(wallet.mainChain, rules, chainId);
      const owed = ended.ok ? computeOwed(ended.value, chain.operator) : 0n;
      if (owed <= TRANSACTION_FEE) return;
      const timeout = { chainId };
      const sent = await outbox.send({ kind: "sortition-timeout", timeout });
      say(sent.ok ? `ended a chain in which ${owed} satoshi are the operator's` : sent.message);
    },
  };
}
