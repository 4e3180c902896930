import {
  computeChallengeKey,
  NO_CHALLENGES,
  readChallengeRecord,
} from "../../chain/challenges/challengeRecord.ts";
import type { ChallengeEffect } from "../../chain/challenges/challengeView.ts";
import { judgeChallengeTimeout } from "../../chain/challenges/judgeChallengeTimeout.ts";
import { computeClaimStart } from "../../chain/settlement/draw.ts";
import type { SettlementEffect } from "../../chain/settlement/settlementEffect.ts";
import { NO_EFFECT } from "../../chain/settlement/settlementEffect.ts";
import { isSameContract } from "../../chain/settlement/shownLine.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { formatHex } from "../../lib/hex.ts";
import { accept, type Verdict } from "../../lib/verdict.ts";
import type { Rules } from "../../protocol/rules.ts";
import type { ChainTracker, TrackedChain } from "../chainTracker.ts";
import { rehearseChallenge } from "../draftChallenge.ts";
import type { Hands } from "../hands.ts";
import type { MainChain } from "../mainChain.ts";
import { readSettlementView, type SettlementReads } from "../settlementView.ts";
import type { Answers } from "./answers.ts";
import type { Dispute } from "./dispute.ts";
import { findChallenges, nameChallenge } from "./findChallenges.ts";
import { listSealed } from "./ownLines.ts";

/**
 * What can be asked of the operator of a chain that broke a rule, and what came of it: a challenge of each own contract that
 * he shows something else in the place of, and the deposit of one that he has not answered.
 */
export async function lookAtChallenges(
  chain: TrackedChain,
  reads: SettlementReads,
  tools: {
    readonly rules: Rules;
    readonly mainChain: MainChain;
    readonly tracker: ChainTracker;
    readonly hands: () => Hands | undefined;
    readonly answers: Answers;
  },
): Promise<Challenges> {
  const { rules, tracker, hands, answers } = tools;
  if (chain.book.breach === undefined) return { found: [], asked: new Map() };
  const target = tracker.targetOf(chain);
  const key = computeChallengeKey(target);
  const record = (await reads.read("requests", key, readChallengeRecord)) ?? NO_CHALLENGES;
  const height = reads.tip().header.height + 1;
  const { expiry, operator } = chain.followed.facts;
  const about = {
    kind: "challenge",
    chainId: chain.followed.facts.id,
    topId: target.topId,
    claimant: operator,
  } as const;
  const found: Dispute[] = [];
  const nonce = hands()?.outbox.nextNonce() ?? 1;
  for (const { own, challenge } of await findChallenges(chain, tools)) {
    const { leaf } = own;
    const challenger = hands()?.signer.publicKey ?? leaf.owner;
    const isAsked = record.open.some((each) => isSameContract(each.leaf, leaf));
    if (isAsked || record.lost !== undefined) continue;
    const answer = { kind: "challenge", challenge } as const;
    found.push({
      ...about,
      id: nameChallenge(leaf),
      contractId: leaf.id,
      resultKey: leaf.id,
      words:
        "The operator shows something else where your contract stood. He can be made to say why.",
      until: computeClaimStart(expiry, rules.parameters) - 1,
      rehearsal: await answers.rehearse(answer, async () =>
        toSettled(await rehearseChallenge(challenge, challenger, nonce, reads, rules)),
      ),
      answer,
    });
  }
  const ownKey = hands()?.signer.publicKey;
  const missed = record.open.filter(
    ({ due, challenger }) => due < height && ownKey !== undefined && equalBytes(challenger, ownKey),
  );
  for (const { id, leaf } of missed) {
    const timeout = { target, challengeId: id };
    const answer = { kind: "challenge-timeout", timeout } as const;
    found.push({
      ...about,
      id: `unanswered:${formatHex(id)}`,
      contractId: leaf.id,
      resultKey: id,
      words: "The operator has not said why your contract is gone. Your deposit comes back.",
      until: computeClaimStart(expiry, rules.parameters) - 1,
      rehearsal: await answers.rehearse(answer, async () => {
        const line = listSealed(tracker.withAncestors(chain));
        const basis = { postKeys: [], conditions: [], line, shownKeys: [] };
        const view = await readSettlementView(reads, rules, target.topId, basis);
        return toSettled(judgeChallengeTimeout(timeout, view));
      }),
      answer,
    });
  }
  const { dataResponseDelay: delay } = rules.parameters;
  const asked = new Map(record.open.map(({ leaf, due }) => [nameChallenge(leaf), due - delay]));
  return { found, asked };
}

/** What can be done, and since which main-chain height each challenge stands that was made, by its dispute's id. */
type Challenges = {
  readonly found: readonly Dispute[];
  readonly asked: ReadonlyMap<string, number>;
};

/** What a challenge puts down and pays, as other answers say it. */
function toSettled(effect: Verdict<ChallengeEffect>): Verdict<SettlementEffect> {
  if (!effect.ok) return effect;
  const { charge, minerFee, pay } = effect.value;
  return accept({ ...NO_EFFECT, deposit: charge - minerFee, minerFee, pay });
}
