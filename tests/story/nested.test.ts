import { describe, expect, it } from "vitest";
import { type ClaimDraft, draftClaim } from "../../src/chain/settlement/draftClaim.ts";
import { keyOf } from "../../src/client/descendantPosts.ts";
import { createAnchoredProof } from "../../src/client/ownProof.ts";
import type { Wallet } from "../../src/client/wallet.ts";
import { sha256 } from "../../src/lib/hash.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { emptyMap, mapRoot } from "../../src/lib/map/merkleMap.ts";
import { insist } from "../../src/lib/verdict.ts";
import { describeProof } from "../../src/proof/describeProof.ts";
import { verifyProofFile } from "../../src/proof/verifyProofFile.ts";
import {
  type BlockHeader,
  computeChainState,
  hashBlockHeader,
} from "../../src/protocol/blockHeader.ts";
import { createLeaf } from "../../src/protocol/contractNew.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import { encodePost } from "../../src/protocol/post.ts";
import { TRUE_SCRIPT, TRUE_SCRIPT_HASH } from "../../src/protocol/script.ts";
import { proveLeaf } from "../../src/space/proof.ts";
import { createTree, takeSpace, treeRoot } from "../../src/space/tree.ts";
import { exportContract } from "../../src/workers/exportContract.ts";
import type { Story } from "./footballStory.ts";
import { GENESIS, OPERATOR_URL, RULES, VEO } from "./localWorld.ts";
import { beginNested, buySpace, find, SPORTS, SYNDICATE } from "./nestedStory.ts";

/** Found by search: the draw of this seed falls on what the user holds three levels down. */
const WINNING_SEED = "nested-2";

type Nested = Awaited<ReturnType<typeof beginNested>>;

describe("chains inside chains, in one process", () => {
  it("sells space three levels down, checked all the way up, and goes on without the one in the middle", async () => {
    const { story, sports, syndicate } = await beginNested("nested", {
      sports: 200n * VEO,
      syndicate: 50n * VEO,
    });
    expect(story.user.tracker.chains()).toHaveLength(3);
    story.world.down.add(SPORTS);
    const owned = await buySpace(story, story.user, syndicate.id, 10n * VEO);
    const chain = find(story.user, syndicate.id);
    expect(chain.book.breach).toBeUndefined();
    expect(chain.book.postCount).toBeGreaterThan(1);
    expect(owned.owner).toEqual(story.user.hands()?.signer.publicKey);
    expect(find(story.user, sports.id).connection).toBe("down");
  });
});

describe("a winner three levels down", () => {
  const WIDTHS = { sports: 650n * VEO, syndicate: 600n * VEO };
  const PRIZE = 1_000n * VEO;
  /** Two in a hundred for each operator on the line, from the top down, each of what is left. */
  const SHARES = [20n * VEO, (196n * VEO) / 10n, (19_208n * VEO) / 1_000n] as const;
  const NET = PRIZE - SHARES[0] - SHARES[1] - SHARES[2];
  const FEE = 10_000n;
  const CLAIM_FEE = VEO / 100n;

  /** The user holds most of the space three levels down, the point is drawn, and every operator is gone. */
  async function drawOverUser(beforeDraw = async (_: Nested) => {}) {
    const nested = await beginNested(WINNING_SEED, WIDTHS, { depositBps: 200 });
    const { story, syndicate } = nested;
    story.world.down.add(SPORTS);
    const owned = await buySpace(story, story.user, syndicate.id, 550n * VEO);
    await beforeDraw(nested);
    for (const url of [OPERATOR_URL, SYNDICATE]) story.world.down.add(url);
    const { expiry } = find(story.user, syndicate.id).followed.facts;
    await story.world.mine(expiry + LOCAL_NETWORK.drawBlocks - tip(story));
    const point = find(story.user, syndicate.id).settlement?.point ?? -1n;
    expect(owned.lo <= point && point < owned.hi).toBe(true);
    return { ...nested, owned };
  }

  const tip = (story: Story) => story.world.node.tip().header.header.height;
  const balance = (wallet: Wallet) => wallet.hands()?.outbox.account().balance ?? 0n;

  it("is paid by one claim, with every operator gone, and each operator gets his share", async () => {
    const { story, syndicate, sports, owned } = await drawOverUser();
    const { world, user } = story;
    const [before, ...operators] = [user, sports.wallet, syndicate.wallet].map(balance);
    const proof = insist(await exportContract(user, RULES, formatHex(owned.id)));
    const shown = insist(verifyProofFile(proof, { rules: RULES, genesis: GENESIS.header }));
    expect(shown.levels.map(({ leaf }) => leaf.sealed)).toEqual([true, true, false]);
    expect(describeProof(shown).headline).toContain("holds the point that was drawn");
    insist(await user.claim(owned.id));
    await world.mine();
    const [result] = find(user, syndicate.id).settlement?.results ?? [];
    expect(result?.line.map(({ leaf }) => leaf.id)).toEqual([sports.id, syndicate.id, owned.id]);
    await world.mine(12 + 24);
    insist(await user.collect(syndicate.id));
    await world.mine();
    const settled = find(user, syndicate.id).settlement?.settled;
    expect(settled).toMatchObject({ paid: NET, burnt: 0n, operatorPaid: PRIZE - NET });
    expect(balance(user) - (before ?? 0n)).toBe(NET - CLAIM_FEE - 2n * FEE);
    const now = [sports.wallet, syndicate.wallet].map(balance);
    expect(now.map((each, index) => each - (operators[index] ?? 0n))).toEqual(SHARES.slice(1));
  });

  it("is claimed by a wallet that was opened anew after every operator had gone", async () => {
    const { story, syndicate, owned } = await drawOverUser();
    const reopened = await story.world.openWallet("user");
    await reopened.sync();
    insist(await reopened.claim(owned.id));
    await story.world.mine();
    const [result] = find(story.user, syndicate.id).settlement?.results ?? [];
    expect(result?.line.at(-1)?.leaf).toEqual(owned);
  });

  it("is paid level by level, each owner claiming in the chain that the one above has become", async () => {
    const { story, exchange, syndicate, sports, owned } = await drawOverUser();
    const { world, user } = story;
    const before = balance(user);
    const levels = [
      { wallet: sports.wallet, chainId: exchange, contractId: sports.id },
      { wallet: syndicate.wallet, chainId: sports.id, contractId: syndicate.id },
      { wallet: user, chainId: syndicate.id, contractId: owned.id },
    ];
    const points: (bigint | undefined)[] = [];
    for (const { wallet, chainId, contractId } of levels) {
      insist(await wallet.claim(contractId));
      await world.mine(1 + 12 + 24);
      insist(await wallet.collect(chainId));
      await world.mine();
      points.push(find(user, syndicate.id).settlement?.point);
    }
    expect(new Set(points).size).toBe(1);
    const { settlement } = find(user, syndicate.id);
    expect(settlement).toMatchObject({ depth: 2, settled: { paid: NET, operatorPaid: SHARES[2] } });
    expect(balance(user) - before).toBe(NET - CLAIM_FEE - 2n * FEE);
  });

  it("loses nothing to a rival to whom the operator in the middle sold the same space again, and he alone pays", async () => {
    const claims: ClaimDraft[] = [];
    const { story, syndicate, owned } = await drawOverUser(async (nested) => {
      claims.push(await sellAgain(nested));
    });
    const { world, user, counterparty: thief } = story;
    const hands = thief.hands();
    const [draft] = claims;
    if (hands === undefined || draft === undefined) throw new Error("nobody claims");
    const signature = await hands.signer.sign("signClaim", draft.body);
    const claim = { ...draft.claim, signature };
    insist(await hands.outbox.send({ kind: "sortition-contract", claim }));
    await world.mine();
    insist(await user.claim(owned.id));
    await world.mine(1 + 12 + 24);
    expect(find(user, syndicate.id).settlement?.results).toHaveLength(2);
    insist(await user.collect(syndicate.id));
    await world.mine();
    const { settled } = find(user, syndicate.id).settlement ?? {};
    expect(settled?.winner?.contractId).toEqual(owned.id);
    expect(settled).toMatchObject({
      paid: NET,
      burnt: SHARES[1],
      operatorPaid: SHARES[0] + SHARES[2],
    });
  });

  /** The sports market posts a block in which the syndicate's space is the thief's; what he claims with. */
  async function sellAgain({ story, exchange, sports, syndicate }: Nested): Promise<ClaimDraft> {
    const { world, user, counterparty: thief } = story;
    const [owner, operator] = [thief, sports.wallet].map((wallet) => wallet.hands()?.signer);
    const sold = find(user, sports.id).book.live.get(formatHex(syndicate.id));
    const above = find(user, exchange).book.inside.get(formatHex(sports.id));
    if (owner === undefined || operator === undefined) throw new Error("a wallet is locked");
    if (sold === undefined || above === undefined) throw new Error("nothing was sold");
    const id = sha256(syndicate.id);
    const terms = { owner: owner.publicKey, depositBps: 0, scriptHash: TRUE_SCRIPT_HASH };
    const leaf = createLeaf(id, { place: sold.place, ...terms }, 99);
    const tree = insist(takeSpace(createTree(above.leaf.lo, above.leaf.hi), sold.place, leaf));
    const rootsRoot = mapRoot(emptyMap());
    const nothing = sha256(new Uint8Array());
    const header: BlockHeader = {
      chainId: sports.id,
      height: 99,
      previousHash: nothing,
      stateBefore: nothing,
      stateAfter: computeChainState(treeRoot(tree), rootsRoot),
      updatesRoot: nothing,
      mainHeight: 1,
      time: 0n,
    };
    const key = keyOf({ id: sports.id, operator: operator.publicKey });
    const entries = () => find(user, exchange).book.descendants.get(key)?.entries ?? [];
    const post = {
      place: { kind: "chain", id: exchange } as const,
      chainId: sports.id,
      sequence: (entries().at(-1)?.sequence ?? 0) + 1,
      blockHash: hashBlockHeader(header),
    };
    const signature = await operator.sign("signPost", encodePost(post));
    const signed = { post, signer: operator.publicKey, signature };
    insist(await world.during(world.operator.ask({ kind: "post", signed })));
    while (entries().at(-1)?.sequence !== post.sequence) await world.mine();
    const entry = entries().at(-1);
    const proof = createAnchoredProof(above);
    if (entry === undefined || proof === undefined) throw new Error("nothing is recorded");
    const path = insist(proveLeaf(tree, sold.place));
    const { hops, top } = entry;
    const rival = { sequence: top.sequence, hops, headers: [header], rootsRoot, path };
    return draftClaim({
      chainId: exchange,
      line: [
        { leaf: above.leaf, proof, conditions: [] },
        { leaf, proof: rival, conditions: [] },
      ],
      script: TRUE_SCRIPT,
      state: undefined,
      scriptSig: new Uint8Array(),
      carrier: owner.publicKey,
    });
  }
});
