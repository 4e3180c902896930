import { BLOCK_GAS_MAX } from "../protocol/limits.ts";
import type { Rules } from "../protocol/rules.ts";
import { type BlockPlace, payMiner } from "./applyBlock.ts";
import { computeTxsHash, type MainBlock, TRANSACTIONS_MAX } from "./block.ts";
import { createGasMeter } from "./gasMeter.ts";
import { computeNextDifficulty } from "./header/difficulty.ts";
import { HEADER_BYTES } from "./header/header.ts";
import type { GetHeader, HeaderState } from "./header/headerState.ts";
import { HEADER_VERSION } from "./header/validateHeader.ts";
import { computeStateHash, type MainState } from "./state/mainState.ts";
import { encodeTransaction, type SignedTransaction } from "./transaction.ts";
import { applyTransaction } from "./txs/applyTransaction.ts";

/** Where a new block is to stand: on `parent`, whose state is `state`. `time` in tenths of a second. */
export type DraftPlace = BlockPlace & {
  readonly parent: HeaderState;
  readonly state: MainState;
  readonly getHeader: GetHeader;
  readonly time: number;
  readonly miner: Uint8Array;
};

/**
 * Lay out a block of those candidates that hold, in their order, as far as they fit. Its header lacks
 * only the work. What is run for candidates that are left out is bounded as what is run for the block is.
 *
 * @param gasMax - of all that is run; every network's is `BLOCK_GAS_MAX`.
 * @returns the block, and the candidates left out with the reason.
 */
export function draftBlock(
  candidates: readonly SignedTransaction[],
  place: DraftPlace,
  gasMax = BLOCK_GAS_MAX,
): { readonly block: MainBlock; readonly leftOut: readonly LeftOut[] } {
  const { parent, miner, rules, time } = place;
  const { blockBytesMax, periodTenths } = rules.parameters;
  const height = parent.header.height + 1;
  const transactions: SignedTransaction[] = [];
  const leftOut: LeftOut[] = [];
  let { state } = place;
  let fees = 0n;
  let gasLeft = gasMax;
  let gasToLose = gasMax;
  let room = blockBytesMax - HEADER_BYTES - 33 - 2;
  for (const transaction of candidates) {
    const size = 4 + encodeTransaction(transaction).length;
    if (size > room || transactions.length === TRANSACTIONS_MAX) {
      leftOut.push({ transaction, code: "NO_ROOM" });
      continue;
    }
    const index = transactions.length;
    const gas = createGasMeter(Math.min(gasLeft, gasToLose));
    const outcome = applyTransaction(state, transaction, { ...place, height, index, gas });
    if (!outcome.ok) {
      gasToLose = Math.max(0, gasToLose - gas.used());
      leftOut.push({ transaction, code: outcome.code });
      continue;
    }
    state = outcome.value.state;
    fees += outcome.value.minerFee;
    room -= size;
    gasLeft -= gas.used();
    transactions.push(transaction);
  }
  const header = {
    previousHash: parent.hash,
    height,
    time,
    version: HEADER_VERSION,
    treesHash: computeStateHash(payMiner(state, miner, fees, rules)),
    txsProofHash: computeTxsHash({ miner, transactions }),
    difficulty: nextDifficulty(place, rules),
    nonce: new Uint8Array(32),
    period: periodTenths,
  };
  return { block: { header, miner, transactions }, leftOut };
}

/** A candidate that is not in the block, and the rule it broke there. */
export type LeftOut = { readonly transaction: SignedTransaction; readonly code: string };

const FOR_LATER: ReadonlySet<string> = new Set(["NO_ROOM", "GAS_USED_UP", "NONCE_AHEAD"]);

/** Whether a candidate that was left out may stand in a later block: it only did not fit, or what it follows on did not. */
export function isForLater({ code }: LeftOut): boolean {
  return FOR_LATER.has(code);
}

function nextDifficulty({ parent, time, getHeader }: DraftPlace, rules: Rules): number {
  const next = computeNextDifficulty(parent, time, rules.parameters, getHeader);
  if (!next.ok) throw new Error(`a block cannot follow our own tip: ${next.message}`);
  return next.value.difficulty;
}
