import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Engine, openStore } from "../../../src/disk/openStore.ts";
import { openRowStore } from "../../../src/operator/store/openRowStore.ts";
import { makeTemporaryDirectory } from "./temporaryDirectory.ts";

const HOLDER = fileURLToPath(new URL("lockHolder.ts", import.meta.url));
const damaged = { name: "DiskError", code: "DAMAGED" };
const locked = { name: "DiskError", code: "LOCKED" };

async function startHolder(
  directory: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<{ child: ChildProcess; answer: string }> {
  const child = spawn(process.execPath, ["--import", "tsx", HOLDER, directory], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, ...environment },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [answer] = await once(child.stdout, "data");
  return { child, answer: String(answer).trim() };
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

async function writeCommits(directory: string, engine: Engine, count: number): Promise<void> {
  const store = await openStore(directory, engine);
  for (let i = 0; i < count; i++) {
    const value = new Uint8Array(200).fill(i);
    await store.commit([{ kind: "put", key: `k${i}`, value }]);
  }
  await store.close();
}

function flipByte(path: string, at: number): void {
  const content = readFileSync(path);
  content[at] = (content[at] as number) ^ 255;
  writeFileSync(path, content);
}

describe("a store's directory", () => {
  it("is made, with LevelDB where nothing else was asked for", async () => {
    const directory = join(makeTemporaryDirectory(), "a", "b");
    await (await openStore(directory)).close();
    expect(readFileSync(join(directory, "engine"), "utf8")).toBe("level\n");
  });

  it("gets the log where LevelDB's binary cannot be loaded", async () => {
    const directory = makeTemporaryDirectory();
    const withoutBinary = { CLASSIC_LEVEL_PREBUILD: directory };
    const { child, answer } = await startHolder(directory, withoutBinary);
    expect(answer).toBe("OPEN");
    expect(readFileSync(join(directory, "engine"), "utf8")).toBe("log\n");
    await kill(child);

    const inLevel = makeTemporaryDirectory();
    await writeCommits(inLevel, "level", 1);
    expect((await startHolder(inLevel, withoutBinary)).answer).toBe("FAILED");
  });

  it("stays with the engine that it began with", async () => {
    const directory = makeTemporaryDirectory();
    await writeCommits(directory, "log", 1);
    const store = await openStore(directory, "level");
    expect(await store.get("k0")).toEqual(new Uint8Array(200));
    await store.close();
    expect(readdirSync(directory).filter((name) => !name.startsWith("lock."))).toEqual([
      "engine",
      "log",
    ]);
  });

  it.each<Engine>(["level", "log"])("is damaged without its %s", async (engine) => {
    const directory = makeTemporaryDirectory();
    await writeCommits(directory, engine, 1);
    for (const name of readdirSync(join(directory, engine))) rmSync(join(directory, engine, name));
    await expect(openStore(directory)).rejects.toMatchObject(damaged);
    rmSync(join(directory, engine), { recursive: true });
    await expect(openStore(directory)).rejects.toMatchObject(damaged);
    writeFileSync(join(directory, "engine"), "other\n");
    await expect(openStore(directory)).rejects.toMatchObject(damaged);
  });

  it.each<Engine>(["level", "log"])(
    "is damaged by a wrong byte in the middle of its %s",
    async (engine) => {
      const directory = makeTemporaryDirectory();
      await writeCommits(directory, engine, 400);
      const folder = join(directory, engine);
      const name =
        readdirSync(folder).find((file) => file === "log" || file.endsWith(".log")) ?? "";
      flipByte(join(folder, name), 40_000);
      await expect(openStore(directory)).rejects.toMatchObject(damaged);
    },
  );

  it("is refused while it is open in this process, and free after that", async () => {
    const directory = makeTemporaryDirectory();
    const store = await openStore(directory);
    await expect(openStore(join(directory, ".", ""))).rejects.toMatchObject(locked);
    await store.close();
    await (await openStore(directory)).close();
    expect(readdirSync(directory).filter((name) => name.startsWith("lock.")).length).toBe(1);
  });

  it("is refused while another process lives that has it, and taken over when that is dead", async () => {
    const directory = makeTemporaryDirectory();
    const { child, answer } = await startHolder(directory);
    expect(answer).toBe("OPEN");
    await expect(openStore(directory)).rejects.toMatchObject({
      ...locked,
      message: expect.stringContaining(String(child.pid)),
    });
    await kill(child);
    await (await openStore(directory)).close();
  });

  it("is taken over by one only of many that find a dead holder", async () => {
    const directory = makeTemporaryDirectory();
    const { child } = await startHolder(directory);
    await kill(child);
    const rivals = await Promise.all(Array.from({ length: 4 }, () => startHolder(directory)));
    expect(rivals.map(({ answer }) => answer).sort()).toEqual([
      "LOCKED",
      "LOCKED",
      "LOCKED",
      "OPEN",
    ]);
  });

  it("is taken over from a process whose pid another one has now", async () => {
    const directory = makeTemporaryDirectory();
    // The parent of this process lives, but it has not started at tick 1 of another boot.
    symlinkSync(`${process.ppid} other-boot 1`, join(directory, "lock.7"));
    await (await openStore(directory)).close();
    symlinkSync(`${process.pid} other-boot 1`, join(directory, "lock.12"));
    await (await openStore(directory)).close();
  });

  it.runIf(process.platform === "linux")(
    "is taken over from a process that has ended, though nobody has asked how",
    async () => {
      const directory = makeTemporaryDirectory();
      // The shell becomes a program that never waits for the child it has started, which is ended only then.
      const parent = spawn("sh", ["-c", "sleep 100 & echo $!; exec sleep 100"]);
      onTestFinished(() => void parent.kill("SIGKILL"));
      const [said] = (await once(parent.stdout, "data")) as [Buffer];
      const pid = said.toString().trim();
      await expect
        .poll(() => readFileSync(`/proc/${parent.pid}/comm`, "utf8").trim(), { timeout: 10_000 })
        .toBe("sleep");
      process.kill(Number(pid), "SIGKILL");
      const readStat = () => {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      };
      await expect.poll(() => readStat()[0], { timeout: 10_000 }).toBe("Z");
      const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
      symlinkSync(`${pid} ${boot} ${readStat()[19]}`, join(directory, "lock.3"));
      await (await openStore(directory)).close();
    },
  );
});

describe("the operator's rows", () => {
  it("are kept in a store", async () => {
    const directory = makeTemporaryDirectory();
    const rows = await openRowStore(directory);
    await rows.commit([{ kind: "put", key: "block:1", value: Uint8Array.of(1) }]);
    await rows.commit([{ kind: "put", key: "a", value: Uint8Array.of(2) }]);
    await rows.close();
    const again = await openRowStore(directory);
    expect(await again.rows()).toEqual([
      ["a", Uint8Array.of(2)],
      ["block:1", Uint8Array.of(1)],
    ]);
    expect(await again.get("block:1")).toEqual(Uint8Array.of(1));
    await again.close();
  });
});
