import { judgeLinks } from "../../blocks/anchoredProof.ts";
import { readShown } from "../../blocks/closeProof.ts";
import { findPosts } from "../../blocks/hops.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { encode } from "../../lib/codec.ts";
import { demand, insist, judge, Refusal, type Verdict } from "../../lib/verdict.ts";
import type { BlockHeader } from "../../protocol/blockHeader.ts";
import { hashCondition } from "../../protocol/condition.ts";
import type { NetworkParameters } from "../../protocol/network.ts";
import type { DataTarget } from "../requests/dataTarget.ts";
import { priceBytes } from "../requests/judgeResponse.ts";
import { findNamedRecord, judgePathEnd } from "../requests/postPath.ts";
import { findChain, readOutcome } from "../settlement/settlementView.ts";
import type { ChainRecord } from "../state/chainRecord.ts";
import {
  type ChallengeAnswer,
  type ChallengeResponse,
  writeChallengeAnswer,
} from "./challengeMessages.ts";
import { isRecordedBy, type OpenChallenge } from "./challengeRecord.ts";
import type { ChallengeEffect, ChallengeView } from "./challengeView.ts";
import { judgeLateAnswer } from "./judgeLateAnswer.ts";
import { isOwnersWord } from "./ownersWord.ts";

/**
 * Judge an answer to a challenge. The challenger pays for its bytes, to the miner, out of his deposit, and the rest
 * goes back to him.
 *
 * @see docs/PROTOCOL.md section 6, double sales
 */
export function judgeChallengeResponse(
  { target, challengeId, answer }: ChallengeResponse,
  view: ChallengeView,
): Verdict<ChallengeEffect> {
  return judge(() => {
    const { parameters } = view.rules;
    const size = encode((writer) => writeChallengeAnswer(writer, answer)).length;
    demand(
      size <= parameters.claimBytesMax,
      "TOO_LONG",
      `expected an answer of at most ${parameters.claimBytesMax} bytes, got ${size}`,
    );
    const record = view.challenges(target);
    const challenge = insist(findChallenge(record.open, challengeId));
    demand(
      view.height <= challenge.due,
      "TOO_LATE",
      `expected a height up to ${challenge.due}, got ${view.height}`,
    );
    const top = insist(findChain(view, target.topId));
    judgeAnswer(answer, challenge, target, top, view);
    const price = priceChallengeAnswer(answer, parameters);
    const minerFee = price < challenge.deposit ? price : challenge.deposit;
    return {
      charge: 0n,
      minerFee,
      pay: [{ to: challenge.challenger, amount: challenge.deposit - minerFee }],
      target,
      record: { ...record, open: record.open.filter((open) => open !== challenge) },
    };
  });
}

/** What an answer's bytes cost the challenger, satoshi. */
export function priceChallengeAnswer(
  answer: ChallengeAnswer,
  parameters: Pick<NetworkParameters, "dataRequestDeposit">,
): bigint {
  return priceBytes(encode((writer) => writeChallengeAnswer(writer, answer)).length, parameters);
}

/** The open challenge of this id, or a refusal. */
export function findChallenge(
  open: readonly OpenChallenge[],
  id: Uint8Array,
): Verdict<OpenChallenge> {
  return judge(() => {
    const challenge = open.find((each) => equalBytes(each.id, id));
    if (challenge === undefined) {
      throw new Refusal("NO_SUCH_CHALLENGE", "no such challenge is open");
    }
    return challenge;
  });
}

function judgeAnswer(
  answer: ChallengeAnswer,
  challenge: OpenChallenge,
  target: DataTarget,
  top: ChainRecord,
  view: ChallengeView,
): void {
  switch (answer.kind) {
    case "close":
      judgeCloseAnswer(answer, challenge, target, top, view);
      return;
    case "condition":
      judgeConditionAnswer(answer, challenge, top, view);
      return;
    case "late":
      insist(judgeLateAnswer(answer, challenge, target, top, view));
  }
}

/**
 * The owner's own word, in a block that was posted between the two states. Whether it came too late for the record
 * does not matter: nobody but an operator who acted without the owner is to blame.
 */
function judgeCloseAnswer(
  answer: ChallengeAnswer & { kind: "close" },
  challenge: OpenChallenge,
  target: DataTarget,
  { expiry }: ChainRecord,
  view: ChallengeView,
): void {
  const { path, sequence, hops, headers } = answer;
  insist(judgePathEnd(path, target));
  const record = insist(findNamedRecord(view, answer, expiry));
  const posts = insist(findPosts(path, { sequence, blockHash: record.hash }, hops, view.rules));
  const posted = posts.at(-1)?.blockHash ?? record.hash;
  insist(judgeLinks(headers, { id: target.chainId }, posted));
  const header = headers[0] as BlockHeader;
  const isBetween =
    challenge.first.block < header.height &&
    header.height <= challenge.second.block &&
    isRecordedBy(record, challenge.second);
  demand(isBetween, "NOT_BETWEEN", "the close shown does not stand between the two states");
  const shown = readShown(answer.close, header);
  demand(
    isOwnersWord(shown, challenge, header, view.rules),
    "NOT_THE_OWNERS_WORD",
    "what is shown does not give the contract up by its owner's word",
  );
}

function judgeConditionAnswer(
  { index, condition }: ChallengeAnswer & { kind: "condition" },
  { conditions }: OpenChallenge,
  chain: ChainRecord,
  view: ChallengeView,
): void {
  const named = conditions[index];
  if (named === undefined) {
    throw new Refusal("NO_SUCH_CONDITION", `no condition ${index} on the contract's path`);
  }
  demand(
    named.level === condition.level && equalBytes(named.hash, hashCondition(condition)),
    "OTHER_CONDITION",
    "the condition shown is not the one on the path",
  );
  const { isFinal, isTrue } = readOutcome(view, chain, condition);
  demand(isFinal, "NOT_FINAL", "how the condition comes out is not decided yet");
  demand(isTrue !== named.side, "NOT_AGAINST", "the condition came out for the contract");
}
