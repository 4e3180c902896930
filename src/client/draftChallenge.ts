import type { Challenge, ShownState } from "../chain/challenges/challengeMessages.ts";
import {
  computeChallengeKey,
  NO_CHALLENGES,
  readChallengeRecord,
} from "../chain/challenges/challengeRecord.ts";
import type { ChallengeEffect, ChallengeView } from "../chain/challenges/challengeView.ts";
import { judgeChallenge } from "../chain/challenges/judgeChallenge.ts";
import { createGasMeter } from "../chain/gasMeter.ts";
import { type DataRecord, NO_REQUESTS, readDataRecord } from "../chain/requests/dataRecord.ts";
import { computeDataKey } from "../chain/requests/dataTarget.ts";
import { readChainRecord } from "../chain/state/chainRecord.ts";
import { formatHex } from "../lib/hex.ts";
import { insist, judge, refuse, type Verdict } from "../lib/verdict.ts";
import type { BlockHeader } from "../protocol/blockHeader.ts";
import { BLOCK_GAS_MAX } from "../protocol/limits.ts";
import { compareConditions, type Place } from "../protocol/place.ts";
import { computePostKey, type ExistenceRecord, readExistenceRecord } from "../protocol/post.ts";
import type { Rules } from "../protocol/rules.ts";
import { computeSwitchedPostKey, computeSwitchKey, type SwitchRecord } from "../protocol/switch.ts";
import { provePath } from "../space/proof.ts";
import { type AskedPath, findCellAt, type SpaceTree } from "../space/tree.ts";
import type { ChainTracker, TrackedChain } from "./chainTracker.ts";
import type { Entry } from "./entry.ts";
import type { OwnLeaf } from "./ownLeaves.ts";
import { createAnchoredProof } from "./ownProof.ts";
import { readSwitch } from "./readSwitch.ts";
import type { SettlementReads } from "./settlementView.ts";

/**
 * A later state of a chain, in which a contract is to be shown gone.
 *
 * - `entry`: the one over it. - `headers`: from the block whose state it is to the entry's block.
 * - `rootsRoot`: the other half of that state. - `tree`: as far as it is known; down to the contract's place.
 */
export type LaterState = {
  readonly entry: Pick<Entry, "top" | "hops">;
  readonly headers: readonly BlockHeader[];
  readonly rootsRoot: Uint8Array;
  readonly tree: SpaceTree;
};

/**
 * The challenge that an operator is to say by whose word a kept contract is gone in a later state. Refuses where no record
 * stands over the contract, or the tree does not show what stands in its place.
 *
 * @see docs/PROTOCOL.md section 6, double sales
 */
export function draftChallenge(
  chain: TrackedChain,
  own: OwnLeaf,
  later: LaterState,
  tracker: Pick<ChainTracker, "postPath" | "targetOf">,
): Verdict<Challenge> {
  const proof = createAnchoredProof(own);
  if (proof === undefined) {
    return refuse("NOT_POSTED", "no record on the main chain stands over this contract");
  }
  return judge(() => {
    const asked = insist(findAsked(later.tree, own.place));
    const { entry, headers, rootsRoot } = later;
    const second = {
      sequence: entry.top.sequence,
      hops: entry.hops,
      headers,
      rootsRoot,
      path: insist(provePath(later.tree, asked)),
    };
    const show = (state: typeof second): ShownState => {
      const [top] = tracker.postPath(chain, state.hops.length);
      return { ...state, isSwitched: top?.followed.nested?.anchor.kind === "chain" };
    };
    const hops = Math.max(proof.hops.length, second.hops.length);
    const path = tracker.postPath(chain, hops).map(({ followed: { facts } }) => ({
      id: facts.id,
      operator: facts.operator,
    }));
    const { facts, nested } = chain.followed;
    return {
      topId: tracker.targetOf(chain).topId,
      path,
      space: nested === undefined ? undefined : { lo: facts.lo, hi: facts.hi },
      first: show(proof),
      second: show(second),
      asked,
    };
  });
}

/** A path in a contract's place to whatever stands there: by its own sides, and the yes side of every other condition. */
function findAsked(tree: SpaceTree, { lo: at, conditions: own }: Place): Verdict<AskedPath> {
  return judge(() => {
    let conditions = own;
    for (;;) {
      const { found } = insist(findCellAt(tree, { at, conditions }));
      if (found.kind !== "branch") return { at, conditions };
      const side = { ...found.condition, side: true };
      conditions = [...conditions, side].toSorted(compareConditions);
    }
  });
}

/**
 * What a challenge would do in the next block, by the main chain's own rules; or which of them it breaks.
 *
 * @param nonce - of the transaction with which the account `challenger` makes it.
 */
export async function rehearseChallenge(
  challenge: Challenge,
  challenger: Uint8Array,
  nonce: number,
  reads: SettlementReads,
  rules: Rules,
): Promise<Verdict<ChallengeEffect>> {
  const view = await readChallengeView(challenge, reads, rules);
  return judgeChallenge(challenge, challenger, nonce, view);
}

/** Read, with proofs, all that judging a challenge in the next block would look at. */
async function readChallengeView(
  { topId, path, first, second }: Challenge,
  reads: SettlementReads,
  rules: Rules,
): Promise<ChallengeView> {
  const top = await reads.read("chains", topId, readChainRecord);
  const posts = new Map<string, ExistenceRecord | undefined>();
  for (const { sequence, isSwitched, hops } of [first, second]) {
    const poster = path.at(-1 - hops.length);
    if (poster === undefined) continue;
    const computeKey = isSwitched ? computeSwitchedPostKey : computePostKey;
    const key = computeKey(poster.operator, poster.id, sequence);
    posts.set(formatHex(key), await reads.read("existence", key, readExistenceRecord));
  }
  const switches = new Map<string, SwitchRecord | undefined>();
  const data = new Map<string, DataRecord | undefined>();
  for (const { id, operator } of path) {
    const switched = await readSwitch(reads, { id, operator });
    switches.set(formatHex(computeSwitchKey(operator, id)), switched);
    const key = computeDataKey({ topId, chainId: id, operator });
    data.set(formatHex(key), await reads.read("requests", key, readDataRecord));
  }
  const last = path.at(-1);
  const challengeKey =
    last && computeChallengeKey({ topId, chainId: last.id, operator: last.operator });
  const record = challengeKey && (await reads.read("requests", challengeKey, readChallengeRecord));
  return {
    rules,
    height: reads.tip().header.height + 1,
    gas: createGasMeter(BLOCK_GAS_MAX),
    chain: () => top,
    existence: (key) => posts.get(formatHex(key)),
    switched: (key) => switches.get(formatHex(key)),
    fact: ({ kind }) => ({ kind, record: undefined }),
    data: (target) => data.get(formatHex(computeDataKey(target))) ?? NO_REQUESTS,
    challenges: () => record ?? NO_CHALLENGES,
  };
}
