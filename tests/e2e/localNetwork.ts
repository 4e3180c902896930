import { mkdtemp, rm } from "node:fs/promises";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test as base } from "@playwright/test";
import { serveWallet } from "../../scripts/network/serveWallet.ts";
import { type LocalNetwork, startNetwork } from "../../scripts/network/startNetwork.ts";

const VEO = 100_000_000n;

/** A network of a test's own, and the built wallet served to it. */
export type TestNetwork = LocalNetwork & {
  readonly address: string;
  readonly server: Server;
};

/** How the game ends, and whether chains run inside the chain, for the tests that care. */
type Options = { readonly result: "true" | "false"; readonly isNested: boolean };

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
  isNested: [false, { option: true }],
  network: async ({ result, isNested }, use) => {
    const data = await mkdtemp(join(tmpdir(), "sortition-e2e-"));
    const network = await startNetwork({
      data,
      say: () => undefined,
      onEnd: (why) => {
        throw new Error(why);
      },
      result,
      reportAfter: 45,
      expireAfter: 55,
      amount: 100n * VEO,
      space: 50n * VEO,
      ...(isNested ? NESTED : {}),
    });
    const { address, server } = await serveWallet({
      folder: fileURLToPath(new URL("../../dist", import.meta.url)),
      port: 0,
      nodes: [network.nodeUrl],
      operators: network.operatorUrls,
    });
    await use({ ...network, address, server });
    server.close();
    server.closeAllConnections();
    await network.stop();
    await rm(data, { recursive: true, force: true });
  },
});

export { expect } from "@playwright/test";
