import { listOwn } from "../../../src/agents/ownSpace.ts";
import { evaluateCondition } from "../../../src/blocks/conditionOutcome.ts";
import { isRunTrue } from "../../../src/chain/settlement/contractRun.ts";
import type { ResultRecord } from "../../../src/chain/settlement/resultRecord.ts";
import { lastLeaf } from "../../../src/chain/settlement/shownLine.ts";
import { splitPrize } from "../../../src/chain/settlement/splitPrize.ts";
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
import type { DisputeStage, Exchange, Judgement, Person } from "./stage.ts";

/** Main-chain blocks after which a chain with disputes has ended, or something is wrong. */
const PATIENCE = 120;

/** Somebody who claims what is not his. */
export type Cheat = {
  readonly person: Person;
  /** How he claims; undefined where the point is on nothing that he could claim with. */
  readonly claim: (point: bigint) => Promise<Verdict<null>> | undefined;
};

/** Who is to be paid, in which chain, and who claims against him. */
export type Contest = {
  readonly user: Person;
  /** The chain that the user holds his contract in; the exchange itself unless told otherwise. */
  readonly chain?: Exchange;
  readonly cheats: readonly Cheat[];
  /** What is done against the user's claim once it is recorded. @returns the user again, where his wallet was closed and opened. */
  readonly strike?: (own: OwnLeaf, point: bigint) => Promise<Person | undefined>;
  readonly tell: (words: string) => void;
};

/**
 * From the last trade to the payment: the point is drawn, the cheats claim, the honest holder claims, and whoever may end
 * the chain does as soon as he may.
 */
export async function settle(
  stage: DisputeStage,
  { user: holder, cheats, tell, strike, chain: { chainId } = stage.exchange }: Contest,
): Promise<Judgement> {
  let user = holder;
  const others = cheats.map(({ person }) => person);
  stage.rest(...others);
  await stage.mine(stage.exchange.expiry + LOCAL_NETWORK.drawBlocks - stage.height());
  const chain = () => chainOf({ chainId }, user);
  const point = chain().settlement?.point;
  if (point === undefined) throw new Error("the point is not drawn");
  const own = findWinning(chain(), point);
  const { prize } = chainOf(stage.exchange, user).followed;
  const shares = user.wallet.tracker
    .withAncestors(chain())
    .map(({ followed }) => followed.depositBps);
  const { net } = splitPrize(prize, shares);
  const shown = balanceOf(user.wallet) + (own === undefined ? 0n : net);
  const there = own === undefined ? "nothing" : veo(net);
  tell(`the point is ${veo(point)}; ${user.name}'s wallet shows ${there} there as his`);
  let isIdle = cheats.length > 0 || (strike !== undefined && own === undefined);
  for (const { person } of cheats) await stage.act(person.wallet.sync());
  for (const { person, claim } of cheats) {
    const claiming = claim(point);
    if (claiming === undefined) {
      tell(`${person.name} has nothing over the point`);
      continue;
    }
    isIdle = false;
    const claimed = await stage.act(claiming);
    tell(
      claimed.ok
        ? `${person.name} claims with what is not his`
        : `the main chain does not take ${person.name}'s claim (${claimed.code})`,
    );
  }
  if (own !== undefined) {
    insist(await stage.act(user.wallet.claim(own.leaf.id)));
    await stage.mine(1);
    user = (await strike?.(own, point)) ?? user;
  }
  const { results, words: court } = await waitForEnd(stage, user, chainId);
  // What a claim costs is shown before it is made: its fee, and those of two transactions.
  const claimed = own && results.find(({ line }) => equalBytes(lastLeaf(line).id, own.leaf.id));
  const cost = claimed === undefined ? 0n : claimed.fee + 2n * TRANSACTION_FEE;
  return {
    isIdle,
    shown: shown - cost,
    ended: balanceOf(user.wallet),
    court,
  };
}

/** Mine until a chain has ended. @returns what the main chain decided, in words. */
export async function finishChain(
  stage: DisputeStage,
  onlooker: Person,
  chainId: Uint8Array,
): Promise<readonly string[]> {
  return (await waitForEnd(stage, onlooker, chainId)).words;
}

/** @returns the results that stood, or had been removed, at the end, and what became of all. */
async function waitForEnd(
  stage: DisputeStage,
  onlooker: Person,
  chainId: Uint8Array,
): Promise<{ readonly results: readonly ResultRecord[]; readonly words: readonly string[] }> {
  const chain = () => chainOf({ chainId }, onlooker);
  const nameOf = (key: Uint8Array) => nameKey(stage, key);
  let results: readonly ResultRecord[] = [];
  for (let blocks = 0; chain().settlement?.settled === undefined; blocks++) {
    if (blocks === PATIENCE) throw new Error("the chain does not end");
    results = chain().settlement?.results ?? results;
    await stage.mine(1);
    await endIfDue(stage, onlooker, chainId);
  }
  const court = results.map((result) => describeResult(result, nameOf));
  return { results, words: [...court, describeEnd(chain(), nameOf)] };
}

/** Send the timeout where it would count now. */
async function endIfDue(stage: DisputeStage, user: Person, chainId: Uint8Array): Promise<void> {
  const { settlement } = chainOf({ chainId }, user);
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

type NameOf = (key: Uint8Array) => string;

function nameKey({ people, exchange, insideSigner }: DisputeStage, key: Uint8Array): string {
  const found = people.find((person) => equalBytes(handsOf(person).signer.publicKey, key));
  if (found !== undefined) return found.name;
  if (equalBytes(exchange.operator, key)) return "the operator";
  return equalBytes(insideSigner.publicKey, key) ? "the operator inside" : "somebody else";
}

function describeResult(result: ResultRecord, nameOf: NameOf): string {
  const { removal, run, line } = result;
  const name = nameOf(lastLeaf(line).owner);
  if (removal !== undefined) return `${name}'s claim is removed by a close that its owner signed`;
  return `${name}'s claim stands${isRunTrue(run) ? "" : ", but its script is not true"}`;
}

function describeEnd({ settlement }: TrackedChain, nameOf: NameOf): string {
  const settled = settlement?.settled;
  if (settled === undefined) throw new Error("the chain has not ended");
  const { winner, paid, operatorPaid, askersPaid, burnt } = settled;
  const parts = [
    ...(winner === undefined ? [] : [`${veo(paid)} to ${nameOf(winner.owner)}`]),
    ...(operatorPaid > 0n ? [`${veo(operatorPaid)} to operators`] : []),
    ...(askersPaid > 0n ? [`${veo(askersPaid)} to who asked the operator in vain`] : []),
    ...(burnt > 0n ? [`${veo(burnt)} burnt`] : []),
  ];
  return `paid: ${parts.join(", ")}`;
}
