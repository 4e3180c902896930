import { listOwn } from "../../../src/agents/ownSpace.ts";
import { evaluateCondition } from "../../../src/blocks/conditionOutcome.ts";
import { isRunTrue } from "../../../src/chain/settlement/contractRun.ts";
import type { ResultRecord } from "../../../src/chain/settlement/resultRecord.ts";
import { lastLeaf } from "../../../src/chain/settlement/shownLine.ts";
import type { TrackedChain } from "../../../src/client/chainTracker.ts";
import { TRANSACTION_FEE } from "../../../src/client/outbox.ts";
import type { OwnLeaf } from "../../../src/client/ownLeaves.ts";
import { equalBytes } from "../../../src/lib/bytes.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { insist, type Verdict } from "../../../src/lib/verdict.ts";
import { ORACLE_RESULTS } from "../../../src/protocol/facts.ts";
import { LOCAL_NETWORK } from "../../../src/protocol/network.ts";
import { balanceOf } from "../story.ts";
import { veo } from "../telling.ts";
import { chainOf, handsOf } from "./people.ts";
import type { DisputeStage, Judgement, Person } from "./stage.ts";

/** What it costs to claim and to be paid where nobody cheats: the claim's fee, and those of two transactions. */
const CLAIM_COST = LOCAL_NETWORK.claimFeeBase + 2n * TRANSACTION_FEE;
/** Main-chain blocks after which a chain with disputes has ended, or something is wrong. */
const PATIENCE = 120;

/** A contract of a cheat's that covers the point, and how he claims with it. */
export type Cheat = {
  readonly person: Person;
  /** The contract that is not his any more, as his wallet still knows it; undefined where the point is not on it. */
  readonly claim: (point: bigint) => Promise<Verdict<null>> | undefined;
};

/**
 * From the last trade to the payment: the point is drawn, the cheat claims, the honest holder claims, and whoever may end
 * the chain does as soon as he may.
 */
export async function settle(
  stage: DisputeStage,
  user: Person,
  cheat: Cheat,
  tell: (words: string) => void,
): Promise<Judgement> {
  const { expiry, chainId } = stage.exchange;
  await stage.mine(expiry + LOCAL_NETWORK.drawBlocks - stage.height());
  const chain = () => chainOf(stage, user);
  const point = chain().settlement?.point;
  if (point === undefined) throw new Error("the point is not drawn");
  const own = findWinning(chain(), point);
  const { prize } = chain().followed;
  const shown = balanceOf(user.wallet) + (own === undefined ? 0n : prize - CLAIM_COST);
  tell(
    `the point is ${veo(point)}; ${user.name}'s wallet shows ${own === undefined ? "nothing there" : `${veo(prize)} there as his`}`,
  );
  const cheated = cheat.claim(point);
  if (cheated === undefined) tell(`${cheat.person.name} has nothing over the point`);
  else {
    const claimed = await stage.act(cheated);
    tell(
      claimed.ok
        ? `${cheat.person.name} claims with what is not his any more`
        : `the main chain does not take ${cheat.person.name}'s claim: ${claimed.code}`,
    );
  }
  if (own !== undefined) insist(await stage.act(user.wallet.claim(own.leaf.id)));
  const people = [user, cheat.person];
  let results: readonly ResultRecord[] = [];
  for (let blocks = 0; chain().settlement?.settled === undefined; blocks++) {
    if (blocks === PATIENCE) throw new Error("the chain does not end");
    results = chain().settlement?.results ?? results;
    await stage.mine(1);
    await endIfDue(stage, user, chainId);
  }
  return {
    isIdle: cheated === undefined,
    shown,
    ended: balanceOf(user.wallet),
    court: [
      ...results.map((result) => describeResult(result, people)),
      describeEnd(chain(), people),
    ],
  };
}

/** Send the timeout where it would count now. */
async function endIfDue(stage: DisputeStage, user: Person, chainId: Uint8Array): Promise<void> {
  const { settlement } = chainOf(stage, user);
  const isWaiting = handsOf(user).outbox.pendingCount() > 0;
  if (isWaiting || settlement === undefined || settlement.settled !== undefined) return;
  if (stage.height() < settlement.claimsEnd) return;
  await stage.act(user.wallet.collect(chainId));
}

/** The own contract over the point that is its owner's by what the main chain says of its conditions. */
function findWinning(chain: TrackedChain, point: bigint): OwnLeaf | undefined {
  const { book, oracles } = chain;
  const value = (key: Uint8Array) => ORACLE_RESULTS[oracles.get(formatHex(key))?.result ?? "open"];
  return listOwn(chain).find(({ leaf, place }) => {
    const isTrue = place.conditions.every(({ hash, side }) => {
      const condition = book.conditions.get(formatHex(hash));
      if (condition === undefined) return false;
      const values = condition.facts.map(({ key }) => value(key));
      return evaluateCondition(condition, values) === side;
    });
    return isTrue && leaf.lo <= point && point < leaf.hi;
  });
}

function nameOf(people: readonly Person[], key: Uint8Array): string {
  const found = people.find((person) => equalBytes(handsOf(person).signer.publicKey, key));
  return found?.name ?? "somebody else";
}

function describeResult(result: ResultRecord, people: readonly Person[]): string {
  const { removal, run, line } = result;
  const name = nameOf(people, lastLeaf(line).owner);
  if (removal !== undefined) return `${name}'s claim is removed by his own close`;
  const isTrue = isRunTrue(run);
  return `${name}'s claim stands${isTrue ? "" : ", but its script is not true"}`;
}

function describeEnd({ settlement }: TrackedChain, people: readonly Person[]): string {
  const settled = settlement?.settled;
  if (settled === undefined) throw new Error("the chain has not ended");
  const { winner, paid, operatorPaid, burnt } = settled;
  const parts = [
    ...(winner === undefined ? [] : [`${veo(paid)} to ${nameOf(people, winner.owner)}`]),
    ...(operatorPaid > 0n ? [`${veo(operatorPaid)} to the operator`] : []),
    ...(burnt > 0n ? [`${veo(burnt)} burnt`] : []),
  ];
  return `paid: ${parts.join(", ")}`;
}
