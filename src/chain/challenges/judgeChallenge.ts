import { type AnchoredState, openAnchored } from "../../blocks/anchoredProof.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { encode } from "../../lib/codec.ts";
import { demand, insist, judge, Refusal, type Verdict } from "../../lib/verdict.ts";
import { formatRange, formatVeo } from "../../protocol/amountWords.ts";
import { OPEN_REQUESTS_MAX } from "../../protocol/limits.ts";
import { verifyPath, verifyProof } from "../../space/proof.ts";
import type { DataTarget } from "../requests/dataTarget.ts";
import { findNamedRecord } from "../requests/postPath.ts";
import { computeRequestFee } from "../requests/requestFee.ts";
import { judgePathPosts } from "../requests/voidPosts.ts";
import { computeClaimStart, coversPoint } from "../settlement/draw.ts";
import { findChain } from "../settlement/settlementView.ts";
import { isSameContract } from "../settlement/shownLine.ts";
import type { ChainRecord } from "../state/chainRecord.ts";
import {
  type Challenge,
  type NamedSpace,
  type ShownState,
  writeChallenge,
} from "./challengeMessages.ts";
import { computeChallengeId, type OpenChallenge, type ShownAt } from "./challengeRecord.ts";
import type { ChallengeEffect, ChallengeView } from "./challengeView.ts";
import { isLater, judgeGone } from "./goneContract.ts";

/**
 * Judge a challenge that the account `challenger` makes with its transaction number `nonce`, in a block at
 * `view.height`: that a contract stood in a state that counts, and that the same chain shows a later one without it.
 * Why it is gone is the operator's to say.
 *
 * @see docs/PROTOCOL.md section 6, double sales
 */
export function judgeChallenge(
  challenge: Challenge,
  challenger: Uint8Array,
  nonce: number,
  view: ChallengeView,
): Verdict<ChallengeEffect> {
  return judge(() => {
    const { parameters } = view.rules;
    const size = encode((writer) => writeChallenge(writer, challenge)).length;
    demand(
      size <= parameters.claimBytesMax,
      "TOO_LONG",
      `expected a challenge of at most ${parameters.claimBytesMax} bytes, got ${size}`,
    );
    const chain = insist(findChain(view, challenge.topId));
    const end = computeClaimStart(chain.expiry, parameters);
    demand(view.height < end, "TOO_LATE", `expected a height below ${end}, got ${view.height}`);
    const { target, first, second, contract } = judgeStates(challenge, chain, view);
    const record = view.challenges(target);
    demand(
      record.open.length < OPEN_REQUESTS_MAX,
      "TOO_MANY_OPEN",
      `expected fewer than ${OPEN_REQUESTS_MAX} open challenges at this chain`,
    );
    demand(
      !record.open.some(({ leaf }) => isSameContract(leaf, contract.leaf)),
      "CHALLENGED_ALREADY",
      "the operator is asked for this contract already",
    );
    const fee = computeRequestFee(record.open.length, parameters);
    const open: OpenChallenge = {
      id: computeChallengeId(challenger, nonce),
      leaf: contract.leaf,
      conditions: contract.place.conditions,
      first,
      second,
      challenger,
      deposit: parameters.dataRequestDeposit,
      fee,
      due: view.height + parameters.dataResponseDelay,
    };
    return {
      charge: fee + open.deposit,
      minerFee: fee,
      pay: [],
      target,
      record: { ...record, open: [...record.open, open] },
    };
  });
}

function judgeStates(challenge: Challenge, chain: ChainRecord, view: ChallengeView) {
  const { id: chainId, operator } = challenge.path.at(-1) as Challenge["path"][number];
  const target = { topId: chain.id, chainId, operator };
  const { lo, hi } = insist(findSpace(target, challenge.space, chain));
  const first = openState(challenge.first, challenge, target, chain, view);
  const second = openState(challenge.second, challenge, target, chain, view);
  const contract = insist(verifyProof(first.isRoot, lo, hi, challenge.first.path));
  const { asked } = challenge;
  const met = insist(verifyPath(second.isRoot, lo, hi, asked, challenge.second.path));
  demand(
    coversPoint(contract.leaf, asked.at),
    "ELSEWHERE",
    `the contract covers ${formatRange(contract.leaf.lo, contract.leaf.hi)}, and ${formatVeo(asked.at)} was looked at`,
  );
  insist(judgeGone(contract, met));
  demand(
    isLater([challenge.first, first], [challenge.second, second]),
    "NOT_LATER",
    "the state without the contract is not shown to be the later one",
  );
  return { target, contract, first: shownAt(first), second: shownAt(second) };
}

/** The range of the chain challenged: as the main chain knows it, or, inside another, as the challenger names it. */
export function findSpace(
  { topId, chainId, operator }: DataTarget,
  space: NamedSpace | undefined,
  top: ChainRecord,
): Verdict<NamedSpace> {
  return judge(() => {
    if (equalBytes(chainId, topId) && equalBytes(operator, top.operator)) {
      demand(space === undefined, "NOT_EMPTY", "the main chain knows this chain's space itself");
      return top;
    }
    // A false one shows nothing that is not there: the bounds of all cells but the outermost are hashed.
    if (space === undefined) throw new Refusal("NO_SPACE", "expected the chain's space");
    return space;
  });
}

/** A state that counts: below the expiry, before a switch on the way, and under no void post. */
function openState(
  state: ShownState,
  challenge: Challenge,
  { topId, chainId }: DataTarget,
  { expiry }: ChainRecord,
  view: ChallengeView,
): AnchoredState {
  const path = challenge.path.slice(Math.max(0, challenge.path.length - 1 - state.hops.length));
  const { sequence, isSwitched } = state;
  const record = insist(findNamedRecord(view, { sequence, isSwitched, path }, expiry));
  const opened = insist(openAnchored(state, path, { id: chainId, expiry }, record, view.rules));
  insist(judgePathPosts(view, topId, path, opened.posts));
  return opened;
}

function shownAt({ header, rank }: AnchoredState): ShownAt {
  return { block: header.height, height: rank.height, index: rank.index };
}
