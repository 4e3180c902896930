import { judgeLinks } from "../../blocks/anchoredProof.ts";
import { followEntries, type PostingChain } from "../../blocks/hops.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { encode } from "../../lib/codec.ts";
import { demand, insist, judge, Refusal, type Verdict } from "../../lib/verdict.ts";
import type { BlockHeader } from "../../protocol/blockHeader.ts";
import { OPEN_REQUESTS_MAX } from "../../protocol/limits.ts";
import type { NetworkParameters } from "../../protocol/network.ts";
import { computeClaimStart } from "../settlement/draw.ts";
import { findChain } from "../settlement/settlementView.ts";
import type { ChainRecord } from "../state/chainRecord.ts";
import { writeAskedPath } from "./askedPath.ts";
import { type DataRequest, writeDataRequest } from "./dataMessages.ts";
import { type AwaitedData, findVoid } from "./dataRecord.ts";
import { computeRequestId, type DataTarget } from "./dataTarget.ts";
import type { DataEffect, RequestView } from "./dataView.ts";
import { findNamedRecord } from "./postPath.ts";
import { computeRequestFee } from "./requestFee.ts";

/** The first main-chain height at which nothing can be asked for any more: all is decided before the claims are. */
function computeAskingEnd(
  expiry: number,
  parameters: Pick<NetworkParameters, "drawBlocks">,
): number {
  return computeClaimStart(expiry, parameters);
}

/**
 * Judge a request that the account `asker` makes with its transaction number `nonce`, in a block at
 * `view.height`. The post is looked up, down to the chain asked for; what is in it nobody knows yet.
 *
 * @see docs/PROTOCOL.md section 6, withheld data
 */
export function judgeRequest(
  request: DataRequest,
  asker: Uint8Array,
  nonce: number,
  view: RequestView,
): Verdict<DataEffect> {
  return judge(() => {
    const { parameters } = view.rules;
    const size = encode((writer) => writeDataRequest(writer, request)).length;
    demand(
      size <= parameters.claimBytesMax,
      "TOO_LONG",
      `expected a request of at most ${parameters.claimBytesMax} bytes, got ${size}`,
    );
    const chain = insist(findChain(view, request.topId));
    const end = computeAskingEnd(chain.expiry, parameters);
    demand(view.height < end, "TOO_LATE", `expected a height below ${end}, got ${view.height}`);
    const { target, sequence, block } = findAskedPost(request, chain, view);
    const record = view.data(target);
    const voided = findVoid(record, view.height);
    demand(
      voided === undefined || sequence < voided.sequence,
      "VOID",
      "the post is void already: it counts for nothing",
    );
    demand(
      record.open.length < OPEN_REQUESTS_MAX,
      "TOO_MANY_OPEN",
      `expected fewer than ${OPEN_REQUESTS_MAX} open requests at this chain`,
    );
    const awaited = readAwaitedData(request, target, block);
    demand(
      !record.open.some(
        (open) => open.sequence === sequence && isSameAwaited(open.awaited, awaited),
      ),
      "ASKED_ALREADY",
      "the same is asked for already",
    );
    const fee = computeRequestFee(record.open.length, parameters);
    const deposit = parameters.dataRequestDeposit;
    const due = view.height + parameters.dataResponseDelay;
    const id = computeRequestId(asker, nonce);
    const open = { id, sequence, awaited, asker, deposit, fee, due };
    return {
      charge: fee + deposit,
      minerFee: fee,
      pay: [],
      target,
      record: { ...record, open: [...record.open, open] },
      answered: undefined,
      shownKey: undefined,
    };
  });
}

/** The chain that is asked, and its post under the record that the request names. */
function findAskedPost(
  { sequence, isSwitched, path, hops }: DataRequest,
  chain: ChainRecord,
  view: RequestView,
): { target: DataTarget; sequence: number; block: Uint8Array } {
  const record = insist(findNamedRecord(view, { sequence, isSwitched, path }, chain.expiry));
  const asked = path[path.length - 1] as PostingChain;
  const posted = { sequence, blockHash: record.hash };
  const entry = insist(followEntries(path, posted, hops, view.rules))[path.length - 1];
  if (entry === undefined) {
    throw new Refusal("NO_SUCH_POST", "no post of the chain stands under this record");
  }
  const target = { topId: chain.id, chainId: asked.id, operator: asked.operator };
  return { target, sequence: entry.sequence, block: entry.blockHash };
}

function readAwaitedData(
  { subject }: DataRequest,
  target: DataTarget,
  block: Uint8Array,
): AwaitedData {
  if (subject.kind === "proof") return { kind: "proof", block, asked: subject.asked };
  const { after, have } = subject;
  let wanted = block;
  if (after.length > 0) {
    insist(judgeLinks(after, { id: target.chainId }, block));
    wanted = (after[0] as BlockHeader).previousHash;
  }
  demand(
    !equalBytes(wanted, have) && !equalBytes(wanted, target.chainId),
    "NOTHING_ASKED",
    "there is no block between what is wanted and what the asker has",
  );
  return { kind: "blocks", wanted, have, count: after.length };
}

function isSameAwaited(a: AwaitedData, b: AwaitedData): boolean {
  if (a.kind === "blocks") {
    return b.kind === "blocks" && equalBytes(a.wanted, b.wanted) && equalBytes(a.have, b.have);
  }
  if (b.kind === "blocks") return false;
  return equalBytes(
    encode((writer) => writeAskedPath(writer, a.asked)),
    encode((writer) => writeAskedPath(writer, b.asked)),
  );
}
