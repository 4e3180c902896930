import { describe, expect, it } from "vitest";
import { draftClaim } from "../../src/chain/settlement/draftClaim.ts";
import { createLine } from "../../src/client/ownProof.ts";
import { readResults } from "../../src/client/settlementView.ts";
import type { Wallet } from "../../src/client/wallet.ts";
import { parseHex } from "../../src/lib/hex.ts";
import { insist } from "../../src/lib/verdict.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import { TRUE_SCRIPT } from "../../src/protocol/script.ts";
import { challengeInVain } from "./challengeStory.ts";
import { beginStory, type Story } from "./footballStory.ts";
import { OPERATOR_URL, VEO } from "./localWorld.ts";
import { beginNested, buySpace, find } from "./nestedStory.ts";

/** Found by search: the draw of these seeds falls on the space that the user has bought. */
const SEEDS = { given: "watcher-2", stale: "defence-2", inside: "nested-2" } as const;
const PRIZE = 1_000n * VEO;
const DEPOSIT_BPS = 1_000;
/** Pushes a nonce of 0, and false. */
const FALSE_SCRIPT = parseHex("00000000000000000000");

const keyOf = (wallet: Wallet): Uint8Array => wallet.hands()?.signer.publicKey ?? new Uint8Array();

async function mineToDraw({ world, chain }: Story): Promise<void> {
  const { expiry } = chain().followed.facts;
  await world.mine(expiry + LOCAL_NETWORK.drawBlocks - world.node.tip().header.header.height);
}

async function end({ world, chain }: Story): Promise<void> {
  const { claimDelay, disputeDelay } = chain().followed;
  await world.mine(2 + claimDelay + disputeDelay);
}

async function resultsOf({ chainId }: Story, { mainChain }: Wallet) {
  return readResults(mainChain, chainId);
}

describe("an operator of whose contracts one is falsely claimed", () => {
  it("shows the close of one that was given up, and keeps his share", async () => {
    const story = await beginStory(SEEDS.given, undefined, DEPOSIT_BPS);
    const { world, user, chainId } = story;
    Object.assign(world, { areDefending: true, areCollecting: true });
    const friend = await world.openWallet("friend");
    await friend.sync();
    insist(await friend.requestCoins());
    await world.mine(2);
    insist(await friend.follow(OPERATOR_URL));
    await world.mine();
    insist(await friend.setAutoDefence(false));
    const old = await buySpace(story, user, chainId, 640n * VEO);
    insist(await world.during(user.handOver(old.id, keyOf(friend))));
    await world.mine(LOCAL_NETWORK.confirmations + 2);
    const [own] = [...find(friend, chainId).book.own.values()];
    if (own === undefined) throw new Error("the contract was not handed over");
    await challengeInVain(world, user, world.operator, old.id);
    await mineToDraw(story);
    insist(await user.claim(old.id));
    await world.mine();
    insist(await friend.claim(own.leaf.id));
    await world.mine(3);
    const results = await resultsOf(story, friend);
    expect(results.map(({ removal }) => removal !== undefined)).toEqual([true, false]);
    expect(world.said).toContain("answered 1 false claims of this chain's contracts");
    await end(story);
    const { settled } = find(friend, chainId).settlement ?? {};
    expect(settled).toMatchObject({
      winner: { contractId: own.leaf.id },
      operatorPaid: PRIZE / 10n,
      burnt: 0n,
    });
  });

  it("brings the newer terms that its holder has signed, too", async () => {
    const story = await beginStory(SEEDS.stale, undefined, DEPOSIT_BPS);
    const { world, user, chainId, chain } = story;
    Object.assign(world, { areDefending: true, areCollecting: true });
    insist(await user.setAutoDefence(false));
    const leaf = await buySpace(story, user, chainId, 640n * VEO);
    await world.mine(LOCAL_NETWORK.confirmations + 2);
    const operator = user.tracker.operatorOf(chain());
    const { operator: operatorKey } = chain().followed.facts;
    insist(await world.during(user.states.update(leaf, operator, operatorKey, FALSE_SCRIPT)));
    await mineToDraw(story);
    // What he has signed since, he keeps to himself.
    const hands = user.hands();
    const own = [...chain().book.own.values()].find(({ closedIn }) => closedIn === undefined);
    if (hands === undefined || own === undefined) throw new Error("nothing to claim");
    const carrier = hands.signer.publicKey;
    const { claim, body } = draftClaim({
      chainId,
      line: insist(createLine(user.tracker.withAncestors(chain()), own)),
      script: TRUE_SCRIPT,
      state: undefined,
      scriptSig: new Uint8Array(),
      carrier,
    });
    const signature = await hands.signer.sign("signClaim", body);
    insist(await hands.outbox.send({ kind: "sortition-contract", claim: { ...claim, signature } }));
    await world.mine(4);
    expect(await resultsOf(story, user)).toMatchObject([
      { run: { stateNonce: 1, outcome: { isTrue: false } }, operatorMoves: 1 },
    ]);
    await end(story);
    expect(chain().settlement?.settled).toMatchObject({ winner: undefined, operatorPaid: PRIZE });
  });

  it("does so three levels down, too, by hops to the chain that takes his posts", async () => {
    const widths = { sports: 650n * VEO, syndicate: 600n * VEO };
    const { story, sports, syndicate } = await beginNested(SEEDS.inside, widths);
    const { world, user } = story;
    Object.assign(world, { areDefending: true });
    insist(await user.setAutoDefence(false));
    const old = await buySpace(story, user, syndicate.id, 550n * VEO);
    insist(await world.during(user.handOver(old.id, keyOf(sports.wallet))));
    await world.mine(LOCAL_NETWORK.confirmations + 2);
    await mineToDraw(story);
    insist(await user.claim(old.id));
    await world.mine(3);
    expect(await resultsOf(story, user)).toMatchObject([
      { line: [{}, {}, { leaf: { id: old.id } }], removal: { level: 2 } },
    ]);
    expect(world.said).toContain("answered 1 false claims of this chain's contracts");
  });
});
