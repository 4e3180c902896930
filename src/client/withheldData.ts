import { judgeDataSlash } from "../chain/requests/judgeDataSlash.ts";
import { refuse, type Verdict } from "../lib/verdict.ts";
import { readAnsweredHeaders } from "./askedData.ts";
import type { TrackedChain } from "./chainTracker.ts";
import {
  draftRequest,
  type RequestTools,
  readRequestView,
  rehearseRequest,
} from "./draftRequest.ts";

/**
 * What a holder does about a recorded block that nobody serves: ask for it on the main chain, and, if nobody
 * answers, see to it that it counts for nothing. Each transaction is rehearsed with the main chain's own functions.
 */
export type WithheldData = {
  request(chain: TrackedChain): Promise<Verdict<null>>;
  punish(chain: TrackedChain): Promise<Verdict<null>>;
};

export function createWithheldData(tools: RequestTools): WithheldData {
  const { outbox, mainChain, tracker } = tools;

  return {
    async request(chain) {
      const { withheld: entry, book } = chain;
      if (entry === undefined) return refuse("NOT_WITHHELD", "no recorded block is withheld");
      const { hash: last } = entry.record;
      const have = book.tip.hash;
      const after = await readAnsweredHeaders(last, have, mainChain);
      const subject = { kind: "blocks", after, have } as const;
      const request = draftRequest(chain, entry, subject, tracker);
      const view = await readRequestView(chain, { entry, request }, tools);
      const rehearsed = rehearseRequest(request, view, tools);
      if (!rehearsed.ok) return rehearsed;
      return outbox.send({ kind: "data-request", request });
    },

    async punish(chain) {
      const target = tracker.targetOf(chain);
      const view = await readRequestView(chain, undefined, tools);
      const due = view.data(target).open.find((open) => open.due < view.height);
      if (due === undefined) return refuse("TOO_EARLY", "no request has run out");
      const slash = { target, requestId: due.id };
      const rehearsed = judgeDataSlash(slash, view);
      if (!rehearsed.ok) return rehearsed;
      return outbox.send({ kind: "data-slash", slash });
    },
  };
}
