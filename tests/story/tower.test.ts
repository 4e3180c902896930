import { describe, expect, it } from "vitest";
import { type HandIn, isReceiptFor, isSignedStatus } from "../../src/api/towerApi.ts";
import {
  encodeTowerEvidence,
  locatorOf,
  sealingIvOf,
  sealingKeyOf,
  triggerOfContract,
  triggerOfTerms,
} from "../../src/api/towerEvidence.ts";
import { draftMove } from "../../src/chain/settlement/draftMove.ts";
import type { OwnLeaf } from "../../src/client/ownLeaves.ts";
import type { Wallet } from "../../src/client/wallet.ts";
import { sealBytes } from "../../src/crypto/sealBytes.ts";
import { equalBytes } from "../../src/lib/bytes.ts";
import { insist } from "../../src/lib/verdict.ts";
import { hashScript } from "../../src/protocol/script.ts";
import { MainBranch } from "../adversaries/mainBranch.ts";
import { beginHandOver, draw, end, type HandOverStory, heightOf, sleep } from "./handOverStory.ts";
import { createMemoryKeyValueStore, RULES } from "./localWorld.ts";
import { find } from "./nestedStory.ts";
import { proveClose } from "./ownCloses.ts";
import { startTower } from "./storyTower.ts";

const SEED = "tower-1";

function sealEvidence(trigger: Uint8Array, evidence: Uint8Array): Promise<Uint8Array> {
  const key = sealingKeyOf(trigger);
  return sealBytes(key, sealingIvOf(key, evidence), evidence);
}

/** Evidence against a contract that was given up, by these closes in a row, as it is handed in. @param shown - another trigger. */
async function makeHandIn(
  story: HandOverStory,
  row: readonly OwnLeaf[],
  shown?: Uint8Array,
): Promise<HandIn> {
  const [given] = row;
  if (given === undefined) throw new Error("no contract is named");
  const closes = [];
  for (const { leaf } of row) closes.push(await proveClose(story.world.operator, leaf.id));
  // What a row of closes is held against, nobody knows yet.
  const against = { chainId: new Uint8Array(32), resultKey: new Uint8Array(32), level: 0 };
  const evidence = encodeTowerEvidence({ kind: "close", ...against, closes });
  const trigger = shown ?? triggerOfContract(given.leaf);
  const sealed = await sealEvidence(trigger, evidence);
  const token = new Uint8Array(32).fill(7);
  return { token, locator: locatorOf(trigger), until: 500, sealed };
}

async function claim({ world }: HandOverStory, wallet: Wallet, { leaf }: OwnLeaf): Promise<void> {
  insist(await world.during(wallet.claim(leaf.id)));
}

function resultsOf({ former, chainId }: HandOverStory) {
  return find(former, chainId).settlement?.results ?? [];
}

function balanceOf(wallet: Wallet): bigint {
  return wallet.hands()?.outbox.account().balance ?? 0n;
}

describe("a watchtower", () => {
  it("slashes, while its client sleeps, what the client has handed in evidence against", async () => {
    const story = await beginHandOver(SEED);
    const { world, user, former, plain, unpaid, held } = story;
    const store = createMemoryKeyValueStore();
    const tower = await startTower(story, store);
    insist(await world.during(tower.wallet.requestCoins()));
    const handIns = [
      // The row goes on by a close of another contract: its beginning counts all the same.
      await makeHandIn(story, [plain, unpaid]),
      await makeHandIn(story, [unpaid, plain]),
    ] as const;
    for (const handIn of handIns) {
      const receipt = insist(await tower.desk.handIn(handIn));
      expect(isReceiptFor(RULES, receipt, handIn)).toBe(true);
    }
    await draw(story);
    await tower.advance();
    const before = balanceOf(tower.wallet);
    await claim(story, user, held);
    await world.mine(2);
    sleep(story, user);
    await claim(story, former, plain);
    await world.mine(1);
    // Killed and started again: what it keeps, and where it goes on, is on disk.
    const again = await startTower(story, store);
    const status = await again.desk.status();
    expect(isSignedStatus(RULES, status)).toBe(true);
    expect(status.height).toBe(heightOf(story));
    await world.mine(1);
    const [cheat, ...others] = resultsOf(story).filter(({ removal }) => removal !== undefined);
    expect(others).toEqual([]);
    expect(cheat?.line.at(-1)?.leaf.id).toEqual(plain.leaf.id);
    expect(cheat?.removal?.successor?.leaf.id).toEqual(held.leaf.id);
    // Half of the loser's deposit is its wage.
    await again.advance();
    const wage = (cheat?.deposit ?? 0n) / 2n;
    expect(balanceOf(again.wallet) - before).toBe(wage - wage / 10n);

    // The same with what he had bought before that, by two closes in a row.
    await claim(story, former, unpaid);
    await world.mine(1);
    await again.advance();
    await world.mine(1);
    const gone = resultsOf(story).filter(({ removal }) => removal !== undefined);
    expect(gone.map(({ removal }) => removal?.successor?.leaf.id)).toEqual([
      held.leaf.id,
      held.leaf.id,
    ]);
    const settled = await end(story);
    expect(settled.winner?.owner).toEqual(world.signerOf("user").publicKey);
  });

  it("is kept from nothing by whoever hands in a heap of useless evidence first", async () => {
    const story = await beginHandOver(SEED);
    const { world, user, former, plain, unpaid } = story;
    sleep(story, user);
    const tower = await startTower(story, createMemoryKeyValueStore());
    insist(await world.during(tower.wallet.requestCoins()));
    const right = await makeHandIn(story, [plain]);
    // The closes of another contract, sealed as if they were of this one: they open, and are of no use.
    const wrong = await makeHandIn(story, [unpaid], triggerOfContract(plain.leaf));
    for (let client = 0; client < 70; client++) {
      const token = new Uint8Array(32).fill(100 + client);
      insist(await tower.desk.handIn({ ...wrong, token }));
    }
    insist(await tower.desk.handIn(right));
    await draw(story);
    await claim(story, former, plain);
    await world.mine(1);
    const isSlashed = () => resultsOf(story).some(({ removal }) => removal !== undefined);
    await tower.advance();
    await world.mine(1);
    expect(isSlashed()).toBe(false);
    await tower.advance();
    await world.mine(1);
    expect(isSlashed()).toBe(true);
  });

  it("sends a slash again that a reorg has removed", async () => {
    const story = await beginHandOver(SEED);
    const { world, user, former, plain, held } = story;
    const tower = await startTower(story, createMemoryKeyValueStore());
    insist(await world.during(tower.wallet.requestCoins()));
    await draw(story);
    await tower.advance();
    insist(await tower.desk.handIn(await makeHandIn(story, [plain])));
    await claim(story, user, held);
    sleep(story, user);
    await claim(story, former, plain);
    await world.mine(1);
    const fork = heightOf(story);
    await tower.advance();
    await world.mine(1);
    const isSlashed = () => resultsOf(story).some(({ removal }) => removal !== undefined);
    expect(isSlashed()).toBe(true);
    await tower.advance();
    expect(tower.wallet.hands()?.outbox.pendingCount()).toBe(0);
    const slashed = await tower.desk.status();

    let branch = MainBranch.from(world.node, fork);
    for (let blocks = 1; blocks <= 2; blocks++) {
      branch = branch.mine([], world.nowMs + blocks);
      insist(await world.node.submitBlock(branch.encode(branch.tip())));
    }
    await world.settle();
    expect(isSlashed()).toBe(false);
    await tower.advance();
    expect((await tower.desk.status()).blockHash).toEqual(branch.tip().header.hash);
    expect(slashed.blockHash).not.toEqual(branch.tip().header.hash);
    expect(tower.wallet.hands()?.outbox.pending()).toMatchObject([{ kind: "sortition-slash" }]);
    await world.mine(1);
    expect(isSlashed()).toBe(true);
  });

  it("brings a newer state that its client has signed for it, as soon as it has it", async () => {
    const story = await beginHandOver(SEED);
    const { world, user, held, chainId } = story;
    const { leaf } = held;
    insist(await user.setAutoDefence(false));
    const tower = await startTower(story, createMemoryKeyValueStore());
    insist(await world.during(tower.wallet.requestCoins()));
    await draw(story);
    await tower.advance();
    insist(await world.during(user.updateTerms(leaf.id)));
    const old = user.states.termsOf(leaf.id).signed;
    await claim(story, user, held);
    await world.mine(1);
    insist(await world.during(user.updateTerms(leaf.id)));
    const state = user.states.termsOf(leaf.id).signed;
    const signer = user.hands()?.signer;
    if (old === undefined || state === undefined || signer === undefined) return expect.fail();
    const carrier = world.signerOf("tower").publicKey;
    const { move, body } = draftMove({
      chainId,
      leaves: [leaf],
      side: "owner",
      terms: { kind: "state", state },
      scriptSig: new Uint8Array(),
      carrier,
    });
    const slash = { ...move, signature: await signer.sign("signMove", body) };
    const shown = { stateNonce: 1, scriptHash: hashScript(old.state.script) };
    const trigger = triggerOfTerms(move.resultKey, shown, old.ownerSignature);
    const sealed = await sealEvidence(trigger, encodeTowerEvidence(slash));
    const token = new Uint8Array(32).fill(7);
    await tower.advance();
    insist(await tower.desk.handIn({ token, locator: locatorOf(trigger), until: 500, sealed }));
    await tower.advance();
    await world.mine(1);
    expect(resultsOf(story)).toMatchObject([{ run: { stateNonce: 2 }, ownerMoves: 1 }]);
    // What is done is not done again.
    await tower.advance();
    expect(tower.wallet.hands()?.outbox.pendingCount()).toBe(0);
  });

  it("is what saves him: without one the former owner is paid", async () => {
    const story = await beginHandOver(SEED);
    const { world, user, former, plain, held } = story;
    await draw(story);
    await claim(story, user, held);
    await world.mine(2);
    sleep(story, user);
    await claim(story, former, plain);
    await world.mine(1);
    const settled = await end(story);
    expect(equalBytes(settled.winner?.owner ?? held.leaf.owner, plain.leaf.owner)).toBe(true);
  });
});
