import { applyTransactions, type ChainContent } from "../blocks/applyTransactions.ts";
import { decodeBlock } from "../blocks/block.ts";
import { createPostMap, postMapRoot } from "../blocks/postMap.ts";
import type { OpenChallenge } from "../chain/challenges/challengeRecord.ts";
import type { DataAnswer, DataResponse } from "../chain/requests/dataMessages.ts";
import type { OpenRequest } from "../chain/requests/dataRecord.ts";
import type { DataTarget } from "../chain/requests/dataTarget.ts";
import { priceAnswer } from "../chain/requests/judgeResponse.ts";
import type { TransactionBody } from "../chain/transaction.ts";
import { assert } from "../lib/assert.ts";
import { equalBytes } from "../lib/bytes.ts";
import { insist } from "../lib/verdict.ts";
import { RUN_MAX } from "../protocol/limits.ts";
import { provePath } from "../space/proof.ts";
import { createTree } from "../space/tree.ts";
import { findChallengeAnswer } from "./answerChallenge.ts";
import type { EngineState, PostEntry } from "./engine/engineState.ts";
import { type OwnRows, readBlock } from "./ownBlocks.ts";

/**
 * The main chain, as requests for this chain's data are read and answered there. Both reject when the
 * node fails; the next tip tries again.
 */
export type AnswerPort = {
  readonly target: DataTarget;
  /** The requests and challenges that wait under the newest tip, and its height. */
  readRequests(): Promise<{
    readonly height: number;
    readonly open: readonly OpenRequest[];
    readonly challenges: readonly OpenChallenge[];
  }>;
  /** Hand in answers in this order; what a node refuses is passed over. */
  sendAnswers(answers: readonly AnswerBody[]): Promise<void>;
};

/** A transaction that answers what was asked of an operator on the main chain. */
export type AnswerBody = Extract<
  TransactionBody,
  { readonly kind: "data-response" | "challenge-response" }
>;

/** Answers to one request that are handed in at once: with the next tip the next ones go. */
const ANSWERS_AT_ONCE = 16;

/**
 * Answer whatever is asked of this chain on the main chain, be it data or why a contract is gone, from the operator's own
 * blocks. What has to be
 * said follows from what the main chain still waits for, so a crash or a reorg loses nothing: it is
 * asked there until it is answered there.
 *
 * @see docs/PROTOCOL.md section 6, withheld data, double sales
 */
export async function answerRequests(
  state: EngineState,
  store: OwnRows,
  port: AnswerPort,
): Promise<void> {
  const { height, open, challenges } = await port.readRequests();
  const bodies: AnswerBody[] = [];
  for (const challenge of challenges) {
    if (challenge.due <= height) continue;
    const answer = await findChallengeAnswer(state, store, challenge, spaceOf(state, port));
    if (answer === undefined) continue;
    const response = { target: port.target, challengeId: challenge.id, answer };
    bodies.push({ kind: "challenge-response", response });
  }
  for (const request of open) {
    const post = state.posts[request.sequence - 1];
    if (post === undefined || request.due <= height) continue;
    const answers = await findAnswers(state, store, request, post);
    const space = spaceOf(state, port);
    for (const answer of answers) {
      const response = { target: port.target, requestId: request.id, space, answer };
      bodies.push({ kind: "data-response", response });
    }
  }
  if (bodies.length > 0) await port.sendAnswers(bodies);
}

function spaceOf({ chain }: EngineState, { target }: AnswerPort): DataResponse["space"] {
  if (equalBytes(target.topId, target.chainId)) return undefined;
  return { lo: chain.lo, hi: chain.hi };
}

async function findAnswers(
  state: EngineState,
  store: OwnRows,
  { awaited, deposit }: OpenRequest,
  post: PostEntry,
): Promise<DataAnswer[]> {
  if (awaited.kind === "proof") {
    const kept = state.contents.get(post.sequence);
    const { tree, posts } = kept ?? (await rebuild(state, store, post.height));
    const { header } = insist(decodeBlock(await readBlock(store, post.height)));
    const path = insist(provePath(tree, awaited.asked));
    return [{ kind: "proof", header, rootsRoot: postMapRoot(posts), path }];
  }
  // Back to where the main chain ends the request: what the asker says he has may be no block of ours.
  const last = Math.max(1, post.height + 1 - RUN_MAX);
  const answers: DataAnswer[] = [];
  let left = deposit;
  for (let at = post.height - awaited.count; at >= last && left > 0n; at--) {
    const bytes = await readBlock(store, at);
    const answer = { kind: "block", bytes } as const;
    answers.push(answer);
    left -= priceAnswer(answer, state.rules.parameters);
    const { header } = insist(decodeBlock(bytes));
    if (equalBytes(header.previousHash, awaited.have)) break;
    if (answers.length === ANSWERS_AT_ONCE) break;
  }
  return answers;
}

/** The content after an old block, from the blocks on disk: the engine keeps only that of the newest posts. */
async function rebuild(
  { rules, chain }: EngineState,
  store: OwnRows,
  height: number,
): Promise<ChainContent> {
  let content: ChainContent = { tree: createTree(chain.lo, chain.hi), posts: createPostMap() };
  for (let at = 1; at <= height; at++) {
    const { header, transactions } = insist(decodeBlock(await readBlock(store, at)));
    const applied = applyTransactions(content, transactions, {
      rules: { ...rules, verify: () => true },
      chain,
      height: at,
      previousHash: header.previousHash,
      mainHeight: header.mainHeight,
      mainHeader: "believed",
    });
    assert(applied.ok, `our own block ${at} holds`);
    content = { tree: applied.value.tree, posts: applied.value.posts };
  }
  return content;
}
