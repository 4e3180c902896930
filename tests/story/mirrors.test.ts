import { describe, expect, it } from "vitest";
import type { WalletStore } from "../../src/client/ports.ts";
import { createWallet } from "../../src/client/wallet.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { insist } from "../../src/lib/verdict.ts";
import { type Archive, openArchive } from "../../src/mirror/archive.ts";
import { beginStory } from "./footballStory.ts";
import {
  createMemoryKeyValueStore,
  createWalletStore,
  GENESIS,
  type LocalWorld,
  OPERATOR_URL,
  RULES,
  VEO,
  type WalletTables,
} from "./localWorld.ts";

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

describe("blocks that are kept for others", () => {
  it("are on disk before anything says that they were taken, wherever the power is cut", async () => {
    const { world, user, chainId } = await beginStory("mirror power");
    for (let bought = 0; bought < 3; bought++) {
      insist(await world.during(user.buySpace(chainId, 10n * VEO)));
      await world.mine(2);
    }
    const { height } = user.tracker.find(chainId)?.book.tip ?? { height: 0 };
    expect(height).toBeGreaterThan(3);
    for (let commitsLeft = 0, isThere = false; !isThere; commitsLeft++) {
      const rows = createMemoryKeyValueStore();
      const tables: WalletTables = new Map();
      let left = commitsLeft;
      // Both disks lose their power at once, in the middle of what is going on.
      const cut = () => {
        if (left === 0) throw new Error("no power");
        left -= 1;
      };
      const archive = await openArchive({
        ...rows,
        async commit(operations) {
          // The slower of the two: nobody else may go on meanwhile.
          await new Promise((resolve) => setImmediate(resolve));
          cut();
          await rows.commit(operations);
        },
      });
      const whole = createWalletStore(tables);
      const store = {
        ...whole,
        async commit(operations: Parameters<typeof whole.commit>[0]) {
          cut();
          await whole.commit(operations);
        },
      };
      isThere = await keepAll(world, store, archive).catch(() => false);
      const again = await openArchive(rows);
      await keepAll(world, createWalletStore(tables), again);
      const kept = again.blocks(formatHex(chainId));
      expect(kept.publishedHeight()).toBe(height);
      for (let at = 1; at <= height; at++) {
        expect(await kept.block(at)).toEqual(await world.operator.block(at));
      }
    }
  });

  /** A light client without a key comes to the tip of the chain. */
  async function keepAll(world: LocalWorld, store: WalletStore, archive: Archive) {
    const wallet = await createWallet({
      rules: RULES,
      genesis: GENESIS.header,
      sources: [world.mainChainSource()],
      operatorAt: world.operatorAt,
      archive,
      store,
      clock: () => world.nowMs,
    });
    await wallet.sync();
    insist(await wallet.follow(OPERATOR_URL));
    await wallet.sync();
    return true;
  }
});

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
