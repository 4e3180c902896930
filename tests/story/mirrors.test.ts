import { describe, expect, it } from "vitest";
import { insist } from "../../src/lib/verdict.ts";
import { beginStory } from "./footballStory.ts";
import { createWalletStore, OPERATOR_URL, VEO } from "./localWorld.ts";

const MIRROR_URL = "http://mirror";

/** A wallet that knows of a second server with the operator's blocks. */
async function openWithMirror(seed: string) {
  const story = await beginStory(seed);
  const { world, chainId } = story;
  world.operators.set(MIRROR_URL, { operator: world.operator, parent: undefined });
  const wallet = await world.openWallet("holder", createWalletStore(), [MIRROR_URL]);
  await wallet.sync();
  insist(await wallet.follow(OPERATOR_URL));
  await world.mine();
  const chain = () => {
    const found = wallet.tracker.find(chainId);
    if (found === undefined) throw new Error("the chain is not followed");
    return found;
  };
  return { ...story, wallet, chain };
}

describe("blocks from whoever has them", () => {
  it("are taken from a mirror while their operator is gone", async () => {
    const { world, user, wallet, chain, chainId } = await openWithMirror("mirror down");
    insist(await world.during(user.buySpace(chainId, 10n * VEO)));
    await world.mine();
    const height = chain().book.tip.height;
    insist(await world.during(user.buySpace(chainId, 10n * VEO)));
    world.down.add(OPERATOR_URL);
    await world.mine(2);
    await wallet.sync();
    expect(chain().book.tip.height).toBeGreaterThan(height);
    expect(chain().withheldSince).toBeUndefined();
    // Nothing can be asked of him, though all of his blocks hold.
    expect(chain().connection).toBe("down");
  });

  it("are taken from a mirror where he serves none, or bytes that he did not sign; nobody is accused", async () => {
    for (const bend of [undefined, (bytes: Uint8Array) => bytes.slice(0, -1)]) {
      const { world, user, chain, chainId } = await openWithMirror("mirror bent");
      const height = chain().book.tip.height;
      if (bend === undefined) world.servedUpTo.set(OPERATOR_URL, height);
      else world.tamper = (at, bytes) => (at > height ? bend(bytes) : bytes);
      // Whoever knows no mirror stands still; who does goes on.
      void world.during(user.buySpace(chainId, 10n * VEO));
      await world.mine(3);
      expect(chain().book.breach).toBeUndefined();
      expect(chain().unusable).toBeUndefined();
      expect(chain().withheldSince).toBeUndefined();
      expect(chain().book.tip.height).toBeGreaterThan(height);
    }
  });

  it("are wrong only for the mirror that serves them wrong", async () => {
    const { world, user, chain, chainId } = await openWithMirror("mirror lies");
    const before = chain().book.tip.height;
    world.operators.delete(MIRROR_URL);
    insist(await world.during(user.buySpace(chainId, 10n * VEO)));
    await world.mine(2);
    expect(chain().book.breach).toBeUndefined();
    expect(chain().connection).toBe("live");
    expect(chain().book.tip.height).toBeGreaterThan(before);
  });
});
