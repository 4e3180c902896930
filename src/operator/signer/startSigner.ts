import { fork } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { KEY_VARIABLE } from "../../headless/loadPrivateKey.ts";
import { formatHex, parseHex } from "../../lib/hex.ts";
import type { Verdict } from "../../lib/verdict.ts";
import type { SignerService } from "./signerService.ts";
import type { SigningRequest } from "./signerTable.ts";

/** A signer process that is up: its public key, and its service as seen from here. */
export type RunningSigner = SignerService & {
  readonly publicKey: Uint8Array;
  /** Rejects when the process ends without having been asked to. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
};

/** What the signer process is asked, each question under a number. */
export type SignerMessage = { readonly id: number } & (
  | { readonly sign: SigningRequest }
  | { readonly recall: readonly SigningRequest[] }
);

type Waiting = {
  readonly resolve: (answer: Verdict<never>) => void;
  readonly reject: (error: Error) => void;
};

type Message =
  | { readonly publicKey: string }
  | { readonly id: number; readonly answer: Verdict<never> };

/**
 * Start the signer process on its own data directory. Without a key file it takes the key from its
 * environment, which is taken out of ours. Rejects if it does not come up.
 */
export function startSigner(options: {
  readonly data: string;
  readonly networkId: Uint8Array;
  readonly keyFile: string | undefined;
}): Promise<RunningSigner> {
  const program = fileURLToPath(new URL("./signerProcess.ts", import.meta.url));
  const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  const key = options.keyFile === undefined ? [] : ["--key", options.keyFile];
  const flags = ["--data", options.data, "--network", formatHex(options.networkId), ...key];
  const { [KEY_VARIABLE]: named, ...rest } = process.env;
  const environment =
    options.keyFile === undefined && named !== undefined
      ? { ...rest, [KEY_VARIABLE]: named }
      : rest;
  const child = fork(program, flags, {
    env: environment,
    execArgv: ["--import", loader],
    serialization: "advanced",
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  // The key is the signer's alone: nothing that this process starts or prints from now on has it.
  delete process.env[KEY_VARIABLE];
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let isStopping = false;

  function ask<Answer>(
    question: { readonly sign: SigningRequest } | { readonly recall: readonly SigningRequest[] },
  ): Promise<Verdict<Answer>> {
    lastId += 1;
    const id = lastId;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      child.send({ id, ...question }, (error) => {
        // It has ended, and whether or not that is known here yet, nothing will come back.
        if (error !== null && waiting.delete(id)) reject(error);
      });
    });
  }

  return new Promise((resolveStart, rejectStart) => {
    let rejectFailed: (error: Error) => void = () => undefined;
    const failed = new Promise<never>((_, reject) => {
      rejectFailed = reject;
    });
    // Whoever does not look at it must not be ended by it.
    failed.catch(() => undefined);

    child.on("error", rejectStart);
    child.on("exit", (code, signal) => {
      const error = new Error(`the signer process ended with ${signal ?? `code ${code}`}`);
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
      rejectStart(error);
      if (!isStopping) rejectFailed(error);
    });
    child.on("message", (message: Message) => {
      if ("publicKey" in message) {
        resolveStart({
          publicKey: parseHex(message.publicKey),
          failed,
          sign: (request) => ask<Uint8Array>({ sign: request }),
          recall: (signed) => ask<null>({ recall: signed }),
          stop: () =>
            new Promise((resolve) => {
              isStopping = true;
              if (child.exitCode !== null || child.signalCode !== null) return resolve();
              child.once("exit", () => resolve());
              child.disconnect();
            }),
        });
        return;
      }
      const { resolve } = waiting.get(message.id) ?? {};
      waiting.delete(message.id);
      resolve?.(message.answer);
    });
  });
}
