import { equalBytes } from "../lib/bytes.ts";
import { demand, insist, judge, type Verdict } from "../lib/verdict.ts";
import { BLOCK_GAS_MAX } from "../protocol/limits.ts";
import type { Rules } from "../protocol/rules.ts";
import { computeTxsHash, encodeMainBlock, type MainBlock } from "./block.ts";
import { createGasMeter } from "./gasMeter.ts";
import { computeStateHash, credit, type MainState } from "./state/mainState.ts";
import { applyTransaction } from "./txs/applyTransaction.ts";

/** What a block is judged with; `workHashAt` reads its own branch, below its height. */
export type BlockPlace = {
  readonly rules: Rules;
  readonly workHashAt: (height: number) => Uint8Array | undefined;
};

/**
 * Judge a block whose header holds (`validateHeader`) against the state of its parent.
 *
 * @param gasMax - of all that is run; every network's is `BLOCK_GAS_MAX`.
 * @returns the state after it, or the first rule it breaks.
 */
export function applyBlock(
  state: MainState,
  block: MainBlock,
  place: BlockPlace,
  gasMax = BLOCK_GAS_MAX,
): Verdict<MainState> {
  return judge(() => {
    const { blockBytesMax } = place.rules.parameters;
    const size = encodeMainBlock(block, blockBytesMax).length;
    demand(
      size <= blockBytesMax,
      "TOO_LONG",
      `expected a block of at most ${blockBytesMax} bytes, got ${size}`,
    );
    demand(
      equalBytes(computeTxsHash(block), block.header.txsProofHash),
      "OTHER_TRANSACTIONS",
      "the header commits to other transactions",
    );
    const { height } = block.header;
    let after = state;
    let fees = 0n;
    const gas = createGasMeter(gasMax);
    block.transactions.forEach((transaction, index) => {
      const outcome = applyTransaction(after, transaction, { ...place, height, index, gas });
      const { state: next, minerFee } = insist(outcome);
      after = next;
      fees += minerFee;
    });
    after = payMiner(after, block.miner, fees, place.rules);
    demand(
      equalBytes(computeStateHash(after), block.header.treesHash),
      "OTHER_STATE",
      "the header commits to another state",
    );
    return after;
  });
}

/** The miner is paid last, so nothing in the block can be spent before it stands. */
export function payMiner(
  state: MainState,
  miner: Uint8Array,
  fees: bigint,
  { parameters }: Rules,
): MainState {
  return credit(state, miner, parameters.blockReward + fees);
}
