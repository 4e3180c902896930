import { decodeBlock, type SortitionBlock } from "../blocks/block.ts";
import type { ShownTransaction } from "../blocks/closeProof.ts";
import type { ChallengeAnswer, NamedSpace } from "../chain/challenges/challengeMessages.ts";
import type { OpenChallenge } from "../chain/challenges/challengeRecord.ts";
import { isOwnersWord } from "../chain/challenges/ownersWord.ts";
import { formatHex } from "../lib/hex.ts";
import { insist } from "../lib/verdict.ts";
import type { EngineState } from "./engine/engineState.ts";
import {
  findShownPost,
  type OwnRows,
  readBlock,
  readHeaders,
  showTransaction,
} from "./ownBlocks.ts";
import { proveLate } from "./proveLate.ts";

/**
 * By whose word a contract is gone, from our own blocks: its owner's, a condition's, or nobody's, because it never
 * counted. Undefined while the post that would show it is not recorded for good.
 *
 * @param space - of a chain inside another.
 * @see docs/PROTOCOL.md section 6, double sales
 */
export async function findChallengeAnswer(
  state: EngineState,
  store: OwnRows,
  challenge: OpenChallenge,
  space: NamedSpace | undefined,
): Promise<ChallengeAnswer | undefined> {
  const height = state.index.gone.get(formatHex(challenge.leaf.id));
  if (height === undefined) return undefined;
  const block = insist(decodeBlock(await readBlock(store, height)));
  const index = findRemoval(state, block, challenge);
  if (index === undefined) return proveLate(state, store, challenge, space);
  const transaction = block.transactions[index] as ShownTransaction;
  if (transaction.kind === "contract-close" && transaction.close.authorisation.kind === "void") {
    const { conditionIndex, condition } = transaction.close.authorisation;
    return { kind: "condition", index: conditionIndex, condition };
  }
  const shown = await findShownPost(state, store, height);
  if (shown === undefined) return undefined;
  const { sequence, isSwitched, path, hops } = shown.entry;
  const headers = await readHeaders(store, height, shown.post.height);
  const close = showTransaction(block, index);
  return { kind: "close", sequence, isSwitched, path, hops, headers, close };
}

/** Which of a block's transactions closed the contract; undefined where it was swept. */
function findRemoval(
  { rules }: EngineState,
  { header, transactions }: SortitionBlock,
  challenge: OpenChallenge,
): number | undefined {
  const index = transactions.findIndex(
    (transaction) =>
      (transaction.kind === "contract-close" || transaction.kind === "match") &&
      (isVoidOf(transaction, challenge) || isOwnersWord(transaction, challenge, header, rules)),
  );
  return index === -1 ? undefined : index;
}

function isVoidOf(transaction: ShownTransaction, { leaf }: OpenChallenge): boolean {
  return (
    transaction.kind === "contract-close" &&
    transaction.close.authorisation.kind === "void" &&
    formatHex(transaction.close.contractId) === formatHex(leaf.id)
  );
}
