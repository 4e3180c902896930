import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

type Up = Readonly<Record<string, string>>;

/** A program of ours that runs as a process of its own. */
export type Running = {
  readonly name: string;
  readonly child: ChildProcess;
  /** What it said when it was up. */
  readonly up: Up;
  /** Ask it to end, and wait until it has. */
  stop(): Promise<void>;
  /** End it without a word, as a power cut does. */
  kill(): Promise<void>;
};

/** What a program says on the way up. */
export type ProcessMessage =
  | { readonly kind: "waiting" }
  | { readonly kind: "says"; readonly words: string };

const LOADER = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

/**
 * Start `src/<program>` and wait until it is up. Rejects with what it wrote if it ends before.
 *
 * @param onEnd - called if it ends without having been asked to.
 */
export async function startProcess(options: {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly onEnd?: (why: string) => void;
  /** Ends it while it is not up yet. */
  readonly signal?: AbortSignal;
  /** Called at once with the process. */
  readonly onStart?: (child: ChildProcess) => void;
  /** Called with what it says before it is up: that it waits for a main-chain block, and why in words. */
  readonly onMessage?: (message: ProcessMessage, child: ChildProcess) => void;
}): Promise<Running> {
  const { name, program, args, env = {}, onStart, onEnd, onMessage, signal } = options;
  const file = fileURLToPath(new URL(`../../src/${program}`, import.meta.url));
  const child = spawn(process.execPath, ["--import", LOADER, file, ...args], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: { ...process.env, ...env },
    ...(signal === undefined ? {} : { signal }),
  });
  onStart?.(child);
  let written = "";
  const keep = (chunk: Buffer) => {
    written = (written + chunk.toString()).slice(-8_000);
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  let isStopping = false;

  const up = await new Promise<Up>((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`${name} ended with ${code}\n${written}`)));
    child.once("error", reject);
    child.on("message", (message: ProcessMessage | ({ readonly kind: "up" } & Up)) => {
      if (message.kind === "up") resolve(message);
      else onMessage?.(message, child);
    });
  });
  child.on("exit", (code) => {
    if (!isStopping && signal?.aborted !== true) onEnd?.(`${name} ended with ${code}\n${written}`);
  });
  async function end(signal: NodeJS.Signals): Promise<void> {
    isStopping = true;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }
  return {
    name,
    child,
    up,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
  };
}
