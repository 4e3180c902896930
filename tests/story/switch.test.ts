import { describe, expect, it } from "vitest";
import { findObstacle } from "../../src/client/obstacle.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { insist } from "../../src/lib/verdict.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import { describeVerdict } from "../../src/workers/snapshot/verdictView.ts";
import { beginStory, type Story } from "./footballStory.ts";
import { OPERATOR_URL, VEO } from "./localWorld.ts";
import { buySpace, find, nest, SPORTS, SYNDICATE } from "./nestedStory.ts";

/** Found by search: the draw of this seed falls on what the user buys after the switch. */
const SEED = "switch-1";
const SILENCE = 4;
const EXPIRY = 120;

/** A syndicate inside a sports market inside an exchange; both post in the exchange, and the syndicate may leave it. */
async function beginAnchored(seed: string) {
  const story = await beginStory(seed, undefined, 200, EXPIRY);
  const exchange = story.chainId;
  const anchored = { anchorId: exchange, depositBps: 200 };
  const sports = await nest(story, {
    ...{ name: "sports", url: SPORTS, parentUrl: OPERATOR_URL, parentId: exchange },
    ...anchored,
    width: 650n * VEO,
  });
  const syndicate = await nest(story, {
    ...{ name: "syndicate", url: SYNDICATE, parentUrl: SPORTS, parentId: sports.id },
    ...anchored,
    width: 600n * VEO,
    switchAfter: SILENCE,
  });
  insist(await story.user.follow(SYNDICATE));
  await story.world.mine(2);
  return { story, exchange, sports, syndicate };
}

type Anchored = Awaited<ReturnType<typeof beginAnchored>>;

/** Somebody reserves space, so that the syndicate has a block to post. */
async function makeBlock({ story, syndicate }: Anchored): Promise<void> {
  const buyer = story.reporter.hands()?.signer.publicKey ?? new Uint8Array();
  const asked = syndicate.operator.ask({ kind: "purchase", buyer, width: VEO });
  expect(await story.world.during(asked)).toMatchObject({ ok: true });
}

async function mineUntil({ world }: Story, isDone: () => boolean): Promise<void> {
  for (let blocks = 0; !isDone() && blocks < 40; blocks++) await world.mine();
  expect(isDone()).toBe(true);
}

describe("a chain whose anchor's operator is gone", () => {
  it("switches to the main chain, trades on, and pays who bought after that, with every operator gone", async () => {
    const anchored = await beginAnchored(SEED);
    const { story, syndicate } = anchored;
    const { world, user } = story;
    const chain = () => find(user, syndicate.id);
    const before = await buySpace(story, user, syndicate.id, 10n * VEO);
    await world.operator.close();
    for (const url of [OPERATOR_URL, SPORTS]) world.down.add(url);
    await world.mine();
    expect(findObstacle(chain(), user.tracker, user.mainChain)?.kind).toBe("down");
    await makeBlock(anchored);
    await mineUntil(story, () => chain().switched !== undefined);
    await world.mine(3);
    const { record, anchored: entries = 0 } = chain().switched ?? {};
    expect(entries).toBeGreaterThan(1);
    // The switch, the block that was for the anchor, and the one that says that this is recorded.
    expect(chain().book.postCount).toBe(entries + 3);
    expect(findObstacle(chain(), user.tracker, user.mainChain)).toBeUndefined();
    const verdict = describeVerdict(chain(), user.tracker.ancestors(chain()), undefined, 1);
    expect(JSON.stringify(verdict)).toContain(`main chain itself since height ${record?.height}`);

    const bought = await buySpace(story, user, syndicate.id, 500n * VEO);
    const own = [...chain().book.own.values()].find(({ leaf }) => leaf.lo === bought.lo);
    expect(own?.post?.hops).toEqual([]);
    expect(chain().book.own.get(formatHex(before.id))?.post?.hops).toHaveLength(1);

    world.down.add(SYNDICATE);
    const { expiry } = chain().followed.facts;
    await world.mine(expiry + LOCAL_NETWORK.drawBlocks - world.node.tip().header.header.height);
    const point = chain().settlement?.point ?? -1n;
    expect(bought.lo <= point && point < bought.hi).toBe(true);
    insist(await user.claim(bought.id));
    await world.mine(1 + 12 + 24);
    insist(await user.collect(syndicate.id));
    await world.mine();
    expect(chain().settlement?.settled?.winner?.contractId).toEqual(bought.id);
  });

  it("is not relied on after a switch while its anchor hides a record below that, and is once that is void", async () => {
    const anchored = await beginAnchored(SEED);
    const { story, exchange, syndicate } = anchored;
    const { world, user } = story;
    const chain = () => find(user, syndicate.id);
    const obstacle = () => findObstacle(chain(), user.tracker, user.mainChain);
    world.servedUpTo.set(OPERATOR_URL, find(user, exchange).book.tip.height);
    await makeBlock(anchored);
    await world.mine(3);
    expect(obstacle()).toMatchObject({
      kind: "withheld",
      chain: { followed: { url: OPERATOR_URL } },
    });
    await world.operator.close();
    for (const url of [OPERATOR_URL, SPORTS]) world.down.add(url);
    await mineUntil(story, () => chain().switched !== undefined);
    await world.mine(3);
    // The hidden block holds the syndicate's next post, so nobody but the syndicate's operator knows where that stands.
    expect(chain().switched?.anchored).toBeUndefined();
    expect(obstacle()).toMatchObject({
      kind: "withheld",
      chain: { followed: { url: OPERATOR_URL } },
    });
    const early = await world.during(user.buySpace(syndicate.id, VEO));
    expect(early).toMatchObject({ ok: false, code: "NOT_SAFE" });
    insist(await user.requestData(exchange));
    await world.mine(LOCAL_NETWORK.dataResponseDelay + 2);
    expect(find(user, exchange).asked.voided).toBeDefined();
    expect(obstacle()).toBeUndefined();
    const bought = await buySpace(story, user, syndicate.id, 10n * VEO);
    expect(chain().book.live.has(formatHex(bought.id))).toBe(true);
  });
});
