import { mkdtemp, readFile, rm } from "node:fs/promises";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test as base } from "@playwright/test";
import { serveWallet } from "../../scripts/network/serveWallet.ts";
import { type LocalNetwork, startNetwork } from "../../scripts/network/startNetwork.ts";
import type { SortitionBlock } from "../../src/blocks/block.ts";
import { parseHex } from "../../src/lib/hex.ts";
import { forgeBlock } from "../story/forge.ts";
import { startLongFront } from "./longFront.ts";
import { startLyingFront } from "./lyingFront.ts";

const VEO = 100_000_000n;

/** A network of a test's own, and the built wallet served to it. */
export type TestNetwork = LocalNetwork & {
  /** Where every process keeps its data, in a folder of its name. */
  readonly data: string;
  readonly address: string;
  readonly server: Server;
  /** Where the long chain is served; the operator's own address where there is none. */
  readonly frontUrl: string;
};

/** How the game ends, who is there beside the user, and how the operator lies, for the tests that care. */
type Options = {
  readonly result: "true" | "false";
  /** Space of the chain that a counterparty holds, satoshi; there is none for 0. */
  readonly counterparty: bigint;
  /** What the operator takes a `yes` to be worth, in basis points. */
  readonly yesBps: number;
  readonly isNested: boolean;
  /** Main-chain blocks until the question is answered; ten more, and the chain expires. */
  readonly reportAfter: number;
  readonly lie: Lie | undefined;
  /** Blocks of a long chain that a front serves, while nobody trades; the wallet is not told of it. 0 for none. */
  readonly longChain: number;
};

/** What the operator makes of his first block the first time that he serves it; an object, as a function would be a fixture. */
export type Lie = { readonly change: (block: SortitionBlock) => SortitionBlock };

/** Each chain takes all of the one above, so that who buys all of the innermost is sure to be paid. */
const NESTED = {
  space: 0n,
  inner: { sports: 100n * VEO, sportsSpace: 0n, syndicate: 100n * VEO },
  reportAfter: 80,
  expireAfter: 85,
};

/**
 * The whole space of the chain is sold: one half to the counterparty, the other to the user. So the game
 * alone decides who is paid, wherever the point falls.
 */
export const test = base.extend<{ network: TestNetwork } & Options>({
  result: ["true", { option: true }],
  counterparty: [50n * VEO, { option: true }],
  yesBps: [5_000, { option: true }],
  isNested: [false, { option: true }],
  reportAfter: [45, { option: true }],
  lie: [undefined, { option: true }],
  longChain: [0, { option: true }],
  network: async ({ result, counterparty, yesBps, isNested, reportAfter, lie, longChain }, use) => {
    const data = await mkdtemp(join(tmpdir(), "sortition-e2e-"));
    const network = await startNetwork({
      data,
      say: () => undefined,
      onEnd: (why) => {
        throw new Error(why);
      },
      result,
      reportAfter,
      expireAfter: reportAfter + 10,
      amount: 100n * VEO,
      space: counterparty,
      yesBps,
      ...(isNested ? NESTED : {}),
    });
    const front = await startFront(network.operatorUrl, data, lie, longChain);
    const operators = longChain > 0 ? [] : front === undefined ? network.operatorUrls : [front.url];
    const { address, server } = await serveWallet({
      folder: fileURLToPath(new URL("../../dist", import.meta.url)),
      port: 0,
      nodes: [network.nodeUrl],
      operators,
    });
    await use({ ...network, data, address, server, frontUrl: front?.url ?? network.operatorUrl });
    server.close();
    server.closeAllConnections();
    front?.server.close();
    front?.server.closeAllConnections();
    await network.stop();
    await rm(data, { recursive: true, force: true });
  },
});

/** A front that lies once, with the operator's own signature under it, or serves a long chain of his. */
async function startFront(operatorUrl: string, data: string, lie: Lie | undefined, length: number) {
  if (lie === undefined && length === 0) return undefined;
  const key = parseHex((await readFile(join(data, "operator", "key"), "utf8")).trim());
  if (lie === undefined) return startLongFront(operatorUrl, key, length);
  let hasLied = false;
  return startLyingFront(operatorUrl, (height, bytes) => {
    if (height !== 1 || hasLied) return bytes;
    hasLied = true;
    return forgeBlock(bytes, key, lie.change);
  });
}

export { expect } from "@playwright/test";
