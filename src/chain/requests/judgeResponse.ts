import type { ChainFacts } from "../../blocks/applyTransactions.ts";
import { verifyServedBlock, verifyServedProof } from "../../blocks/servedData.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { encode } from "../../lib/codec.ts";
import { demand, insist, judge, Refusal, type Verdict } from "../../lib/verdict.ts";
import { RUN_MAX } from "../../protocol/limits.ts";
import type { NetworkParameters } from "../../protocol/network.ts";
import { findChain } from "../settlement/settlementView.ts";
import { type DataAnswer, type DataResponse, writeDataAnswer } from "./dataMessages.ts";
import { type AwaitedData, findVoid, type OpenRequest } from "./dataRecord.ts";
import { computeShownKey, type DataTarget } from "./dataTarget.ts";
import type { DataEffect, RequestView } from "./dataView.ts";

/**
 * Judge an answer sent by the account `sender`: the bytes are held to their hash by the functions
 * that clients check them with. The asker pays for them by the byte, to the miner, out of his deposit;
 * once that is used up, or all is there, the request is answered and the rest goes back to him.
 *
 * @see docs/PROTOCOL.md section 6, withheld data
 */
export function judgeResponse(
  { target, requestId, space, answer }: DataResponse,
  sender: Uint8Array,
  view: RequestView,
): Verdict<DataEffect> {
  return judge(() => {
    const record = view.data(target);
    const request = insist(findRequest(record.open, requestId));
    demand(
      view.height <= request.due,
      "TOO_LATE",
      `expected a height up to ${request.due}, got ${view.height}`,
    );
    const voided = findVoid(record, view.height);
    demand(
      voided === undefined || request.sequence < voided.sequence,
      "VOID",
      "the post is void already: no answer helps it",
    );
    const chain = findFacts(target, space, sender, view);
    const { left, shownKey } = takeAnswer(answer, request, target, chain, view);
    const price = priceAnswer(answer, view.rules.parameters);
    const minerFee = price < request.deposit ? price : request.deposit;
    const deposit = request.deposit - minerFee;
    const others = record.open.filter((open) => open !== request);
    const isAnswered = left === undefined || deposit === 0n;
    return {
      charge: 0n,
      minerFee,
      pay: isAnswered ? [{ to: request.asker, amount: deposit }] : [],
      target,
      record: {
        ...record,
        open: isAnswered ? others : [...others, { ...request, awaited: left, deposit }],
      },
      answered:
        answer.kind === "block" && request.awaited.kind === "blocks"
          ? request.awaited.wanted
          : undefined,
      shownKey,
    };
  });
}

/** The open request of this id, or a refusal. */
export function findRequest(open: readonly OpenRequest[], id: Uint8Array): Verdict<OpenRequest> {
  return judge(() => {
    const request = open.find((each) => equalBytes(each.id, id));
    if (request === undefined) throw new Refusal("NO_SUCH_REQUEST", "no such request is open");
    return request;
  });
}

/** Bytes that one deposit pays for: a main-chain block of 1 MiB. */
const DEPOSIT_PAYS_BYTES = 1024n * 1024n;

/** What a byte of an answer pays the block's miner, out of the asker's deposit, in satoshi. */
export function computeBytePrice({
  dataRequestDeposit,
}: Pick<NetworkParameters, "dataRequestDeposit">): bigint {
  return dataRequestDeposit / DEPOSIT_PAYS_BYTES;
}

/** What the answer's bytes cost the asker, satoshi. */
export function priceAnswer(
  answer: DataAnswer,
  parameters: Pick<NetworkParameters, "dataRequestDeposit">,
): bigint {
  return priceBytes(encode((writer) => writeDataAnswer(writer, answer)).length, parameters);
}

/** What so many bytes of an answer cost who asked, satoshi. */
export function priceBytes(
  size: number,
  parameters: Pick<NetworkParameters, "dataRequestDeposit">,
): bigint {
  return BigInt(size) * computeBytePrice(parameters);
}

/** The chain asked: as the main chain knows it, or, inside another, in its own operator's words. */
function findFacts(
  { topId, chainId, operator }: DataTarget,
  space: DataResponse["space"],
  sender: Uint8Array,
  view: RequestView,
): ChainFacts {
  const top = insist(findChain(view, topId));
  if (equalBytes(chainId, topId) && equalBytes(operator, top.operator)) {
    demand(space === undefined, "NOT_EMPTY", "the main chain knows this chain's space itself");
    return top;
  }
  if (space === undefined) throw new Refusal("NO_SPACE", "expected the chain's space");
  demand(
    equalBytes(sender, operator),
    "NOT_THE_OPERATOR",
    "of a chain inside another only its own operator answers",
  );
  return { id: chainId, operator, ...space, expiry: top.expiry };
}

/** Hold an answer to what the request waits for; `left` is what it waits for from then on. */
function takeAnswer(
  answer: DataAnswer,
  { awaited, sequence }: OpenRequest,
  target: DataTarget,
  chain: ChainFacts,
  view: RequestView,
): { left: AwaitedData | undefined; shownKey: Uint8Array | undefined } {
  if (answer.kind === "block") {
    if (awaited.kind !== "blocks") throw new Refusal("OTHER_KIND", "a proof was asked for");
    const header = insist(verifyServedBlock(answer.bytes, awaited.wanted, chain, view.rules));
    const { previousHash: wanted } = header;
    const count = awaited.count + 1;
    const isLast = header.height <= 1 || count >= RUN_MAX || equalBytes(wanted, awaited.have);
    return { left: isLast ? undefined : { ...awaited, wanted, count }, shownKey: undefined };
  }
  if (awaited.kind !== "proof") throw new Refusal("OTHER_KIND", "blocks were asked for");
  const { found } = insist(verifyServedProof(answer, awaited.block, chain, awaited.asked));
  const shownKey =
    found.kind === "contract" ? computeShownKey(target, sequence, found.leaf) : undefined;
  return { left: undefined, shownKey };
}
