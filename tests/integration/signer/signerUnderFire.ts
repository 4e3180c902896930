import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { SeededRandom } from "../../reference/seededRandom.ts";
import { findDoubleSignatures, type LogLine, readLog } from "./signatureLog.ts";
import { pause } from "./until.ts";

const LOADER = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const LOAD = fileURLToPath(new URL("./signerLoad.ts", import.meta.url));
const SOURCE = fileURLToPath(new URL("../../../src", import.meta.url));
/** A load that is killed in its first breath has not signed anything yet. */
const START_MS_MAX = 400;
const WORK_MS_MAX = 150;

/** What happened while signatures were asked for; a green result says nothing where one of these is 0. */
export type FireCounts = {
  killedSigners: number;
  killedOperators: number;
  killedWhileStarting: number;
  signatures: number;
};

/** What went wrong, and what happened on the way. */
export type FireReport = { readonly wrong: readonly string[]; readonly counts: FireCounts };

/** The processes that `pid` has started and that live. */
export function childrenOf(pid: number): number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8").trim().split(" ").filter(Boolean).map(Number);
}

/**
 * Kill the signer, or the process that asks it, `kills` times while states, blocks and posts are signed, and
 * compare all that ever came back. `src`: the sources to run.
 */
export async function runUnderFire(
  random: SeededRandom,
  kills: number,
  src = SOURCE,
): Promise<FireReport> {
  const folder = await mkdtemp(join(tmpdir(), "signer-"));
  const logFile = join(folder, "log");
  const paths = [join(folder, "table"), join(folder, "key"), logFile];
  const counts = { killedSigners: 0, killedOperators: 0, killedWhileStarting: 0, signatures: 0 };
  const wrong: string[] = [];
  const lines = async (): Promise<LogLine[]> => readLog(await readFile(logFile, "utf8"));
  let load: ChildProcess | undefined;
  try {
    for (let kill = 0; kill < kills && wrong.length === 0; kill++) {
      load ??= startLoad([src, ...paths, String(1 + random.below(0x7fff_ffff))]);
      const plan = random.below(4);
      const isStarting = plan === 0 && kill > 0;
      if (isStarting) await pause(random.below(START_MS_MAX));
      else {
        const broken = await untilUp(load);
        if (broken !== undefined) wrong.push(broken);
        await pause(random.below(WORK_MS_MAX));
      }
      const [signer] = childrenOf(load.pid ?? 0);
      if (isStarting) counts.killedWhileStarting += 1;
      if (plan < 3 && signer !== undefined) {
        process.kill(signer, "SIGKILL");
        counts.killedSigners += 1;
      } else {
        load.kill("SIGKILL");
        counts.killedOperators += 1;
        if (load.exitCode === null && load.signalCode === null) await once(load, "exit");
        load = undefined;
      }
      wrong.push(...findDoubleSignatures(await lines()));
    }
    counts.signatures = (await lines()).length;
    return { wrong, counts };
  } finally {
    load?.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}

type Told = { readonly kind: "up" | "ended" | "broken"; readonly why?: string };

function startLoad(args: readonly string[]): ChildProcess {
  const stdio = ["ignore", "ignore", "ignore", "ipc"] as const;
  return spawn(process.execPath, ["--import", LOADER, LOAD, ...args], { stdio: [...stdio] });
}

/** Until the signer is up and has been found to remember; or what was wrong with that. */
async function untilUp(load: ChildProcess): Promise<string | undefined> {
  const ended = once(load, "exit").then((): Told => ({ kind: "broken", why: "the load ended" }));
  for (;;) {
    const next = once(load, "message").then(([message]) => message as Told);
    const told = await Promise.race([next, ended]);
    if (told.kind === "up") return undefined;
    if (told.kind === "broken") return told.why;
  }
}
