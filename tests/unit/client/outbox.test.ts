import { describe, expect, it } from "vitest";
import { decodeTransaction } from "../../../src/chain/transaction.ts";
import type { HeaderBook } from "../../../src/client/headerBook.ts";
import { createLocalSigner } from "../../../src/client/localSigner.ts";
import type { MainChain } from "../../../src/client/mainChain.ts";
import { createOutbox } from "../../../src/client/outbox.ts";
import { accept, insist, refuse, type Verdict } from "../../../src/lib/verdict.ts";
import { LOCAL_NETWORK } from "../../../src/protocol/network.ts";
import { createRules } from "../../../src/protocol/rules.ts";
import { createWalletStore, keyOf } from "../../story/localWorld.ts";

const RULES = createRules(LOCAL_NETWORK);
const SIGNER = createLocalSigner(keyOf("outbox", "user"), RULES.networkId);

/** A main chain that says what it is told to, and keeps every nonce that was handed to it. */
function createScene() {
  const scene = {
    height: 1,
    nonce: 0,
    answer: (_nonce: number): Verdict<null> | undefined => accept(null),
    sent: [] as number[],
    fees: [] as bigint[],
    notes: [] as string[],
  };
  const mainChain: Pick<MainChain, "read" | "send" | "book"> = {
    book: () =>
      ({
        parameters: LOCAL_NETWORK,
        states: [{ header: { height: scene.height } }],
      }) as unknown as HeaderBook,
    read: async () => ({ balance: 10n ** 9n, nonce: scene.nonce }) as never,
    async send(bytes) {
      const { nonce, fee } = insist(decodeTransaction(bytes)).transaction;
      scene.sent.push(nonce);
      scene.fees.push(fee);
      return scene.answer(nonce);
    },
  };
  const store = createWalletStore();
  const open = () =>
    createOutbox(store, SIGNER, mainChain, async (words) => {
      scene.notes.push(words);
    });
  return { scene, open };
}

const BODY = { kind: "sortition-timeout", timeout: { chainId: keyOf("outbox", "chain") } } as const;

const NOTHING = new Uint8Array();
const CLAIM = {
  kind: "sortition-contract",
  claim: {
    chainId: BODY.timeout.chainId,
    line: [
      {
        proof: { sequence: 1, hops: [], headers: [], rootsRoot: new Uint8Array(32), path: NOTHING },
        conditions: [],
      },
    ],
    script: NOTHING,
    state: undefined,
    scriptSig: NOTHING,
    signature: new Uint8Array(65),
  },
} as const;

describe("the outbox", () => {
  it("sends what is on its way again, in the order of its nonces, by whoever opens it next", async () => {
    const { scene, open } = createScene();
    const outbox = await open();
    for (let count = 0; count < 3; count++) insist(await outbox.send(BODY));
    scene.sent = [];
    const again = await open();
    expect(again.pendingCount()).toBe(3);
    await again.refresh();
    expect(scene.sent).toEqual([1, 2, 3]);
    scene.nonce = 2;
    await again.refresh();
    expect(again.pendingCount()).toBe(1);
    expect((await open()).pendingCount()).toBe(1);
  });

  it("gives up what can hold no more, with what stands on it, and goes on with its nonce", async () => {
    const { scene, open } = createScene();
    const outbox = await open();
    for (let count = 0; count < 3; count++) insist(await outbox.send(BODY));
    const isAhead = (nonce: number) => nonce > scene.nonce + 2;
    scene.answer = (nonce) => {
      if (isAhead(nonce)) return refuse("NONCE_AHEAD", "");
      return nonce === 2 ? refuse("NO_SUCH_REQUEST", "") : accept(null);
    };
    for (let block = 0; block < LOCAL_NETWORK.confirmations; block++) {
      await outbox.refresh();
      expect(outbox.pendingCount()).toBe(3);
      scene.height += 1;
    }
    await outbox.refresh();
    expect(outbox.pendingCount()).toBe(1);
    expect((await open()).pendingCount()).toBe(1);
    expect(scene.notes).toHaveLength(1);
    expect(scene.notes[0]).toContain("NO_SUCH_REQUEST");
    scene.sent = [];
    scene.answer = () => accept(null);
    insist(await outbox.send(BODY));
    expect(scene.sent).toEqual([2]);
  });

  it.each(["BUSY", "FEE_TOO_LOW", "NONCE_AHEAD", "NONCE_USED"])(
    "keeps what is refused by %s, or answered by nobody, for as long as it takes",
    async (code) => {
      const { scene, open } = createScene();
      const outbox = await open();
      insist(await outbox.send(BODY));
      for (let block = 0; block < 20; block++) {
        scene.height += 1;
        scene.answer = () => (block % 2 === 0 ? refuse(code, "") : undefined);
        await outbox.refresh();
      }
      expect(outbox.pendingCount()).toBe(1);
    },
  );

  it("keeps what a short reorg made invalid for a while", async () => {
    const { scene, open } = createScene();
    const outbox = await open();
    insist(await outbox.send(BODY));
    for (let block = 0; block < 20; block++) {
      scene.height += 1;
      scene.answer = () => (block % 2 === 0 ? refuse("NO_SUCH_RECORD", "") : accept(null));
      await outbox.refresh();
    }
    expect(outbox.pendingCount()).toBe(1);
  });

  it("offers more for a claim that blocks go by without, and for what stands before it, up to what a slash earns", async () => {
    const { scene, open } = createScene();
    const outbox = await open();
    insist(await outbox.send(BODY));
    insist(await outbox.send(CLAIM));
    const most: bigint[] = [];
    for (let block = 0; block < 16; block++) {
      scene.height += 1;
      scene.fees = [];
      await outbox.refresh();
      most.push(scene.fees.reduce((a, b) => (a > b ? a : b)));
    }
    const feeMax = LOCAL_NETWORK.claimDepositMin / 2n;
    expect(most.slice(0, 4)).toEqual([10_000n, 80_000n, 80_000n, 640_000n]);
    expect(most.at(-1)).toBe(feeMax);
    expect(outbox.pendingCount()).toBe(2);
    scene.fees = [];
    await outbox.refresh();
    expect(scene.fees).toEqual([feeMax, feeMax]);
    // What is on disk is the newest alone, and a wallet that is opened goes on from it.
    expect((await open()).pendingCount()).toBe(2);
  });

  it("keeps a claim at the fee that it has where no node takes it for more", async () => {
    const { scene, open } = createScene();
    const outbox = await open();
    insist(await outbox.send(CLAIM));
    scene.height += 2;
    scene.answer = () => refuse("NOT_ENOUGH_MONEY", "");
    await outbox.refresh();
    expect(scene.fees).toEqual([10_000n, 80_000n, 10_000n]);
    expect((await open()).pendingCount()).toBe(1);
  });

  it("offers nothing more for what has no deadline", async () => {
    const { scene, open } = createScene();
    const outbox = await open();
    insist(await outbox.send(BODY));
    scene.height += 10;
    await outbox.refresh();
    expect(scene.fees).toEqual([10_000n, 10_000n]);
  });
});
