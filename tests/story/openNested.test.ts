import { expect, it } from "vitest";
import type { WalletStore } from "../../src/client/ports.ts";
import { formatHex, parseHex } from "../../src/lib/hex.ts";
import { insist } from "../../src/lib/verdict.ts";
import type { InsideFlags } from "../../src/operator/nested/insideFlags.ts";
import { openNested } from "../../src/operator/nested/openNested.ts";
import { createWalletSigner } from "../../src/operator/nested/walletSigner.ts";
import { openSignerService } from "../../src/operator/signer/signerService.ts";
import type { RowStore } from "../../src/operator/store/rowStore.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import { createRules } from "../../src/protocol/rules.ts";
import { computePublicKey } from "../../src/protocol/signature.ts";
import { beginStory, type Story } from "./footballStory.ts";
import { OPERATOR_URL, VEO } from "./localWorld.ts";

const KEY = new Uint8Array(32).fill(9);
const WIDTH = 40n * VEO;

/** A process that dies at one of its commits, before or after the rows are on disk, and never goes on. */
function createLife(commitsLeft: number, isKept: boolean) {
  let left = commitsLeft;
  let die: (death: "killed") => void = () => undefined;
  const death = new Promise<"killed">((resolve) => {
    die = resolve;
  });
  return {
    death,
    async commit(write: () => void): Promise<void> {
      if (left > 0) {
        left -= 1;
        write();
        return;
      }
      if (left === 0 && isKept) write();
      left = -1;
      die("killed");
      await new Promise(() => undefined);
    },
  };
}

/** What outlives an operator's processes: the rows of client, chain and signer. */
function createDisk() {
  const tables = new Map<string, Map<string, Uint8Array>>();
  const table = (name: string) => {
    const rows = tables.get(name) ?? new Map<string, Uint8Array>();
    tables.set(name, rows);
    return rows;
  };
  const rowStore = (name: string, commit: (write: () => void) => Promise<void>): RowStore => ({
    rows: async () => [...table(name)],
    get: async (key) => table(name).get(key),
    close: async () => undefined,
    commit: (operations) =>
      commit(() => {
        for (const operation of operations) {
          if (operation.kind === "put") table(name).set(operation.key, operation.value);
          else table(name).delete(operation.key);
        }
      }),
  });
  const walletStore = (commit: (write: () => void) => Promise<void>): WalletStore => ({
    rows: async (name) => [...table(`client/${name}`)],
    commit: (operations) =>
      commit(() => {
        for (const operation of operations) {
          const rows = table(`client/${operation.table}`);
          if (operation.kind === "put") rows.set(operation.key, operation.value);
          else rows.delete(operation.key);
        }
      }),
  });
  return { rowStore, walletStore };
}

/** Start an operator's opening again and again, each life one commit longer, until one gets through. */
async function openThroughKills(story: Story, inside: InsideFlags, onWait?: () => Promise<void>) {
  const { world } = story;
  const disk = createDisk();
  const { networkId } = createRules(LOCAL_NETWORK);
  const signerRows = disk.rowStore("signer", async (write) => write());
  const service = await openSignerService(signerRows, networkId, KEY);
  const signer = createWalletSigner({ publicKey: computePublicKey(KEY), sign: service.sign });
  const said: string[] = [];
  for (let kills = 0; kills < 80; kills++) {
    const life = createLife(kills, kills % 2 === 0);
    const open = async () => {
      const wallet = await world.openWallet("nested", disk.walletStore(life.commit));
      // Nobody but the operator himself moves his client.
      world.wallets.pop();
      await wallet.attachSigner(signer);
      return openNested({
        wallet,
        store: disk.rowStore("chain", life.commit),
        inside,
        faucet: true,
        nextTip: async () => {
          await onWait?.();
          await world.mine();
        },
        say: (words) => said.push(words),
      });
    };
    const opened = await world.during(Promise.race([open(), life.death]));
    if (opened !== "killed") return { opened, kills, said };
  }
  throw new Error(`the opening never got through: ${said.join("; ")}`);
}

it("buys and seals one contract, however often the operator is killed on the way", async () => {
  const story = await beginStory("kills");
  const { opened, kills, said } = await openThroughKills(story, {
    parentUrl: OPERATOR_URL,
    choice: { kind: "bought", width: WIDTH },
    anchor: { kind: "parent" },
    switchAfter: undefined,
  });
  expect(kills).toBeGreaterThan(5);
  expect(said.join()).toMatch(/the seal of the contract/);
  await story.world.mine();
  const sealed = [...story.chain().book.live.values()].filter(({ leaf }) => leaf.sealed);
  expect(sealed).toHaveLength(1);
  expect(sealed[0]?.leaf).toMatchObject({
    id: opened.chain.id,
    owner: computePublicKey(KEY),
    anchor: { kind: "chain", id: story.chainId },
  });
  expect(opened.place).toEqual(sealed[0]?.leaf.anchor);
});

it("waits for a range that its owner hands over, and goes on by itself", async () => {
  const story = await beginStory("handed");
  const { world, user } = story;
  insist(await world.during(user.buySpace(story.chainId, WIDTH)));
  await world.mine(10);
  const own = [...story.chain().book.own.values()].find(
    ({ leaf }) => leaf.hi - leaf.lo === WIDTH && story.chain().book.live.has(formatHex(leaf.id)),
  );
  if (own === undefined) throw new Error("the space was not bought");
  const { lo, hi, id } = own.leaf;
  let isHanded = false;
  const { opened, said } = await openThroughKills(
    story,
    {
      parentUrl: OPERATOR_URL,
      choice: { kind: "range", lo, hi },
      anchor: { kind: "mainChain" },
      switchAfter: undefined,
    },
    async () => {
      if (isHanded) return;
      const handed = await world.during(user.handOver(id, computePublicKey(KEY)));
      isHanded = handed.ok;
    },
  );
  expect(said.join()).toMatch(/to be handed over[.] The code for it is [0-9a-f]{74}/);
  expect(opened).toMatchObject({ chain: { lo, hi }, place: { kind: "mainChain" } });
  expect(opened.chain.id).not.toEqual(id);
  // It is not the user's any more, and he cannot hand it over twice.
  expect(await user.handOver(id, computePublicKey(KEY))).toMatchObject({ ok: false });
});

it("says in words that a contract is another's, in place of waiting for it", async () => {
  const story = await beginStory("others");
  await story.world.mine(8);
  const [other] = story.chain().book.live.keys();
  const id = parseHex(other ?? "");
  const inside = {
    parentUrl: OPERATOR_URL,
    choice: { kind: "held", id },
    anchor: undefined,
    switchAfter: undefined,
  } as const;
  await expect(openThroughKills(story, inside)).rejects.toThrow(/belongs to another key/);
});
