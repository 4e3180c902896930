import { spawnSync } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatHex, parseHex } from "../../src/lib/hex.ts";
import { encodeUtf8 } from "../../src/lib/utf8.ts";
import { startSigner } from "../../src/operator/signer/startSigner.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import { createRules } from "../../src/protocol/rules.ts";
import { computePublicKey } from "../../src/protocol/signature.ts";
import { type Plant, plantSource } from "../reference/plantedSource.ts";
import { SeededRandom } from "../reference/seededRandom.ts";
import { holdsInMemory } from "./signer/memoryOf.ts";
import { listClosed, Memory, openMiningNode, RunningOperator } from "./signer/runningOperator.ts";
import { findDoubleSignatures } from "./signer/signatureLog.ts";
import { runUnderFire } from "./signer/signerUnderFire.ts";
import { pause, until } from "./signer/until.ts";

const SEED = Number(process.env.SIGNER_SEED ?? 1);
const SIGNER_KILLS = Number(process.env.SIGNER_KILLS ?? 12);
const OPERATOR_KILLS = Number(process.env.OPERATOR_KILLS ?? 5);
const isLinux = process.platform === "linux";

const WRITTEN_AFTERWARDS: Plant = {
  file: "operator/signer/signerTable.ts",
  from: "if (operations.length > 0) await store.commit(operations);",
  to: "if (operations.length > 0) setTimeout(() => void store.commit(operations), 5);",
};
const EQUAL_NONCE_TAKEN: Plant = {
  file: "operator/signer/signerTable.ts",
  from: "number > last) return accept(null)",
  to: "number >= last) return accept(null)",
};
const NEVER_SYNCED: Plant = {
  file: "disk/levelStore.ts",
  from: "encodeCommit(this.#commits)], { sync: true }",
  to: "encodeCommit(this.#commits)], { sync: false }",
};

describe.runIf(isLinux)("the signer as a process of its own", () => {
  it(`has signed nothing twice after ${SIGNER_KILLS} kills, of it or of who asks it`, async () => {
    const { wrong, counts } = await runUnderFire(new SeededRandom(SEED), SIGNER_KILLS);
    console.log(counts);
    expect(wrong).toEqual([]);
    for (const [what, count] of Object.entries(counts)) expect(count, what).toBeGreaterThan(0);
  });

  it.each([
    ["the table is written after the signature has left", WRITTEN_AFTERWARDS],
    ["a state of the same nonce is taken for a later one", EQUAL_NONCE_TAKEN],
  ])("is caught when %s", async (_, plant) => {
    const planted = await plantSource([plant]);
    try {
      const { wrong } = await runUnderFire(new SeededRandom(SEED), 10, planted.src);
      expect(wrong.length).toBeGreaterThan(0);
    } finally {
      await planted.remove();
    }
  });

  const hasStrace = spawnSync("strace", ["-V"]).status === 0;
  it.runIf(hasStrace)("syncs its table once for each signature asked for by itself", async () => {
    const SIGNATURES = 20;
    expect(await countSyncs(SIGNATURES)).toBeGreaterThanOrEqual(SIGNATURES);
    const planted = await plantSource([NEVER_SYNCED]);
    try {
      expect(await countSyncs(SIGNATURES, planted.src)).toBeLessThan(SIGNATURES);
    } finally {
      await planted.remove();
    }
  });
});

describe("a key that comes by the environment", () => {
  it("goes on to the signer alone: whatever else is started does not inherit it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "signer-"));
    const key = new Uint8Array(32).fill(5);
    process.env.SORTITION_OPERATOR_KEY = formatHex(key);
    const { networkId } = createRules(LOCAL_NETWORK);
    const signer = await startSigner({ data: folder, networkId, keyFile: undefined });
    try {
      expect(signer.publicKey).toEqual(computePublicKey(key));
      expect(process.env.SORTITION_OPERATOR_KEY).toBeUndefined();
      const { stdout } = spawnSync(process.execPath, ["-p", "JSON.stringify(process.env)"]);
      expect(stdout.toString()).not.toContain(formatHex(key));
    } finally {
      await signer.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
});

/** How often the kernel is asked to sync while the signer signs, one after another. */
async function countSyncs(signatures: number, src?: string): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "signer-"));
  const trace = join(folder, "trace");
  const source = src ?? fileURLToPath(new URL("../../src", import.meta.url));
  const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  const program = fileURLToPath(new URL("./signer/signOneByOne.ts", import.meta.url));
  const node = [process.execPath, "--import", loader, program];
  const flags = [source, join(folder, "table"), join(folder, "key"), String(signatures)];
  const traced = ["-f", "--seccomp-bpf", "-e", "trace=fdatasync,fsync", "-o", trace];
  try {
    const run = spawnSync("strace", [...traced, ...node, ...flags], { encoding: "utf8" });
    expect(run.status, run.stderr).toBe(0);
    const [, ...whileSigning] = (await readFile(trace, "utf8")).split("--- SIGUSR2");
    return whileSigning.join().split(/f(?:data)?sync\(/).length - 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe.runIf(isLinux)("the operator with his signer", () => {
  const random = new SeededRandom(SEED);
  const trader = new SeededRandom(77).bytes(32);
  const memory = new Memory();
  let node: Awaited<ReturnType<typeof openMiningNode>>;
  let folder = "";
  let data = "";

  const started: RunningOperator[] = [];
  const start = async (where: string) => {
    const operator = new RunningOperator(where, node.url, trader);
    started.push(operator);
    await operator.up();
    return operator;
  };

  beforeAll(async () => {
    node = await openMiningNode();
    folder = await mkdtemp(join(tmpdir(), "operator-"));
    data = join(folder, "data");
  });

  afterAll(async () => {
    for (const { process } of started) process.kill("SIGKILL");
    await node.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }, 60_000);

  it("never has the key in the operator's own process", async () => {
    const operator = await start(data);
    const hex = (await readFile(join(data, "key"), "utf8")).trim();
    const forms = [parseHex(hex), encodeUtf8(hex)];
    const { pid = 0 } = operator.process;
    expect(holdsInMemory(operator.signerPid ?? 0, forms)).toBe(true);
    expect(holdsInMemory(pid, forms)).toBe(false);
    operator.process.kill("SIGTERM");
    await operator.ended();
  });

  it(`loses nothing acknowledged and signs nothing twice in ${OPERATOR_KILLS} kills`, async () => {
    for (let kill = 0; kill < OPERATOR_KILLS; kill++) {
      const operator = await start(data);
      // All that was handed out before is there, to the byte.
      const served = await operator.blocks();
      expect(served.slice(0, memory.blocks.length)).toEqual(memory.blocks);
      for (const { id, last } of [...memory.contracts.values()].slice(-4)) {
        if (last === undefined) continue;
        const { nonce, script } = last.state;
        const again = await operator.propose(id, nonce, script);
        if (again.ok) expect(again.value).toEqual(last);
        // A later one may have been signed, and its answer lost with the process.
        else if (again.code !== "NO_SUCH_CONTRACT") expect(again.code).toBe("OLDER_STATE");
        // Nobody pays here: a contract may have lapsed, but never without a close in a block.
        else expect(listClosed(await operator.blocks())).toContain(formatHex(id));
      }
      const before = memory.signed.length;
      const trading = operator.trade(random, memory);
      await until("enough is signed", () => memory.signed.length > before + 5, trading);
      await pause(random.below(500));
      const { signerPid } = operator;
      const victim = random.below(3);
      if (victim > 0 && signerPid !== undefined) process.kill(signerPid, "SIGKILL");
      if (victim !== 1) operator.process.kill("SIGKILL");
      await operator.ended();
      await trading;
      expect(findDoubleSignatures(memory.all(node.posts))).toEqual([]);
    }
    const counts = {
      blocks: memory.blocks.length,
      states: memory.signed.filter(({ kind }) => kind === "state").length,
      posts: node.posts.length,
    };
    console.log(counts);
    for (const [what, count] of Object.entries(counts)) expect(count, what).toBeGreaterThan(1);
  });

  it.each([
    ["gone", (table: string) => rm(table, { recursive: true })],
    ["cut in the middle", (table: string) => changeLog(table, (size) => Math.floor(size / 2))],
    ["another key's", (_: string, key: string) => writeFile(key, `${"7".repeat(64)}\n`)],
    ["damaged", (table: string) => damageLog(table)],
  ])("does not start where the signer's table is %s", async (_, damage) => {
    const copy = join(folder, "copy");
    await cp(data, copy, { recursive: true, verbatimSymlinks: true });
    await damage(join(copy, "signer"), join(copy, "key"));
    await expect(start(copy)).rejects.toThrow("did not start");
    await rm(copy, { recursive: true });
  });

  it("makes no second block where his own rows were set back", async () => {
    const copy = join(folder, "copy");
    await cp(data, copy, { recursive: true, verbatimSymlinks: true });
    const operator = await start(data);
    // The copy may have a block that nobody has fetched, and another that is decided: he makes both again, the same.
    const known = (await operator.blocks()).length + 1;
    const trading = operator.trade(random, memory);
    await until("a block is new", () => memory.blocks.length > known, trading);
    operator.process.kill("SIGKILL");
    await operator.ended();
    await trading;

    await rm(join(data, "chain"), { recursive: true });
    await cp(join(copy, "chain"), join(data, "chain"), { recursive: true, verbatimSymlinks: true });
    const forgetful = new RunningOperator(data, node.url, trader);
    started.push(forgetful);
    // He may take back what has lapsed, and be stopped by that before he is up.
    const trade = () => forgetful.trade(random, new Memory());
    void forgetful.up().then(trade, () => undefined);
    await forgetful.ended();
    expect(forgetful.process.exitCode).toBe(1);
    expect(forgetful.said).toMatch(
      /the signer signs the decided block|the main chain has \d+ posts/,
    );
    expect(findDoubleSignatures(memory.all(node.posts))).toEqual([]);
  });
});

/** LevelDB's newest log, in which all of the table stands as long as it is small. */
async function findLog(table: string): Promise<string> {
  const names = (await readdir(join(table, "level"))).filter((name) => name.endsWith(".log"));
  return join(table, "level", names.sort().at(-1) ?? "");
}

async function changeLog(table: string, newSize: (size: number) => number): Promise<void> {
  const log = await findLog(table);
  await truncate(log, newSize((await readFile(log)).length));
}

async function damageLog(table: string): Promise<void> {
  const log = await findLog(table);
  const bytes = await readFile(log);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 0xff;
  await writeFile(log, bytes);
}
