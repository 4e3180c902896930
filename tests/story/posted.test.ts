import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { decodeBlock, encodeBlock } from "../../src/blocks/block.ts";
import { buildBlock } from "../../src/blocks/buildBlock.ts";
import { postMapRoot } from "../../src/blocks/postMap.ts";
import type { BlockTransaction } from "../../src/blocks/transaction.ts";
import { decodeEvidence, encodeEvidence } from "../../src/client/evidence.ts";
import { createLocalSigner } from "../../src/client/localSigner.ts";
import { findObstacle } from "../../src/client/obstacle.ts";
import { createLine } from "../../src/client/ownProof.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { insist } from "../../src/lib/verdict.ts";
import { createServer } from "../../src/node/server/createServer.ts";
import { encodeBlockHeader, hashBlockHeader } from "../../src/protocol/blockHeader.ts";
import { TRUE_SCRIPT_HASH } from "../../src/protocol/script.ts";
import { encodeWitness } from "../../src/space/witness.ts";
import { createSnapshot } from "../../src/workers/snapshot/createSnapshot.ts";
import { beginStory, type Story } from "./footballStory.ts";
import { forgeBlock } from "./forge.ts";
import { keyOf, OPERATOR_URL, RULES, VEO } from "./localWorld.ts";
import { buySpace, find, nest, SPORTS } from "./nestedStory.ts";
import { turnLiar } from "./turnLiar.ts";

const JUDGE = fileURLToPath(new URL("../../scripts/judge.ts", import.meta.url));

/** Plain space for the reporter, who has nothing to do with it. */
function cash(story: Story, lo: bigint, hi: bigint): BlockTransaction {
  const owner = story.reporter.hands()?.signer.publicKey ?? new Uint8Array();
  const place = { lo, hi, conditions: [] };
  return {
    kind: "contract-new",
    contract: { place, owner, depositBps: 0, scriptHash: TRUE_SCRIPT_HASH },
  };
}

/** Blocks that hold, one after another on the operator's last, each with a contract of its own on free space. */
async function makeBlocks(story: Story, count: number) {
  const { state } = story.world.operator;
  const signer = createLocalSigner(keyOf(story.world.seed, "operator"), RULES.networkId);
  const made: { bytes: Uint8Array; hash: Uint8Array }[] = [];
  let content = { tree: state.tree, posts: state.descendants };
  let { tip } = state;
  for (let at = 0; at < count; at++) {
    const hi = state.chain.hi - BigInt(at);
    const draft = {
      transactions: [cash(story, hi - 1n, hi)],
      scripts: [],
      conditions: [],
      time: 0n,
    };
    const built = buildBlock(content, tip, draft, {
      rules: RULES,
      chain: state.chain,
      mainHeight: tip.mainHeight,
      mainHeader: () => undefined,
    });
    if (!built.ok) throw new Error(built.message);
    const { block, effects } = built.value;
    const { header } = block;
    const signature = await signer.sign("signBlock", encodeBlockHeader(header));
    const hash = hashBlockHeader(header);
    made.push({ bytes: encodeBlock({ ...block, signature }), hash });
    content = effects;
    tip = { hash, height: header.height, state: header.stateAfter, mainHeight: header.mainHeight };
  }
  return made;
}

/** The operator's next block, signed by him, in which he sells what the counterparty holds since the first block. */
async function sellAgain(story: Story) {
  const { world } = story;
  const { state } = world.operator;
  const last = (await world.operator.block(state.tip.height)) ?? new Uint8Array();
  const bytes = forgeBlock(last, keyOf(world.seed, "operator"), (block) => ({
    ...block,
    header: {
      ...block.header,
      height: state.tip.height + 1,
      previousHash: state.tip.hash,
      stateBefore: block.header.stateAfter,
    },
    transactions: [cash(story, 100n * VEO, 101n * VEO)],
    rootsRoot: postMapRoot(state.descendants),
    postProofs: [],
    witness: encodeWitness(state.tree),
    scripts: [],
    conditions: [],
  }));
  return { bytes, hash: hashBlockHeader(insist(decodeBlock(bytes)).header) };
}

/** What a process that has never seen the chain says of a file, with nothing but a main-chain node to ask. */
async function judgeElsewhere(story: Story, bytes: Uint8Array) {
  const folder = await mkdtemp(join(tmpdir(), "evidence-"));
  const options = { now: () => story.world.nowMs, giveCoins: undefined, mine: undefined };
  const server = createServer(story.world.node, options);
  try {
    const file = join(folder, "evidence.sortition");
    await writeFile(file, bytes);
    const url = await server.listen({ host: "127.0.0.1", port: 0 });
    const child = spawn(process.execPath, ["--import", "tsx", JUDGE, file, "--node", url]);
    let said = "";
    child.stdout.on("data", (text) => {
      said += text;
    });
    child.stderr.on("data", (text) => {
      said += text;
    });
    const code = await new Promise((resolve) => child.on("close", resolve));
    return { code, said };
  } finally {
    await server.close();
    await rm(folder, { recursive: true });
  }
}

/** The same evidence with a record that the main chain does not have. */
function moveRecord(file: Uint8Array): Uint8Array {
  const evidence = insist(decodeEvidence(file));
  const { proof } = evidence.breach;
  if (proof.kind !== "record") throw new Error("the evidence is of no record");
  const { record } = proof.entry;
  const entry = { ...proof.entry, record: { ...record, height: record.height + 1 } };
  return encodeEvidence({
    ...evidence,
    breach: { ...evidence.breach, proof: { ...proof, entry } },
  });
}

describe("an operator that posts a block where it may not stand", () => {
  it.each([
    ["NOT_HISTORY", 3],
    ["RUN_TOO_LONG", 65],
  ] as const)("is found out, and judged by whoever gets the file: %s", async (rule, count) => {
    const story = await beginStory(`posted ${rule}`);
    const { world, user, chainId } = story;
    await buySpace(story, user, chainId, 10n * VEO);
    await world.rest();
    const { posts } = world.operator.state;
    const old = posts.at(-2)?.blockHash ?? new Uint8Array();
    const blocks = await makeBlocks(story, count);
    const isOld = rule === "NOT_HISTORY";
    const hash = isOld ? old : (blocks.at(-1)?.hash ?? old);
    // Nobody else has to look.
    world.wallets.splice(0, world.wallets.length, user);
    await turnLiar(story, isOld ? [] : blocks.map(({ bytes }) => bytes), hash);
    await world.mine(2);
    const { breach } = story.chain().book;
    expect(breach).toMatchObject({ rule, proof: { kind: "record" } });
    const bought = await world.during(user.buySpace(chainId, VEO));
    expect(bought).toMatchObject({ ok: false, code: "NOT_SAFE" });
    const file = await user.tracker.evidence(chainId);
    if (file === undefined) throw new Error("no evidence was kept");
    const judged = await judgeElsewhere(story, file);
    expect(judged.said).toContain(`${rule} in block ${breach?.blockHeight}`);
    expect(judged.said).toContain(formatHex(story.chain().followed.facts.operator));
    expect(judged.code).toBe(0);
    if (isOld) {
      const elsewhere = await judgeElsewhere(story, moveRecord(file));
      expect(elsewhere).toMatchObject({ code: 1 });
      expect(elsewhere.said).toContain("NO_BREACH");
    }
    // Another wallet of the same holder finds the same in its own store, and again on the main chain.
    const reopened = await world.openWallet("user");
    expect(find(reopened, chainId).book.breach).toMatchObject({ rule });
    await reopened.sync();
    expect(find(reopened, chainId).book.breach).toMatchObject({ rule });
  });
});

describe("a chain that posts in one whose operator really posts a broken block", () => {
  it("is stopped, and the operator above is named; what was recorded before can be claimed", async () => {
    const story = await beginStory("broken anchor", undefined, 0, 100);
    const { world, user, chainId } = story;
    const terms = { name: "sports", url: SPORTS, parentUrl: OPERATOR_URL, parentId: chainId };
    const sports = await nest(story, { ...terms, width: 200n * VEO, anchorId: chainId });
    insist(await user.follow(SPORTS));
    await world.mine(2);
    const owned = await buySpace(story, user, sports.id, 15n * VEO);
    await world.rest();
    const { bytes, hash } = await sellAgain(story);
    const height = world.operator.state.tip.height + 1;
    await turnLiar(story, [bytes], hash);
    await world.mine(2);
    const chain = find(user, sports.id);
    const obstacle = findObstacle(chain, user.tracker, user.mainChain);
    expect(obstacle?.kind).toBe("broken");
    expect(obstacle?.chain.followed.url).toBe(OPERATOR_URL);
    expect(chain.book.breach).toBeUndefined();
    const why = `a chain above it broke the rule OCCUPIED in block ${height}`;
    const bought = await world.during(user.buySpace(sports.id, VEO));
    expect(bought).toMatchObject({ code: "NOT_SAFE", message: `nothing is bought while ${why}` });
    const changed = await world.during(user.updateTerms(owned.id));
    expect(changed).toMatchObject({ code: "NOT_SAFE", message: `nothing is signed while ${why}` });
    const snapshot = createSnapshot(user, {
      key: { kind: "unlocked", address: "", publicKey: formatHex(owned.owner) },
      owner: owned.owner,
      storage: { isPersisted: true, isFull: false },
    });
    const shown = snapshot.chains.find(({ id }) => id === formatHex(sports.id));
    expect(shown?.verdict).toMatchObject({
      kind: "broken",
      culprit: { id: formatHex(chainId), operatorUrl: OPERATOR_URL },
      rule: "OCCUPIED",
      blockHeight: height,
      transactionIndex: 0,
    });
    const contract = snapshot.contracts.find(({ id }) => id === formatHex(owned.id));
    expect(contract).toMatchObject({ standing: { kind: "verified" }, actions: [], stopped: why });
    const own = chain.book.own.get(formatHex(owned.id));
    expect(own && createLine(user.tracker.withAncestors(chain), own)).toMatchObject({ ok: true });
  });
});
