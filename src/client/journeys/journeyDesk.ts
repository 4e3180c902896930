import type { ChainTracker, TrackedChain } from "../chainTracker.ts";
import type { MainChain } from "../mainChain.ts";
import type { JourneyRows } from "./journeyRows.ts";
import type { NextBlock } from "./nextBlock.ts";
import type { OwnContracts } from "./ownContracts.ts";
import type { Payments } from "./payments.ts";

/**
 * What every journey works with. `ownKey`: the holder's public key. `catchUp`: check what there is by now; only where the
 * holder acts, as journeys that go on by themselves do so within a check. `whyUnproven`: what is missing of the closes by which all
 * gave up a leaf's space who held it before, as a clause; undefined where nobody can claim it by what he held.
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
  readonly whyUnproven: (chain: TrackedChain, leafId: Uint8Array) => string | undefined;
};
