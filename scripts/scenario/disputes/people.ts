import { listOwn } from "../../../src/agents/ownSpace.ts";
import type { TrackedChain } from "../../../src/client/chainTracker.ts";
import type { Hands } from "../../../src/client/hands.ts";
import type { OwnLeaf } from "../../../src/client/ownLeaves.ts";
import { insist } from "../../../src/lib/verdict.ts";
import type { DisputeStage, Exchange, Person } from "./stage.ts";

/** Main-chain blocks after which what was begun has come to its end, or never will. */
const PATIENCE = 40;

/** A chain as somebody's wallet follows it. */
export function chainOf(
  { chainId }: Pick<Exchange, "chainId">,
  { wallet, name }: Person,
): TrackedChain {
  const chain = wallet.tracker.find(chainId);
  if (chain === undefined) throw new Error(`${name} does not follow the chain`);
  return chain;
}

export function handsOf({ wallet, name }: Person): Hands {
  const hands = wallet.hands();
  if (hands === undefined) throw new Error(`${name} has no key`);
  return hands;
}

/** Buy space and wait until it is the buyer's, without conditions. */
export async function buy(
  stage: DisputeStage,
  person: Person,
  width: bigint,
  chain = stage.exchange,
): Promise<OwnLeaf> {
  insist(await stage.act(person.wallet.buySpace(chain.chainId, width)));
  await finish(stage, [person]);
  const own = listOwn(chainOf(chain, person)).find(({ leaf }) => leaf.hi - leaf.lo === width);
  if (own === undefined) throw new Error(`${person.name} has not bought the space`);
  return own;
}

/** Sell a contract for what it is worth: sold, paid on the main chain, and redeemed by who bought it. */
export async function sellTo(
  stage: DisputeStage,
  seller: Person,
  own: OwnLeaf,
  buyer: Person,
  chain = stage.exchange,
): Promise<OwnLeaf> {
  const dealing = await stage.deal(buyer, chain, { space: 0n, yesBps: 5_000n, spreadBps: 0n });
  try {
    const offer = insist(await stage.act(seller.wallet.quoteSale(own.leaf.id)));
    insist(await stage.act(seller.wallet.sell(chain.chainId, offer)));
  } finally {
    dealing.close();
  }
  await finish(stage, [seller, buyer]);
  const bought = listOwn(chainOf(chain, buyer)).find(({ leaf, place }) => {
    return leaf.lo === own.leaf.lo && leaf.hi === own.leaf.hi && place.conditions.length === 0;
  });
  if (bought === undefined) throw new Error(`${buyer.name} has not come to hold what he bought`);
  return bought;
}

/** Wait until everything that these have begun has come to its end, and is recorded under its confirmations. */
export async function finish(stage: DisputeStage, people: readonly Person[]): Promise<void> {
  const isOpen = (person: Person) =>
    handsOf(person)
      .journeys.list()
      .some(([, { state }]) => state.kind === "open");
  for (let blocks = 0; people.some(isOpen); blocks++) {
    if (blocks === PATIENCE) throw new Error("what was begun comes to no end");
    await stage.mine(1);
  }
}
