import { describe, expect, it } from "vitest";
import type { DataRequest } from "../../src/chain/requests/dataMessages.ts";
import { findObstacle } from "../../src/client/obstacle.ts";
import type { CheckMode } from "../../src/client/syncBooks.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { accept, insist, refuse } from "../../src/lib/verdict.ts";
import type { Leaf } from "../../src/protocol/leaf.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import { beginStory, type Story } from "./footballStory.ts";
import { OPERATOR_URL, VEO } from "./localWorld.ts";
import { buySpace } from "./nestedStory.ts";

/** A seed with which the point falls on what the user buys. */
const SEED = "withheld-1";
const DEPOSIT = LOCAL_NETWORK.dataRequestDeposit;
const FEE = LOCAL_NETWORK.dataRequestFee;
/** A tenth of the prize. */
const SHARE = 100n * VEO;

/** The user holds space; then the operator records a block with somebody else's purchase, and serves it to nobody. */
async function beginWithheld(
  mode: CheckMode = "full",
): Promise<Story & { readonly height: number; readonly held: Leaf }> {
  const story = await beginStory(SEED, undefined, 1_000);
  const { world, user, chainId } = story;
  const held = await buySpace(story, user, chainId, 600n * VEO);
  await world.rest();
  await user.tracker.setMode(story.chain(), mode);
  await world.mine();
  const height = story.chain().book.tip.height + 1;
  world.hidden.set(OPERATOR_URL, height);
  const hidden = story.chain().book.postCount + 1;
  world.showHolding = (_, sequence, bytes) =>
    sequence === hidden ? refuse("NO_SUCH_POST", "nothing is shown") : accept(bytes);
  const buyer = story.reporter.hands()?.signer.publicKey ?? new Uint8Array();
  const asked = world.operator.ask({ kind: "purchase", buyer, width: 10n * VEO });
  expect(await world.during(asked)).toMatchObject({ ok: true });
  world.silent.add(OPERATOR_URL);
  await world.mine(3);
  expect(story.chain().withheldSince).toBeDefined();
  return { ...story, height, held };
}

/** What keeps the user from doing anything in the chain, and the main-chain height since which it is so. */
function standstill({ user, chain }: Story) {
  const obstacle = findObstacle(chain(), user.tracker, user.mainChain);
  return {
    kind: obstacle?.kind,
    whose: obstacle?.chain.followed.url,
    since: chain().withheldSince,
  };
}

function balanceOf({ user }: Story): bigint {
  return user.hands()?.outbox.account().balance ?? 0n;
}

describe("a recorded block that nobody serves", () => {
  const modes = ["full", "ownShare"] as const;
  it.each(modes)(
    "is answered on the main chain when the user asks, and goes on: %s",
    async (mode) => {
      const story = await beginWithheld(mode);
      const { world, user, chainId, height } = story;
      expect(await user.punishWithholding(chainId)).toMatchObject({ code: "TOO_EARLY" });
      const before = balanceOf(story);
      insist(await user.requestData(chainId));
      await world.mine();
      expect(story.chain().asked.record.open).toHaveLength(1);
      expect(before - balanceOf(story)).toBeGreaterThanOrEqual(FEE + DEPOSIT);
      world.silent.delete(OPERATOR_URL);
      await world.mine(3);
      // Still served by nobody but the main chain; the operator has gone on meanwhile, and serves that.
      expect(story.chain().withheldSince).toBeUndefined();
      expect(story.chain().book.tip.height).toBe(height + 1);
      expect(story.chain().asked.record.open).toEqual([]);
      expect(story.chain().answered).toBe(story.chain().book.postCount);
      // What is left of the deposit came back: asking for a small block costs a few hundredths.
      expect(before - balanceOf(story)).toBeLessThan(5n * FEE);
    },
  );

  it("hides nothing of an own contract: a proof of what stands in its place is asked for, and shown", async () => {
    const story = await beginWithheld();
    const { world, user, held } = story;
    const before = balanceOf(story);
    insist(await user.requestProof(held.id));
    await world.mine();
    expect(before - balanceOf(story)).toBeGreaterThanOrEqual(FEE + DEPOSIT);
    expect(await user.requestProof(held.id)).toMatchObject({ code: "ASKED_ALREADY" });
    world.silent.delete(OPERATOR_URL);
    await world.mine(2);
    expect(user.hands()?.proofs.askedOf(held.id)?.outcome).toBe("stands");
    expect(user.activity().at(-1)?.words).toContain("your contract stands");
    expect(before - balanceOf(story)).toBeLessThan(2n * FEE);
    // The block is still missing, and nothing is done on the word of a proof.
    expect(standstill(story).kind).toBe("withheld");
  });

  it("says of a contract that the operator gave to another that it is gone, though he hides how", async () => {
    const story = await beginStory(SEED, undefined, 1_000);
    const { world, user, chainId, chain, reporter } = story;
    const held = await buySpace(story, user, chainId, 600n * VEO);
    await world.mine(3);
    world.servedUpTo.set(OPERATOR_URL, chain().book.tip.height);
    const stranger = reporter.hands()?.signer.publicKey ?? new Uint8Array();
    insist(await world.during(user.handOver(held.id, stranger)));
    await world.mine(3);
    expect(standstill(story).kind).toBe("withheld");
    insist(await user.requestProof(held.id));
    await world.mine(3);
    expect(user.hands()?.proofs.askedOf(held.id)?.outcome).toBe("other");
    // Of free space, too, there is a proof that it is free.
    const { withheld, book } = chain();
    const [top, sequence] = [book.chain, withheld?.top.sequence ?? 0];
    const asked = { at: top.hi - 1n, conditions: [] };
    const request: DataRequest = {
      topId: top.id,
      sequence,
      path: [top],
      isSwitched: false,
      hops: [],
      subject: { kind: "proof", asked },
    };
    const sent = await reporter.hands()?.outbox.send({ kind: "data-request", request });
    expect(sent).toMatchObject({ ok: true });
    await world.mine();
    expect(chain().asked.record.open).toHaveLength(1);
    await world.mine(2);
    expect(chain().asked).toMatchObject({ record: { open: [] }, voided: undefined });
  });

  it("is named and asked for though its operator is gone altogether, and no mirror is known", async () => {
    const story = await beginWithheld();
    const { world, user, chainId, height } = story;
    world.down.add(OPERATOR_URL);
    await world.mine();
    const { record } = story.chain().withheld ?? {};
    expect(story.chain().connection).toBe("down");
    const since = record?.height;
    expect(standstill(story)).toEqual({ kind: "withheld", whose: OPERATOR_URL, since });
    insist(await user.requestData(chainId));
    world.silent.delete(OPERATOR_URL);
    await world.mine(3);
    expect(story.chain().book.tip.height).toBe(height);
    // What he has recorded since is asked for by itself.
    expect(standstill(story).since).toBeGreaterThan(since ?? 0);
    insist(await user.requestData(chainId));
    await world.mine(3);
    expect(story.chain().book.tip.height).toBe(height + 1);
    expect(standstill(story)).toMatchObject({ kind: "down", since: undefined });
  });

  it("is void when nobody answers: what stood before is paid, and the operator's share is lost", async () => {
    const story = await beginWithheld();
    const { world, user, chainId, height } = story;
    insist(await user.requestData(chainId));
    await world.mine(LOCAL_NETWORK.dataResponseDelay + 2);
    expect(story.chain().asked.voided).toBeDefined();
    insist(await user.punishWithholding(chainId));
    await world.mine(2);
    expect(await user.punishWithholding(chainId)).toMatchObject({ code: "TOO_EARLY" });
    const { book, asked, withheldSince } = story.chain();
    expect(asked.record).toMatchObject({ open: [], voided: { fee: FEE } });
    // The history ends before it: that is no longer something to wait for.
    expect(withheldSince).toBeUndefined();
    expect(book.tip.height).toBe(height - 1);
    const bought = await world.during(user.buySpace(chainId, 10n * VEO));
    expect(bought).toMatchObject({ ok: false, code: "NOT_SAFE" });
    const before = balanceOf(story);
    const settled = await story.settle();
    expect(settled.paid).toBe(1_000n * VEO - SHARE);
    expect(settled).toMatchObject({
      operatorPaid: 0n,
      askersPaid: FEE + DEPOSIT,
      burnt: SHARE - FEE - DEPOSIT,
    });
    expect(balanceOf(story)).toBeGreaterThan(before + settled.paid);
  });
});

describe("a post that this wallet has taken, and another was not served", () => {
  /** The user holds space, and is sold more and gives part of it up; a stranger asks for that post, and nobody answers. */
  async function beginLateVoid() {
    const story = await beginStory(SEED, undefined, 1_000);
    const { world, user, chainId, reporter } = story;
    const safe = await buySpace(story, user, chainId, 600n * VEO);
    await world.mine(2);
    const { postCount } = story.chain().book;
    const late = await buySpace(story, user, chainId, 10n * VEO);
    const stranger = reporter.hands()?.signer.publicKey ?? new Uint8Array();
    insist(await world.during(user.handOver(safe.id, stranger)));
    await world.mine(3);
    world.silent.add(OPERATOR_URL);
    const { id, operator } = story.chain().followed.facts;
    const request: DataRequest = {
      topId: id,
      sequence: postCount + 1,
      path: [{ id, operator }],
      isSwitched: false,
      hops: [],
      subject: { kind: "blocks", after: [], have: id },
    };
    const sent = await reporter.hands()?.outbox.send({ kind: "data-request", request });
    expect(sent).toMatchObject({ ok: true });
    await world.mine();
    return { ...story, safe, late, postCount };
  }

  const stands = ({ chain }: Story, { id }: { readonly id: Uint8Array }) =>
    chain().book.live.has(formatHex(id));

  it("is taken out of the book again: what was safe stands, what came after does not, and the prize is paid", async () => {
    const story = await beginLateVoid();
    const { world, user, chain, safe, late, postCount } = story;
    expect([stands(story, safe), stands(story, late)]).toEqual([false, true]);
    await world.mine(LOCAL_NETWORK.dataResponseDelay + 1);
    expect(standstill(story).kind).toBe("void");
    expect(chain().book.postCount).toBe(postCount);
    expect([stands(story, safe), stands(story, late)]).toEqual([true, false]);
    // Whoever opens the wallet now finds the same on its disk.
    const reopened = await world.openWallet("user");
    await reopened.sync();
    expect(reopened.tracker.find(story.chainId)?.book.postCount).toBe(postCount);
    await user.sync();
    const settled = await story.settle();
    expect(settled.winner?.contractId).toEqual(safe.id);
  });

  it("takes nothing from a contract that its holder has shown on the main chain while somebody asked", async () => {
    const story = await beginLateVoid();
    const { world, user, safe, late } = story;
    const before = balanceOf(story);
    insist(await user.requestProof(late.id));
    await world.mine(2);
    // The operator is silent: this wallet has handed in the answer itself.
    expect(user.hands()?.proofs.askedOf(late.id)?.outcome).toBe("stands");
    expect(before - balanceOf(story)).toBeLessThan(8n * FEE);
    await world.mine(LOCAL_NETWORK.dataResponseDelay + 1);
    expect(standstill(story).kind).toBe("void");
    expect([stands(story, safe), stands(story, late)]).toEqual([true, true]);
  });

  it("is not touched where the operator answers, though late in his time", async () => {
    const story = await beginLateVoid();
    const { world, chain, safe, late } = story;
    const { postCount } = chain().book;
    await world.mine(LOCAL_NETWORK.dataResponseDelay - 3);
    world.silent.clear();
    await world.mine(4);
    expect(chain().asked).toMatchObject({ record: { open: [] }, voided: undefined });
    expect(chain().book.postCount).toBe(postCount);
    expect([stands(story, safe), stands(story, late)]).toEqual([false, true]);
  });
});

describe("an operator who falls silent", () => {
  it("takes no record from a block that he has served: what was bought in it has its proof", async () => {
    const { world, user, chain, chainId } = await beginStory(SEED);
    const { height } = chain().book.tip;
    insist(await world.during(user.buySpace(chainId, 600n * VEO)));
    while (chain().book.tip.height === height) await world.settle();
    const unpaid = () => [...chain().book.own.values()].at(-1);
    expect(unpaid()?.post).toBeUndefined();
    world.down.add(OPERATOR_URL);
    await world.mine(2);
    expect(unpaid()?.post).toBeDefined();
    expect(chain().withheldSince).toBeUndefined();
    expect(chain().connection).toBe("down");
  });
});
