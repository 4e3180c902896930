import { describe, expect, it } from "vitest";
import { type MainChainSource, SourceError } from "../../src/client/ports.ts";
import type { Wallet } from "../../src/client/wallet.ts";
import { accept, insist } from "../../src/lib/verdict.ts";
import { beginStory, type Story } from "./footballStory.ts";
import { OPERATOR_URL, VEO } from "./localWorld.ts";

const SPACE = 10n * VEO;

/** A node that nobody reaches. */
function asleep(honest: MainChainSource): MainChainSource {
  const fail = (): Promise<never> => Promise.reject(new SourceError("DOWN", "nobody answers"));
  return {
    ...honest,
    url: "http://asleep",
    headers: fail,
    prove: fail,
    send: fail,
    block: fail,
    requestCoins: fail,
  };
}

/** A node with the right headers, that bends every proof and swallows every transaction. */
function bending(honest: MainChainSource): MainChainSource {
  return {
    ...honest,
    url: "http://bending",
    async prove(map, key, headerHash) {
      const { proof, ...rest } = await honest.prove(map, key, headerHash);
      const bent = Uint8Array.from(proof);
      const last = bent.length - 1;
      if (last >= 0) bent[last] = (bent[last] ?? 0) ^ 1;
      return { ...rest, proof: bent };
    },
    send: async () => accept(null),
  };
}

/** A node that knows nothing above a height. */
function stuck(honest: MainChainSource, at: number): MainChainSource {
  return {
    ...honest,
    url: "http://stuck",
    headers: async (from, count) =>
      from > at ? [] : honest.headers(from, Math.min(count, at + 1 - from)),
  };
}

async function openWith(story: Story, sources: readonly MainChainSource[]): Promise<Wallet> {
  const wallet = await story.world.openWallet("careful", undefined, [], sources);
  await wallet.sync();
  return wallet;
}

describe("a wallet with several main-chain nodes", () => {
  it("gets coins, follows a chain and is sold space, with one node asleep, one bending and one stuck", async () => {
    const story = await beginStory("nodes");
    const { world } = story;
    const honest = world.mainChainSource();
    const wallet = await openWith(story, [
      asleep(honest),
      bending(honest),
      stuck(honest, 3),
      honest,
    ]);
    insist(await wallet.requestCoins());
    await world.mine(2);
    insist(await wallet.follow(OPERATOR_URL));
    await world.mine();
    insist(await world.during(wallet.buySpace(story.chainId, SPACE)));
    const held = () =>
      [...(wallet.tracker.find(story.chainId)?.book.own.values() ?? [])].some(
        ({ place }) => place.conditions.length === 0,
      );
    for (let blocks = 0; !held() && blocks < 20; blocks++) await world.mine();
    expect(held()).toBe(true);
    const states = Object.fromEntries(
      wallet.mainChain.nodes().map(({ url, state }) => [url, state]),
    );
    expect(states).toMatchObject({ "http://asleep": "down", "http://node": "live" });
    expect(states["http://stuck"]).toBe("behind");
  });

  it("buys nothing while all nodes show an old tip, and says why", async () => {
    const story = await beginStory("nodes");
    const { world } = story;
    const honest = world.mainChainSource();
    let height = Number.MAX_SAFE_INTEGER;
    const holding: MainChainSource = {
      ...honest,
      headers: (from, count) => stuck(honest, height).headers(from, count),
    };
    const wallet = await openWith(story, [holding, asleep(honest)]);
    insist(await wallet.requestCoins());
    await world.mine(2);
    insist(await wallet.follow(OPERATOR_URL));
    await world.mine();
    height = wallet.mainChain.tip().header.height;
    await world.mine(40);
    expect(wallet.mainChain.isStale()).toBe(true);
    expect(await wallet.buySpace(story.chainId, SPACE)).toMatchObject({
      ok: false,
      code: "NOT_SAFE",
      message: expect.stringContaining("too old"),
    });
    height = Number.MAX_SAFE_INTEGER;
    await world.mine();
    insist(await world.during(wallet.buySpace(story.chainId, SPACE)));
  });
});
