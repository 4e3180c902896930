import { describe, expect, it } from "vitest";
import type { WalletStore } from "../../src/client/ports.ts";
import type { Wallet } from "../../src/client/wallet.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { accept, insist } from "../../src/lib/verdict.ts";
import { describeProof } from "../../src/proof/describeProof.ts";
import { findKitActions } from "../../src/proof/kitActions.ts";
import { decodeKitContents, decodeKitFile, encodeKitHead } from "../../src/proof/kitFile.ts";
import { verifyProofFile } from "../../src/proof/verifyProofFile.ts";
import { exportContract } from "../../src/workers/exportContract.ts";
import { openKitDesk } from "../../src/workers/kits.ts";
import { openBox, sealBox } from "../../src/workers/sealedBox.ts";
import { beginHandOver, draw, sleep } from "./handOverStory.ts";
import {
  createWalletStore,
  GENESIS,
  OPERATOR_URL,
  keyOf as privateKeyOf,
  RULES,
  VEO,
} from "./localWorld.ts";
import { find } from "./nestedStory.ts";

/** Seals with a private key, as the signer's worker does. */
function sealerOf(privateKey: Uint8Array) {
  const iv = new Uint8Array(12);
  return {
    seal: async (head: Uint8Array, content: Uint8Array) =>
      accept(await sealBox(privateKey, head, content, iv)),
    unseal: (head: Uint8Array, box: Uint8Array) => openBox(privateKey, head, box),
  };
}

describe("a claim kit", () => {
  it("claims and slashes with neither wallet nor operator, and opens for its holder alone", async () => {
    const story = await beginHandOver("kit");
    const { world, chainId, user, former, plain } = story;
    const { leaf } = story.held;
    const privateKey = privateKeyOf(world.seed, "user");
    const sealer = sealerOf(privateKey);
    const deskOf = (wallet: Wallet, store: WalletStore) => {
      const key = { vault: new Uint8Array(80), publicKey: leaf.owner };
      return openKitDesk({ wallet, rules: RULES, store, sealer, key });
    };
    const desk = await deskOf(user, createWalletStore());
    expect(desk.describe()).toEqual({ state: "none", contracts: 1 });
    const made = insist(await desk.make());
    await desk.keepMark(made.mark);
    expect(desk.describe()).toEqual({ state: "fresh", contracts: 1 });

    const kit = insist(decodeKitFile(made.bytes));
    const others = sealerOf(privateKeyOf(world.seed, "former"));
    expect(await others.unseal(encodeKitHead(kit), kit.box)).toMatchObject({ code: "SEAL_BROKEN" });
    const moved = { ...kit, height: kit.height + 1 };
    expect(await sealer.unseal(encodeKitHead(moved), kit.box)).toMatchObject({
      code: "SEAL_BROKEN",
    });
    const contents = insist(
      decodeKitContents(insist(await sealer.unseal(encodeKitHead(kit), kit.box))),
    );
    expect(contents.contracts).toHaveLength(1);
    expect(contents.closes).toHaveLength(2);

    // Newer terms: the kit of before would not do any more, and takes nothing back.
    insist(await world.during(user.updateTerms(leaf.id)));
    expect(desk.describe()).toEqual({ state: "stale", contracts: 1 });
    const newer = insist(decodeKitFile(insist(await desk.make()).bytes));
    expect(insist(await desk.take(kit))).toEqual({ newer: 0, contracts: 1 });
    expect(user.states.termsOf(leaf.id).signed?.state.nonce).toBe(1);

    // The proof of the contract brings the closes of its trail along.
    const trust = { rules: RULES, genesis: GENESIS.header };
    const proof = insist(await exportContract(user, RULES, formatHex(leaf.id)));
    const facts = insist(verifyProofFile(proof, trust));
    expect(facts.closes).toHaveLength(2);
    expect(describeProof(facts).proves.join(" ")).toContain("and this contract was made of it");

    // The wallet is lost, the operator is gone, and a former owner claims.
    sleep(story, user);
    await draw(story);
    world.down.add(OPERATOR_URL);
    insist(await former.claim(plain.leaf.id));
    await world.mine();
    const fresh = await world.openWallet("user", createWalletStore());
    await fresh.sync();
    expect(fresh.tracker.chains()).toHaveLength(0);
    const freshDesk = await deskOf(fresh, createWalletStore());
    const foreign = { ...newer, publicKey: plain.leaf.owner };
    expect(await freshDesk.take(foreign)).toMatchObject({ code: "OTHER_KEY" });
    expect(insist(await freshDesk.take(newer))).toEqual({ newer: 1, contracts: 1 });
    expect(insist(await freshDesk.take(newer))).toEqual({ newer: 0, contracts: 1 });
    expect(insist(await freshDesk.take(kit))).toEqual({ newer: 0, contracts: 1 });
    expect(fresh.states.termsOf(leaf.id).signed?.state.nonce).toBe(1);
    const hands = fresh.hands();
    if (hands === undefined) throw new Error("the wallet has no key");
    const rest = insist(
      decodeKitContents(insist(await sealer.unseal(encodeKitHead(newer), newer.box))),
    );
    const kitWorld = { rules: RULES, mainChain: fresh.mainChain, signer: hands.signer };
    const reports = await findKitActions(rest, kitWorld);
    expect(
      reports.flatMap(({ actions }) => actions.map(({ words, effect }) => [words, effect.ok])),
    ).toEqual([
      ["Claim the prize", true],
      ["Somebody claims with a contract that its owner gave up", true],
    ]);
    for (const { body } of reports.flatMap(({ actions }) => actions)) {
      insist(await hands.outbox.send(body));
    }
    await world.mine(1);
    const balance = () => hands.outbox.account().balance;
    const before = balance();
    const { claimDelay, disputeDelay } = find(former, chainId).followed;
    await world.mine(1 + claimDelay + disputeDelay);
    const [last] = await findKitActions(rest, kitWorld);
    expect(last?.actions.map(({ words }) => words)).toEqual([
      "End the chain, which pays you 101 VEO",
    ]);
    for (const { body } of last?.actions ?? []) insist(await hands.outbox.send(body));
    await world.mine();
    expect(find(former, chainId).settlement?.settled?.winner?.contractId).toEqual(leaf.id);
    expect(balance()).toBe(before + 101n * VEO - 10_000n);
    const [ended] = await findKitActions(rest, { ...kitWorld, mainChain: fresh.mainChain });
    expect(ended?.standing).toContain("were paid to this contract's owner");
  });
});
