import type { DataRequest, DataSubject } from "../chain/requests/dataMessages.ts";
import { NO_REQUESTS, readDataRecord } from "../chain/requests/dataRecord.ts";
import { computeDataKey } from "../chain/requests/dataTarget.ts";
import type { DataEffect, RequestView } from "../chain/requests/dataView.ts";
import { judgeRequest } from "../chain/requests/judgeRequest.ts";
import { readChainRecord } from "../chain/state/chainRecord.ts";
import { formatHex } from "../lib/hex.ts";
import { refuse, type Verdict } from "../lib/verdict.ts";
import { formatVeo } from "../protocol/amountWords.ts";
import { readExistenceRecord } from "../protocol/post.ts";
import type { Rules } from "../protocol/rules.ts";
import { computeSwitchKey, type SwitchRecord } from "../protocol/switch.ts";
import type { ChainTracker, TrackedChain } from "./chainTracker.ts";
import type { Entry } from "./entry.ts";
import { tipOf } from "./headerBook.ts";
import type { MainChain } from "./mainChain.ts";
import { type Outbox, TRANSACTION_FEE } from "./outbox.ts";
import type { Signer } from "./ports.ts";
import { readSwitch } from "./readSwitch.ts";

/** What asking on the main chain is done with. */
export type RequestTools = {
  readonly rules: Rules;
  readonly signer: Signer;
  readonly outbox: Outbox;
  readonly mainChain: MainChain;
  readonly tracker: Pick<ChainTracker, "anchors" | "targetOf">;
};

/** Read, with proofs, all that judging a request to a chain in the next block would look at. */
export async function readRequestView(
  chain: TrackedChain,
  asked: { readonly entry: Entry; readonly request: DataRequest } | undefined,
  { rules, mainChain, tracker }: Pick<RequestTools, "rules" | "mainChain" | "tracker">,
): Promise<RequestView> {
  const target = tracker.targetOf(chain);
  const key = computeDataKey(target);
  const record = (await mainChain.read("requests", key, readDataRecord)) ?? NO_REQUESTS;
  const top = await mainChain.read("chains", target.topId, readChainRecord);
  const post =
    asked && (await mainChain.read("existence", asked.entry.top.key, readExistenceRecord));
  const switches = new Map<string, SwitchRecord | undefined>();
  for (const each of asked?.request.path.slice(1) ?? []) {
    const switchKey = formatHex(computeSwitchKey(each.operator, each.id));
    switches.set(switchKey, await readSwitch(mainChain, each));
  }
  return {
    rules,
    height: tipOf(mainChain.book()).header.height + 1,
    chain: () => top,
    existence: () => post,
    switched: (each) => switches.get(formatHex(each)),
    data: () => record,
  };
}

/** A request for something under an entry of a chain. */
export function draftRequest(
  chain: TrackedChain,
  entry: Entry,
  subject: DataSubject,
  tracker: RequestTools["tracker"],
): DataRequest {
  // The chain whose record the entry stands under is where its anchors lead, or one that has switched.
  const [top = chain, ...below] = [chain, ...tracker.anchors(chain)]
    .slice(0, entry.hops.length + 1)
    .toReversed();
  const path = [top, ...below].map(({ followed }) => {
    const { id, operator } = followed.facts;
    return { id, operator };
  });
  return {
    topId: tracker.targetOf(chain).topId,
    sequence: entry.top.sequence,
    isSwitched: top.followed.nested?.anchor.kind === "chain",
    path,
    hops: entry.hops,
    subject,
  };
}

/** What a request would do in the next block, as the main chain's own functions say, if it is paid for. */
export function rehearseRequest(
  request: DataRequest,
  view: RequestView,
  { signer, outbox }: Pick<RequestTools, "signer" | "outbox">,
): Verdict<DataEffect> {
  const rehearsed = judgeRequest(request, signer.publicKey, outbox.nextNonce(), view);
  if (!rehearsed.ok) return rehearsed;
  const needed = rehearsed.value.charge + TRANSACTION_FEE;
  const { balance } = outbox.account();
  if (balance >= needed) return rehearsed;
  return refuse(
    "NOT_ENOUGH_MONEY",
    `asking needs ${formatVeo(needed)}, most of it a deposit of which the rest comes back; there are ${formatVeo(balance)}`,
  );
}
