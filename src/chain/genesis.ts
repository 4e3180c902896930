import type { Rules } from "../protocol/rules.ts";
import type { MainBlock } from "./block.ts";
import { createGenesisState, type HeaderState } from "./header/headerState.ts";
import { HEADER_VERSION } from "./header/validateHeader.ts";
import { computeStateHash, credit, EMPTY_STATE, type MainState } from "./state/mainState.ts";
import { hashTxs } from "./txsHash.ts";

/** Who has what before the first block: 33-byte keys and satoshi. */
export type Allocation = { readonly owner: Uint8Array; readonly amount: bigint };

/** The beginning of a network, which all who take part trust. */
export type Genesis = {
  readonly block: MainBlock;
  readonly header: HeaderState;
  readonly state: MainState;
};

/** Make a network's genesis. `time`: of its header, tenths of a second. */
export function createGenesis(
  rules: Rules,
  allocations: readonly Allocation[],
  time: number,
): Genesis {
  let state = EMPTY_STATE;
  for (const { owner, amount } of allocations) state = credit(state, owner, amount);
  const miner = new Uint8Array(33);
  const header = {
    previousHash: new Uint8Array(32),
    height: 0,
    time,
    version: HEADER_VERSION,
    treesHash: computeStateHash(state),
    txsProofHash: hashTxs(miner, []),
    difficulty: rules.parameters.initialDifficulty,
    nonce: new Uint8Array(32),
    period: rules.parameters.periodTenths,
  };
  return {
    block: { header, miner, transactions: [] },
    header: createGenesisState(header),
    state,
  };
}
