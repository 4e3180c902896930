import type { ChainTracker } from "../chainTracker.ts";
import type { MainChain } from "../mainChain.ts";
import type { JourneyRows } from "./journeyRows.ts";
import type { NextBlock } from "./nextBlock.ts";
import type { OwnContracts } from "./ownContracts.ts";
import type { Payments } from "./payments.ts";

/**
 * What every journey works with. `ownKey`: the holder's public key. `catchUp`: check what there is by now; only where the
 * holder acts, as journeys that go on by themselves do so within a check.
 */
export type JourneyDesk = {
  readonly ownKey: Uint8Array;
  readonly mainChain: MainChain;
  readonly tracker: ChainTracker;
  readonly rows: JourneyRows;
  readonly nextBlock: NextBlock;
  readonly payments: Payments;
  readonly ownContracts: OwnContracts;
  readonly catchUp: () => Promise<void>;
};
