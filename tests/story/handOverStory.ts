import type { TrackedChain } from "../../src/client/chainTracker.ts";
import type { OwnLeaf } from "../../src/client/ownLeaves.ts";
import type { TowerSetting } from "../../src/client/tower/towerSource.ts";
import type { Wallet } from "../../src/client/wallet.ts";
import { insist } from "../../src/lib/verdict.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import { LocalWorld, OPERATOR_URL, VEO } from "./localWorld.ts";
import { find } from "./nestedStory.ts";

/** So much of the space that the draw of nearly every seed falls on it. */
const WIDTH = 99n * VEO;
const PRIZE = 100n * VEO;
const EXPIRY = 50;

/**
 * Nearly all space of a chain was the former owner's, and is the user's: the former one still has the proofs of what was his.
 *
 * - `unpaid`: what he bought. - `plain`: what that became once it was paid; he gave it to the user.
 */
export type HandOverStory = {
  readonly world: LocalWorld;
  readonly chainId: Uint8Array;
  readonly user: Wallet;
  readonly former: Wallet;
  readonly unpaid: OwnLeaf;
  readonly plain: OwnLeaf;
  readonly held: OwnLeaf;
  readonly chain: () => TrackedChain;
};

/** @param towers - of the user's wallet. */
export async function beginHandOver(seed: string, towers?: TowerSetting): Promise<HandOverStory> {
  const world = await LocalWorld.start(seed);
  const former = await world.openWallet("former");
  world.towers = towers;
  const user = await world.openWallet("user");
  world.towers = undefined;
  for (const wallet of [former, user]) insist(await world.during(wallet.requestCoins()));
  await world.mine(2);
  await world.startOperator({
    amount: PRIZE,
    expiry: EXPIRY,
    oracleId: new Uint8Array(32),
    question: "",
    markets: [],
  });
  await world.mine(1);
  const chainId = world.operator.state.chain.id;
  for (const wallet of [former, user]) insist(await world.during(wallet.follow(OPERATOR_URL)));
  await world.mine(1);
  insist(await world.during(former.buySpace(chainId, WIDTH)));
  const plain = await mineUntil(world, () => findOwn(former, chainId, true));
  await world.mine(4);
  const owner = world.signerOf("user").publicKey;
  insist(await world.during(former.handOver(plain.leaf.id, owner)));
  const held = await mineUntil(world, () => findOwn(user, chainId, true));
  await world.mine(4);
  const unpaid = findOwn(former, chainId, false);
  if (unpaid === undefined) throw new Error("the former owner has not kept what he bought");
  const chain = () => find(user, chainId);
  return { world, chainId, user, former, unpaid, plain, held, chain };
}

/** The leaf of a wallet over most of the space, under no condition or under that it is paid. */
function findOwn(wallet: Wallet, chainId: Uint8Array, isPlain: boolean): OwnLeaf | undefined {
  return [...find(wallet, chainId).book.own.values()].find(
    ({ place, leaf }) => leaf.hi - leaf.lo === WIDTH && (place.conditions.length === 0) === isPlain,
  );
}

async function mineUntil<Found>(world: LocalWorld, look: () => Found | undefined): Promise<Found> {
  for (let blocks = 0; blocks < 20; blocks++) {
    const found = look();
    if (found !== undefined) return found;
    await world.mine();
  }
  throw new Error("it does not come");
}

export const heightOf = ({ world }: HandOverStory) => world.node.tip().header.header.height;

/** Nobody does anything for this wallet any more. */
export function sleep({ world }: HandOverStory, wallet: Wallet): void {
  world.wallets.splice(world.wallets.indexOf(wallet), 1);
}

/** The point is drawn, and claims are taken with the next block. */
export async function draw(story: HandOverStory): Promise<void> {
  await story.world.mine(EXPIRY + LOCAL_NETWORK.drawBlocks - heightOf(story));
}

/** To the end of the chain, whoever asks for it; what its record says. */
export async function end(story: HandOverStory) {
  const { world, former, chainId } = story;
  const chain = find(former, chainId);
  const { claimDelay, disputeDelay } = chain.followed;
  await world.mine(claimDelay + disputeDelay + 3);
  insist(await world.during(former.collect(chainId)));
  await world.mine();
  const settled = find(former, chainId).settlement?.settled;
  if (settled === undefined) throw new Error("the chain has not ended");
  return settled;
}
