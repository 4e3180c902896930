import type { PostingChain } from "../blocks/hops.ts";
import type { DataRequest } from "../chain/requests/dataMessages.ts";
import { NO_REQUESTS, readDataRecord } from "../chain/requests/dataRecord.ts";
import { computeDataKey } from "../chain/requests/dataTarget.ts";
import type { RequestView } from "../chain/requests/dataView.ts";
import { judgeDataSlash } from "../chain/requests/judgeDataSlash.ts";
import { judgeRequest } from "../chain/requests/judgeRequest.ts";
import { readChainRecord } from "../chain/state/chainRecord.ts";
import { formatHex } from "../lib/hex.ts";
import { refuse, type Verdict } from "../lib/verdict.ts";
import { formatVeo } from "../protocol/amountWords.ts";
import { readExistenceRecord } from "../protocol/post.ts";
import type { Rules } from "../protocol/rules.ts";
import { computeSwitchKey, type SwitchRecord } from "../protocol/switch.ts";
import { readAnswers } from "./askedData.ts";
import type { ChainTracker, TrackedChain } from "./chainTracker.ts";
import type { Entry } from "./entry.ts";
import { tipOf } from "./headerBook.ts";
import type { MainChain } from "./mainChain.ts";
import { type Outbox, TRANSACTION_FEE } from "./outbox.ts";
import type { Signer } from "./ports.ts";
import { readSwitch } from "./readSwitch.ts";

/**
 * What a holder does about a recorded block that nobody serves: ask for it on the main chain, and, if nobody
 * answers, see to it that it counts for nothing. Each transaction is rehearsed with the main chain's own functions.
 */
export type WithheldData = {
  request(chain: TrackedChain): Promise<Verdict<null>>;
  punish(chain: TrackedChain): Promise<Verdict<null>>;
};

export function createWithheldData(options: {
  readonly rules: Rules;
  readonly signer: Signer;
  readonly outbox: Outbox;
  readonly mainChain: MainChain;
  readonly tracker: Pick<ChainTracker, "anchors" | "targetOf">;
}): WithheldData {
  const { rules, signer, outbox, mainChain, tracker } = options;

  async function readView(
    chain: TrackedChain,
    path: readonly PostingChain[] = [],
    entry?: Entry,
  ): Promise<RequestView> {
    const target = tracker.targetOf(chain);
    const key = computeDataKey(target);
    const record = (await mainChain.read("requests", key, readDataRecord)) ?? NO_REQUESTS;
    const top = await mainChain.read("chains", target.topId, readChainRecord);
    const post = entry && (await mainChain.read("existence", entry.top.key, readExistenceRecord));
    const switches = new Map<string, SwitchRecord | undefined>();
    for (const each of path.slice(1)) {
      const key = formatHex(computeSwitchKey(each.operator, each.id));
      switches.set(key, await readSwitch(mainChain, each));
    }
    return {
      rules,
      height: tipOf(mainChain.book()).header.height + 1,
      chain: () => top,
      existence: () => post,
      switched: (key) => switches.get(formatHex(key)),
      data: () => record,
    };
  }

  return {
    async request(chain) {
      const { withheld: entry, book } = chain;
      if (entry === undefined) return refuse("NOT_WITHHELD", "no recorded block is withheld");
      const { hash: last } = entry.record;
      const have = book.tip.hash;
      const { headers: after } = await readAnswers(last, have, mainChain, rules.parameters);
      // The chain whose record the entry stands under is where its anchors lead, or one that has switched.
      const [top = chain, ...below] = [chain, ...tracker.anchors(chain)]
        .slice(0, entry.hops.length + 1)
        .toReversed();
      const path = [top, ...below].map(({ followed }) => {
        const { id, operator } = followed.facts;
        return { id, operator };
      });
      const request: DataRequest = {
        topId: tracker.targetOf(chain).topId,
        sequence: entry.top.sequence,
        isSwitched: top.followed.nested?.anchor.kind === "chain",
        path,
        hops: entry.hops,
        subject: { kind: "blocks", after, have },
      };
      const { nonce, balance } = outbox.account();
      const view = await readView(chain, path, entry);
      const rehearsed = judgeRequest(request, signer.publicKey, nonce + 1, view);
      if (!rehearsed.ok) return rehearsed;
      const needed = rehearsed.value.charge + TRANSACTION_FEE;
      if (balance < needed) {
        return refuse(
          "NOT_ENOUGH_MONEY",
          `asking needs ${formatVeo(needed)}, most of it a deposit of which the rest comes back; there are ${formatVeo(balance)}`,
        );
      }
      return outbox.send({ kind: "data-request", request });
    },

    async punish(chain) {
      const target = tracker.targetOf(chain);
      const view = await readView(chain);
      const due = view.data(target).open.find((open) => open.due < view.height);
      if (due === undefined) return refuse("TOO_EARLY", "no request has run out");
      const slash = { target, requestId: due.id };
      const rehearsed = judgeDataSlash(slash, view);
      if (!rehearsed.ok) return rehearsed;
      return outbox.send({ kind: "data-slash", slash });
    },
  };
}
