import { describe, expect, it } from "vitest";
import { encodeStatusBody } from "../../src/api/towerApi.ts";
import { SourceError } from "../../src/client/ports.ts";
import type { TowerSource } from "../../src/client/tower/towerSource.ts";
import { createTowers, type Towers } from "../../src/client/tower/towers.ts";
import { wantCloses } from "../../src/client/tower/wantedEvidence.ts";
import { sealBytes } from "../../src/crypto/sealBytes.ts";
import { insist } from "../../src/lib/verdict.ts";
import { beginHandOver, draw, end, type HandOverStory, heightOf, sleep } from "./handOverStory.ts";
import {
  createMemoryKeyValueStore,
  createWalletStore,
  RULES,
  type WalletTables,
} from "./localWorld.ts";
import { find } from "./nestedStory.ts";
import { proveClose } from "./ownCloses.ts";
import { type StoryTower, startTower } from "./storyTower.ts";

const SEED = "tower-1";
const URL = "http://tower";

const sourceOf = ({ desk }: StoryTower): TowerSource => ({
  url: URL,
  ...desk,
  kept: async (token) => desk.kept(token),
});

type Front = { source: TowerSource; isDown: boolean; handed: number };

/** A wallet's side of a tower, and what stands between the two. */
async function openTowers(
  story: HandOverStory,
  front: Front,
  tables: WalletTables,
  notes: string[] = [],
): Promise<Towers> {
  const answer = async <Value>(value: Promise<Value>): Promise<Value> => {
    if (front.isDown) throw new SourceError("DOWN", `${URL} does not answer`);
    return value;
  };
  return createTowers({
    rules: RULES,
    store: createWalletStore(tables),
    mainChain: story.user.mainChain,
    urls: [URL],
    tools: {
      at: (url) => ({
        url,
        status: () => answer(front.source.status()),
        kept: (token) => answer(front.source.kept(token)),
        handIn: (handIn) => {
          front.handed += 1;
          return answer(front.source.handIn(handIn));
        },
      }),
      seal: sealBytes,
      randomBytes: (length) => new Uint8Array(length).fill(9),
    },
    signer: () => story.user.hands()?.signer,
    note: async (words) => {
      notes.push(words);
    },
    onChange: () => undefined,
  });
}

async function defend({ world, user, plain, unpaid, held }: HandOverStory) {
  const closes = [];
  for (const [stood, made] of [
    [unpaid, plain],
    [plain, held],
  ] as const) {
    const proof = await proveClose(world.operator, stood.leaf.id);
    closes.push({ closed: [stood], successors: [made], proof });
  }
  await world.during(user.sync());
  return wantCloses([{ leaf: held.leaf, place: held.place, closes, neededTo: 200 }]);
}

async function rest(towers: Towers): Promise<void> {
  while (!towers.isAtRest()) await new Promise((resolve) => setImmediate(resolve));
}

async function open() {
  const story = await beginHandOver(SEED);
  const tower = await startTower(story, createMemoryKeyValueStore());
  const wanted = await defend(story);
  const front: Front = {
    source: sourceOf(tower),
    isDown: false,
    handed: 0,
  };
  const tables: WalletTables = new Map();
  const notes: string[] = [];
  const towers = await openTowers(story, front, tables, notes);
  return { story, tower, wanted, front, tables, notes, towers };
}

/** A user's wallet that has one tower, which is not up yet. */
async function beginWithTower() {
  const front: { source: TowerSource | undefined } = { source: undefined };
  const source = () => {
    if (front.source === undefined) throw new SourceError("DOWN", "it is not up yet");
    return front.source;
  };
  const load = async () => ({
    at: (url: string): TowerSource => ({
      url,
      status: async () => source().status(),
      handIn: async (handIn) => source().handIn(handIn),
      kept: async (token) => source().kept(token),
    }),
    seal: sealBytes,
    randomBytes: (length: number) => new Uint8Array(length).fill(9),
  });
  const story = await beginHandOver(SEED, { urls: [URL], load });
  expect(story.user.towers()).toMatchObject([{ state: "down", receipts: 0 }]);
  const tower = await startTower(story, createMemoryKeyValueStore());
  insist(await story.world.during(tower.wallet.requestCoins()));
  front.source = sourceOf(tower);
  for (let blocks = 0; blocks < 4; blocks++) {
    await tower.advance();
    await story.world.mine(1);
  }
  return { ...story, tower, front };
}

/** It reads everything, and says so, and does nothing. */
function sayRead({ world }: HandOverStory, source: TowerSource): TowerSource {
  return {
    ...source,
    async status() {
      const { header, hash } = world.node.tip().header;
      const about = { height: header.height, blockHash: hash };
      const { publicKey, sign } = world.signerOf("tower");
      const signature = await sign("signTowerStatus", encodeStatusBody(about));
      return { ...about, tower: publicKey, signature };
    },
  };
}

describe("a user who has a tower", () => {
  it("hands it all that he keeps by himself, and may sleep while a former owner claims twice", async () => {
    const story = await beginWithTower();
    const { world, user, former, plain, unpaid, held, chainId, tower } = story;
    // A state that both have signed is for the tower to bring, too: against the contract's own script.
    insist(await world.during(user.updateTerms(held.leaf.id)));
    await world.mine(1);
    expect(user.watcher()?.trailOf(chainId, held.leaf.id)).toMatchObject({ kind: "complete" });
    expect(user.towers()).toMatchObject([
      { url: URL, state: "live", appointments: 3, receipts: 3, note: "" },
    ]);
    await draw(story);
    insist(await world.during(user.claim(held.leaf.id)));
    await world.mine(2);
    sleep(story, user);
    for (const { leaf } of [plain, unpaid]) {
      insist(await world.during(former.claim(leaf.id)));
      await world.mine(1);
      await tower.advance();
      await world.mine(1);
    }
    const results = find(former, chainId).settlement?.results ?? [];
    expect(results.map(({ line, removal }) => [line[0].leaf.id, removal !== undefined])).toEqual([
      [held.leaf.id, false],
      [plain.leaf.id, true],
      [unpaid.leaf.id, true],
    ]);
    const settled = await end(story);
    expect(settled.winner?.owner).toEqual(world.signerOf("user").publicKey);
  });

  it("is shown, when he wakes, that it was silent against its own signature, and acts himself", async () => {
    const story = await beginWithTower();
    const { world, user, former, plain, held, tower, front } = story;
    await draw(story);
    insist(await world.during(user.claim(held.leaf.id)));
    await world.mine(2);
    sleep(story, user);
    front.source = sayRead(story, sourceOf(tower));
    insist(await world.during(former.claim(plain.leaf.id)));
    await world.mine(1);
    const since = heightOf(story);
    await world.mine(8);
    world.wallets.push(user);
    await world.mine(1);
    const [shown] = user.towers();
    expect(shown).toMatchObject({ state: "lags", scannedHeight: since + 9 });
    expect(shown?.note).toMatch(/signed for evidence at block [0-9]+, and at block/);
    const words = user.activity().map((each) => each.words);
    expect(words).toContainEqual(expect.stringContaining(`against a claim of block ${since}`));
    const settled = await end(story);
    expect(settled.winner?.owner).toEqual(world.signerOf("user").publicKey);
    // Its word is kept: whoever has the evidence can hold it against its key.
    expect([...(world.tablesOf("user").get("towers")?.keys() ?? [])].join()).toContain("neglect:");
  });
});

describe("a wallet's towers", () => {
  it("are handed each piece of evidence once, and again after it has changed or been lost", async () => {
    const { story, wanted, front, tables, towers, notes } = await open();
    expect(wanted).toHaveLength(2);
    towers.advance(wanted, []);
    await rest(towers);
    expect(towers.list()).toMatchObject([
      { url: URL, state: "live", scannedHeight: heightOf(story), appointments: 2, receipts: 2 },
    ]);
    // Nothing has changed, not after a restart either.
    const again = await openTowers(story, front, tables, notes);
    for (const each of [towers, again]) {
      each.advance(wanted, []);
      await rest(each);
    }
    expect(front.handed).toBe(2);
    again.advance(
      [{ ...(wanted[0] ?? expect.fail()), mark: "00".repeat(32) }, ...wanted.slice(1)],
      [],
    );
    await rest(again);
    expect(front.handed).toBe(3);
    // The tower has come back with an empty disk.
    const empty = await startTower(story, createMemoryKeyValueStore());
    front.source = sourceOf(empty);
    const third = await openTowers(story, front, tables, notes);
    third.advance(wanted, []);
    await rest(third);
    expect(front.handed).toBe(5);
    expect(third.list()).toMatchObject([{ state: "live", receipts: 2 }]);
    expect(notes).toEqual([expect.stringContaining("has lost evidence")]);
  });

  it("warn when one is killed or lags, and say when it is back", async () => {
    const { story, tower, wanted, front, towers, notes } = await open();
    towers.advance(wanted, []);
    await rest(towers);
    front.isDown = true;
    await story.world.mine(1);
    towers.advance(wanted, []);
    await rest(towers);
    expect(towers.list()).toMatchObject([{ state: "down", receipts: 2 }]);
    front.isDown = false;
    await story.world.mine(8);
    towers.advance(wanted, []);
    await rest(towers);
    expect(towers.list()).toMatchObject([{ state: "lags" }]);
    await tower.advance();
    await story.world.mine(1);
    towers.advance(wanted, []);
    await rest(towers);
    expect(towers.list()).toMatchObject([{ state: "live", note: "" }]);
    expect(notes).toEqual([
      expect.stringContaining("does not answer"),
      expect.stringContaining("has read the main chain to block"),
      expect.stringContaining("keeps up again"),
    ]);
  });

  it("take no other key, no unsigned status, and no receipt for something else", async () => {
    const { story, wanted, front, towers } = await open();
    towers.advance(wanted.slice(0, 1), []);
    await rest(towers);
    const { source } = front;
    const status = await source.status();
    const receipt = async () => {
      const sealed = new Uint8Array(30);
      const about = { token: new Uint8Array(32), locator: new Uint8Array(32), until: 99, sealed };
      return source.handIn(about);
    };
    for (const [lie, note] of [
      [{ status: async () => ({ ...status, height: status.height + 1 }) }, /not signed/],
      [{ handIn: receipt }, /not for what was handed in/],
    ] as const) {
      front.source = { ...source, ...lie };
      await story.world.mine(1);
      towers.advance(wanted, []);
      await rest(towers);
      expect(towers.list()).toMatchObject([{ state: "refused", receipts: 1 }]);
      expect(towers.list()[0]?.note).toMatch(note);
    }
    const other = await startTower(story, createMemoryKeyValueStore(), "other");
    front.source = sourceOf(other);
    await story.world.mine(1);
    towers.advance(wanted, []);
    await rest(towers);
    expect(towers.list()[0]).toMatchObject({ state: "refused", note: /another key/ });
  });
});
