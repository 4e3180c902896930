import type { ChainFacts } from "../../blocks/applyTransactions.ts";
import { cacheReads } from "../../client/disputes/cachedReads.ts";
import { readStatus } from "../../client/settlementStatus.ts";
import type { Wallet } from "../../client/wallet.ts";
import type { Rules } from "../../protocol/rules.ts";
import type { DefencePort } from "../defence.ts";

/**
 * The defence of a chain inside another, by way of the operator's own light client, which is up to date when it is called.
 *
 * @param parentId - the chain that it is a contract of, followed by `wallet`.
 */
export function createNestedDefence(
  wallet: Wallet,
  rules: Rules,
  chain: ChainFacts,
  parentId: Uint8Array,
): DefencePort {
  return {
    carrier: chain.operator,

    async open() {
      const parent = wallet.tracker.find(parentId);
      if (parent === undefined) return undefined;
      const above = wallet.tracker.withAncestors(parent).map(({ followed }) => followed);
      const [top, ...inside] = [...above, { ...parent.followed, facts: chain }];
      const status = top && (await readStatus(wallet.mainChain, rules, [top, ...inside]));
      return { reads: cacheReads(wallet.mainChain), chainId: status?.chainId };
    },

    async send(slashes) {
      const outbox = wallet.hands()?.outbox;
      // What is on its way is sent again by the outbox itself.
      if (outbox === undefined || outbox.pendingCount() > 0) return 0;
      let sent = 0;
      for (const slash of slashes) {
        if ((await outbox.send({ kind: "sortition-slash", slash })).ok) sent += 1;
      }
      return sent;
    },
  };
}
