import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Running } from "../../scripts/network/startProcess.ts";
import { DrivenNetwork, keyOf } from "../../scripts/scenario/drivenNetwork.ts";
import { OPERATOR_PATHS } from "../../src/api/operatorApi.ts";
import { postForm, sealRequestForm } from "../../src/api/operatorApiJson.ts";
import { decodeBlock } from "../../src/blocks/block.ts";
import { decodeHeader, hashHeader } from "../../src/chain/header/header.ts";
import { readAccountRecord } from "../../src/chain/state/accountRecord.ts";
import { equalBytes } from "../../src/lib/bytes.ts";
import { decode } from "../../src/lib/codec.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { verifyMapProof } from "../../src/lib/map/mapProof.ts";
import { insist } from "../../src/lib/verdict.ts";
import { createMainChainSource } from "../../src/network/mainChainSource.ts";
import { computeContractId } from "../../src/protocol/contractNew.ts";
import { STATE_MAPS } from "../../src/protocol/factEvidence.ts";
import { computeAccountKey } from "../../src/protocol/keys.ts";
import { encodePost } from "../../src/protocol/post.ts";
import { encodeSeal } from "../../src/protocol/seal.ts";
import { computePublicKey } from "../../src/protocol/signature.ts";
import { SeededRandom } from "../reference/seededRandom.ts";
import { Memory, Traders } from "./signer/runningOperator.ts";
import { findDoubleSignatures, type Signed } from "./signer/signatureLog.ts";
import { childrenOf } from "./signer/signerUnderFire.ts";
import { pause, until } from "./signer/until.ts";
import { tapWire } from "./wireTap.ts";

const SEED = "nested-kills";
const VEO = 100_000_000n;
/** All of the exchange: wherever the point falls, it is in the chain inside. */
const WIDTH = 1_000n * VEO;
const EXPIRY = 80;
const KILLS_ON_THE_WAY = Number(process.env.KILLS_ON_THE_WAY ?? 3);
const KILLS_AT_WORK = Number(process.env.KILLS_AT_WORK ?? 2);
const isLinux = process.platform === "linux";

describe.runIf(isLinux)("the operator of a chain inside another, as processes", () => {
  const random = new SeededRandom(Number(process.env.SIGNER_SEED ?? 1));
  const trader = keyOf(SEED, "trader");
  const operatorKey = computePublicKey(keyOf(SEED, "nested"));
  const memory = new Memory();
  let network: DrivenNetwork;
  let tap: Awaited<ReturnType<typeof tapWire>>;
  let folder = "";

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "nested-"));
    network = new DrivenNetwork(SEED, folder);
    await network.start();
    await network.startExchange(EXPIRY, []);
    tap = await tapWire(network.operatorUrl);
  }, 60_000);

  afterAll(async () => {
    await network.stop();
    tap.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }, 60_000);

  /**
   * Start it; who is killed may have left a signer that has the table for a moment.
   *
   * @param doom - kill it so many milliseconds after it has waited for so many blocks.
   * @returns undefined if it was killed on the way up.
   */
  async function start(doom?: {
    readonly waits: number;
    readonly ms: number;
  }): Promise<Running | undefined> {
    const flags = ["--parent", tap.url, "--buy", String(WIDTH), "--anchor", "parent", "--faucet"];
    for (let tried = 0; ; tried++) {
      let isKilled = false;
      try {
        return await network.startNested("nested", flags, (child) => {
          let waits = 0;
          child.on("message", ({ kind }: { readonly kind: string }) => {
            if (kind === "waiting") waits += 1;
            if (kind !== "waiting" || waits !== doom?.waits) return;
            setTimeout(() => {
              isKilled = child.kill("SIGKILL");
            }, doom.ms);
          });
        });
      } catch (error) {
        if (isKilled) return undefined;
        if (tried === 5) throw error;
      }
    }
  }

  async function startUnharmed(): Promise<Running> {
    const running = await start();
    if (running === undefined) throw new Error("nobody killed it, and it did not come up");
    return running;
  }

  /** All that it has ever signed for the chain above: posts and seals, whether or not they were taken. */
  function listSaid(): Signed[] {
    return tap.posted().flatMap(({ path, body }): Signed[] => {
      if (path === OPERATOR_PATHS.posts) {
        const { post } = insist(postForm.read(JSON.parse(body)));
        const [number, words] = [post.sequence, formatHex(encodePost(post))];
        return [{ place: `post ${number}`, kind: "post", series: "post", number, body: words }];
      }
      if (path === OPERATOR_PATHS.seals) {
        const { seal } = insist(sealRequestForm.read(JSON.parse(body)));
        const series = `seal ${formatHex(seal.seenBlock)}`;
        const words = formatHex(encodeSeal(seal));
        return [{ place: series, kind: "seal", series, number: 0, body: words }];
      }
      return [];
    });
  }

  /** What the exchange's blocks show of the operator inside: contracts that were made for his key, and seals. */
  async function readExchange() {
    const blocks = await new Traders(network.operatorUrl, trader).blocks();
    const own = new Set<string>();
    const ranges = new Set<bigint>();
    let seals = 0;
    for (const { header, transactions } of blocks.map((bytes) => insist(decodeBlock(bytes)))) {
      transactions.forEach((transaction, index) => {
        if (transaction.kind === "contract-seal") seals += 1;
        if (transaction.kind !== "contract-new") return;
        const { contract } = transaction;
        if (!equalBytes(contract.owner, operatorKey)) return;
        const { chainId, previousHash } = header;
        own.add(formatHex(computeContractId(chainId, previousHash, index, contract)));
        ranges.add(contract.place.lo);
      });
    }
    return { own, ranges, seals };
  }

  it(`buys and seals once, killed ${KILLS_ON_THE_WAY} times on the way`, async () => {
    let killed = 0;
    for (let life = 0; life < KILLS_ON_THE_WAY; life++) {
      const running = await start({ waits: 1 + random.below(6), ms: random.below(300) });
      if (running === undefined) killed += 1;
      else await network.kill(running);
    }
    expect(killed).toBeGreaterThan(0);
    const running = await startUnharmed();
    const { own, ranges, seals } = await readExchange();
    // The leaf that was paid, and the plain space that it became, on one range.
    expect(own).toContain(running.up.chainId);
    expect(own.size).toBe(2);
    expect(ranges.size).toBe(1);
    expect(seals).toBe(1);
    expect(findDoubleSignatures(listSaid())).toEqual([]);
    await network.kill(running);
  });

  it(`loses nothing acknowledged and signs nothing twice, killed ${KILLS_AT_WORK} times at work`, async () => {
    for (let life = 0; life < KILLS_AT_WORK; life++) {
      const running = await startUnharmed();
      network.leave(running);
      const traders = new Traders(running.up.address ?? "", trader);
      // All that was handed out before is there, to the byte.
      const served = await traders.blocks();
      expect(served.slice(0, memory.blocks.length)).toEqual(memory.blocks);
      for (const { id, last } of [...memory.contracts.values()].slice(-4)) {
        if (last === undefined) continue;
        const again = await traders.propose(id, last.state.nonce, last.state.script);
        if (again.ok) expect(again.value).toEqual(last);
        else expect(["OLDER_STATE", "NO_SUCH_CONTRACT"]).toContain(again.code);
      }
      const before = memory.signed.length + listSaid().length;
      const isBusy = () => memory.signed.length + listSaid().length > before + 5;
      const trading = traders.trade(random, memory);
      const victim = random.below(2) === 0 ? childrenOf(running.child.pid ?? 0)[0] : undefined;
      for (let blocks = 0; blocks < 3 || !isBusy(); blocks++) {
        // A trade that was cut brings nothing more.
        expect(network.height).toBeLessThan(EXPIRY);
        await network.mine(1);
        if (running.child.connected) running.child.send({ kind: "turn" });
      }
      // While the next block is on its way out, or just after.
      const known = memory.blocks.length;
      const isOut = () => memory.blocks.length > known || !running.child.connected;
      await until("the next block is out", isOut, trading);
      await pause(random.below(10));
      if (victim !== undefined) process.kill(victim, "SIGKILL");
      await running.kill();
      await trading;
      expect(findDoubleSignatures([...memory.signed, ...listSaid()])).toEqual([]);
    }
    const counts = {
      blocks: memory.blocks.length,
      states: memory.signed.filter(({ kind }) => kind === "state").length,
      posts: listSaid().filter(({ kind }) => kind === "post").length,
    };
    for (const [what, count] of Object.entries(counts)) expect(count, what).toBeGreaterThan(0);
  });

  it("claims what it did not sell and ends both chains by itself", async () => {
    const running = await startUnharmed();
    await network.mine(EXPIRY - network.height);
    await network.mine(3 + 2 * (1 + 12) + 24 + 2);
    // What he paid for the space went to the exchange; the prize is what he has now.
    expect(await readBalance(network.nodeUrl, operatorKey)).toBeGreaterThan(WIDTH);
    await running.stop();
  });
});

/** What a node proves of an account under its tip, satoshi. */
async function readBalance(nodeUrl: string, owner: Uint8Array): Promise<bigint> {
  const node = createMainChainSource(nodeUrl);
  const tip = insist(decodeHeader((await node.headers(0, 2_000)).at(-1) ?? new Uint8Array()));
  const key = computeAccountKey(owner);
  const { mapRoots, proof } = await node.prove("accounts", key, hashHeader(tip));
  const root = mapRoots[STATE_MAPS.indexOf("accounts")] ?? new Uint8Array();
  const bytes = insist(verifyMapProof(root, key, proof));
  return bytes === undefined ? 0n : insist(decode(bytes, readAccountRecord)).balance;
}
