import { describe, expect, it } from "vitest";
import { decodeEvidence, encodeEvidence } from "../../src/client/evidence.ts";
import { createLine } from "../../src/client/ownProof.ts";
import type { Signer } from "../../src/client/ports.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { insist, type Verdict } from "../../src/lib/verdict.ts";
import { decodeProofFile, encodeProofFile } from "../../src/proof/proofFile.ts";
import { verifyProofFile } from "../../src/proof/verifyProofFile.ts";
import { encodeWitness } from "../../src/space/witness.ts";
import { exportContract } from "../../src/workers/exportContract.ts";
import { createSnapshot } from "../../src/workers/snapshot/createSnapshot.ts";
import { beginStory, type Story } from "./footballStory.ts";
import { forgeBlock, moveContracts } from "./forge.ts";
import { GENESIS, keyOf, RULES, VEO } from "./localWorld.ts";
import { buySpace, find } from "./nestedStory.ts";

const SEED = "holder";

/** The user's signer, and every purpose that it was asked to sign for. */
function watchSigner(story: Story) {
  const signer = story.world.signerOf("user");
  const asked: string[] = [];
  const watched: Signer = {
    publicKey: signer.publicKey,
    sign: (tag, body) => {
      asked.push(tag);
      return signer.sign(tag, body);
    },
  };
  return { watched, asked };
}

/** The user holds space and is offered a price for it; then his operator sells space twice. */
async function breakChain() {
  const story = await beginStory(SEED);
  const { world, user, chainId } = story;
  const owned = await buySpace(story, user, chainId, 40n * VEO);
  const offer = insist(await world.during(user.quoteSale(owned.id)));
  const { watched, asked } = watchSigner(story);
  await user.attachSigner(watched);
  const height = story.chain().book.tip.height + 1;
  const { tree } = world.operator.state;
  world.tamper = (at, bytes) =>
    at === height
      ? forgeBlock(bytes, keyOf(SEED, "operator"), (block) =>
          moveContracts(block, { lo: 0n, hi: VEO }, encodeWitness(tree)),
        )
      : bytes;
  const buyer = story.reporter.hands()?.signer.publicKey ?? new Uint8Array();
  insist(await world.during(world.operator.ask({ kind: "purchase", buyer, width: VEO })));
  await world.mine(2);
  expect(story.chain().book.breach).toMatchObject({ rule: "OCCUPIED", blockHeight: height });
  asked.length = 0;
  return { story, owned, offer, asked, height };
}

describe("the holder of a contract in a chain that broke a rule", () => {
  it("signs nothing more for it, whatever he asks for, and is told why", async () => {
    const { story, owned, offer, asked, height } = await breakChain();
    const { world, user, chainId, oracleId, counterparty } = story;
    const other = counterparty.hands()?.signer.publicKey ?? new Uint8Array();
    const why = `the chain broke the rule OCCUPIED in block ${height}`;
    const wishes: Record<string, () => Promise<Verdict<unknown>>> = {
      updateTerms: () => user.updateTerms(owned.id),
      quoteSale: () => user.quoteSale(owned.id),
      sell: () => user.sell(chainId, offer),
      acquire: () => user.acquire(chainId, offer, other),
      handOver: () => user.handOver(owned.id, other),
      seal: () => user.seal(owned.id, { kind: "mainChain" }),
      buySpace: () => user.buySpace(chainId, VEO),
      placeBet: () => user.placeBet(chainId, oracleId, "yes", VEO),
    };
    for (const [wish, ask] of Object.entries(wishes)) {
      const answer = await world.during(ask());
      expect(answer, wish).toMatchObject({ ok: false, code: "NOT_SAFE" });
      expect(answer.ok || answer.message, wish).toContain(why);
    }
    await world.mine(2);
    expect(asked).toEqual([]);
    const snapshot = createSnapshot(user, {
      key: { kind: "unlocked", address: "", publicKey: formatHex(owned.owner) },
      owner: owned.owner,
      storage: { isPersisted: true, isFull: false },
    });
    const shown = snapshot.contracts.find(({ id }) => id === formatHex(owned.id));
    expect(shown).toMatchObject({
      state: "held",
      standing: { kind: "verified" },
      actions: [],
      stopped: why,
    });
  });

  it("keeps all that it takes to claim it, and shows it in a file with the breach beside it", async () => {
    const { story, owned, height } = await breakChain();
    const { user, chainId } = story;
    const chain = find(user, chainId);
    const own = chain.book.own.get(formatHex(owned.id));
    expect(own && createLine(user.tracker.withAncestors(chain), own)).toMatchObject({ ok: true });
    const file = insist(await exportContract(user, RULES, formatHex(owned.id)));
    const trust = { rules: RULES, genesis: GENESIS.header };
    const { breaches } = insist(verifyProofFile(file, trust));
    expect(breaches).toMatchObject([{ chainId, rule: "OCCUPIED", blockHeight: height }]);
    const shown = insist(decodeProofFile(file));
    const [evidence] = shown.evidence;
    if (evidence === undefined) throw new Error("the file has no evidence");
    const accused = insist(decodeEvidence(evidence));
    const other = encodeEvidence({ ...accused, chain: { ...accused.chain, id: owned.id } });
    const forged = encodeProofFile({ ...shown, evidence: [other] });
    expect(verifyProofFile(forged, trust)).toMatchObject({ ok: false, code: "OTHER_CHAIN" });
  });
});
