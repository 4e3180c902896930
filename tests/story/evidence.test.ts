import { describe, expect, it } from "vitest";
import { decodeEvidence, encodeEvidence, judgeEvidence } from "../../src/client/evidence.ts";
import { createLocalSigner } from "../../src/client/localSigner.ts";
import { joinBytes } from "../../src/lib/bytes.ts";
import { sha256 } from "../../src/lib/hash.ts";
import { encodeUtf8 } from "../../src/lib/utf8.ts";
import { insist } from "../../src/lib/verdict.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import { createRules } from "../../src/protocol/rules.ts";
import { encodeWitness } from "../../src/space/witness.ts";
import { beginStory, type Story } from "./footballStory.ts";
import { forgeBlock, makeTwin, moveContracts } from "./forge.ts";
import { VEO } from "./localWorld.ts";

const SEED = "evidence";
const OPERATOR_KEY = sha256(encodeUtf8(`${SEED}:operator`));

/** Let the operator lie once, in the next block; only the user looks while the lie is told. */
async function tellLie(kind: "overlap" | "twin"): Promise<Story> {
  const story = await beginStory(SEED);
  const { tree } = story.world.operator.state;
  const height = story.chain().book.tip.height + 1;
  let hasLied = false;
  story.world.tamper = (at, bytes) => {
    if (at !== height || hasLied) return bytes;
    hasLied = true;
    const place = { lo: 100n * VEO, hi: 200n * VEO };
    return forgeBlock(bytes, OPERATOR_KEY, (block) =>
      kind === "twin" ? makeTwin(block) : moveContracts(block, place, encodeWitness(tree)),
    );
  };
  const buyer = story.reporter.hands()?.signer.publicKey ?? new Uint8Array();
  const asked = story.world.operator.ask({ kind: "purchase", buyer, width: 10n * VEO });
  story.world.wallets.splice(0, story.world.wallets.length, story.user);
  insist(await story.world.during(asked));
  return story;
}

async function catchLie(kind: "overlap" | "twin"): Promise<Story> {
  const story = await tellLie(kind);
  await story.world.mine(3);
  expect(story.chain().book.breach).toBeDefined();
  return story;
}

/** All is read once more for another key. */
async function attachOther(story: Story): Promise<Uint8Array> {
  const key = sha256(encodeUtf8("another key"));
  const other = createLocalSigner(key, createRules(LOCAL_NETWORK).networkId);
  await story.user.attachSigner(other);
  return other.publicKey;
}

async function evidenceOf(story: Story) {
  const bytes = await story.user.tracker.evidence(story.chainId);
  if (bytes === undefined) throw new Error("no evidence was kept");
  const chain = story.chain().followed.facts;
  const known = { rules: createRules(LOCAL_NETWORK), chain, isRecorded: () => false };
  return { bytes, known };
}

describe.each(["overlap", "twin"] as const)("the evidence of a lie: %s", (kind) => {
  it("says the same rule to whoever judges it, and accuses nobody once it is changed", async () => {
    const story = await catchLie(kind);
    const { bytes, known } = await evidenceOf(story);
    const breach = story.chain().book.breach;
    expect(judgeEvidence(bytes, known)).toEqual({ ok: true, value: breach });
    const { chain } = known;
    expect(judgeEvidence(bytes, { ...known, chain: { ...chain, hi: chain.hi - 1n } }).ok).toBe(
      false,
    );
    const body = bytes.slice(0, -32);
    let accusations = 0;
    for (let at = 0; at < body.length; at += 3) {
      const changed = Uint8Array.from(body, (byte, index) => (index === at ? byte ^ 4 : byte));
      const judged = judgeEvidence(joinBytes([changed, sha256(changed)]), known);
      if (!judged.ok) continue;
      accusations += 1;
      // What still stands says the very same of the same block: the change was in what nobody is accused by.
      expect(judged.value).toMatchObject({ rule: breach?.rule, blockHeight: breach?.blockHeight });
    }
    expect(accusations).toBeLessThan(body.length / 6);
  });

  it("accuses no honest operator, whatever he is said to have done", async () => {
    const story = await catchLie(kind);
    const { bytes, known } = await evidenceOf(story);
    const evidence = insist(decodeEvidence(bytes));
    const { proof } = evidence.breach;
    const honest = await story.world.operator.block(evidence.breach.blockHeight);
    if (honest === undefined) throw new Error("the operator has no such block");
    const swapped =
      proof.kind === "block"
        ? ({ ...proof, block: honest } as const)
        : proof.kind === "twoBlocks"
          ? ({ ...proof, first: proof.second } as const)
          : proof;
    const file = encodeEvidence({ ...evidence, breach: { ...evidence.breach, proof: swapped } });
    expect(judgeEvidence(file, known)).toMatchObject({ ok: false, code: "NO_BREACH" });
  });

  it("outlives the lie: the truth, told afterwards, and another main-chain block change nothing", async () => {
    const story = await catchLie(kind);
    const { breach } = story.chain().book;
    await story.world.mine(3);
    expect(story.chain().book.breach).toEqual(breach);
    const bought = await story.world.during(story.user.buySpace(story.chainId, 10n * VEO));
    expect(bought).toMatchObject({ ok: false, code: "NOT_SAFE" });
    expect(story.user.hands()?.outbox.pendingCount()).toBe(0);
    // This time the operator tells nothing but the truth.
    const owner = await attachOther(story);
    await story.world.mine(2);
    expect(story.chain().book.scope.owner).toEqual(owner);
    expect(story.chain().book.breach).toEqual(breach);
  });
});

describe("a block that is shown once, and never posted", () => {
  it("is found in another reading of the chain, though no record of it is there yet", async () => {
    const story = await tellLie("twin");
    const { height } = story.chain().book.tip;
    for (let round = 0; story.chain().book.tip.height === height && round < 20; round++) {
      await story.world.during(story.user.sync());
    }
    expect(story.chain().book.breach).toBeUndefined();
    await attachOther(story);
    await story.world.during(story.user.sync());
    expect(story.chain().book.breach).toMatchObject({
      rule: "EQUIVOCATION",
      blockHeight: height + 1,
    });
  });
});
