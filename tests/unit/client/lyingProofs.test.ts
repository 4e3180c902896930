import { describe, expect, it } from "vitest";
import { readAccountRecord } from "../../../src/chain/state/accountRecord.ts";
import { computeMapRoots, EMPTY_STATE } from "../../../src/chain/state/mainState.ts";
import { createHeaderBook } from "../../../src/client/headerBook.ts";
import { createMainChain } from "../../../src/client/mainChain.ts";
import { type MainChainSource, type ServedProof, SourceError } from "../../../src/client/ports.ts";
import { proveKey } from "../../../src/lib/map/mapProof.ts";
import { accept, refuse } from "../../../src/lib/verdict.ts";
import {
  ABSENT_KEY,
  createMemoryStore,
  createSource,
  extend,
  GENESIS,
  HARD,
  PRESENT_KEY,
  RULES,
  STATE,
  timeAfter,
} from "./headerLab.ts";

const CHAIN = extend([GENESIS], 20, HARD);
const ROOTS = computeMapRoots(STATE);
const honest = () => createSource("honest", () => CHAIN);

async function open(sources: readonly MainChainSource[]) {
  const start = createHeaderBook(RULES, GENESIS);
  const chain = await createMainChain(start, sources, createMemoryStore(), () => timeAfter(CHAIN));
  await chain.sync();
  return chain;
}

/** A node whose headers hold, and whose proofs are changed on their way out. */
function liar(change: (proof: ServedProof, key: Uint8Array) => ServedProof): MainChainSource {
  const { prove } = createSource("", () => CHAIN);
  return createSource("liar", () => CHAIN, {
    prove: async (map, key, hash) => change(await prove(map, key, hash), key),
  });
}

/** Each lie about a key that is there, and what the wallet says of it. */
const LIES: readonly (readonly [string, MainChainSource, RegExp])[] = [
  [
    "that nothing is there at all",
    liar((proof) => ({ ...proof, proof: proveKey(EMPTY_STATE.accounts, PRESENT_KEY) })),
    /liar proves nothing about accounts .*: the map is not empty/,
  ],
  [
    "that another key is there instead",
    liar((proof) => ({ ...proof, proof: proveKey(STATE.accounts, ABSENT_KEY) })),
    /liar proves nothing about accounts .*: the other leaf has the key itself/,
  ],
  [
    "with another value",
    liar((proof) => ({
      ...proof,
      proof: Uint8Array.from(proof.proof, (byte, at) => (at === 8 ? byte ^ 1 : byte)),
    })),
    /liar proves nothing about accounts .*: the proof does not lead to the root/,
  ],
  [
    "under the roots of another state",
    liar((proof, key) => ({
      ...proof,
      mapRoots: computeMapRoots(EMPTY_STATE),
      proof: proveKey(EMPTY_STATE.accounts, key),
    })),
    /liar served map roots of another state/,
  ],
  [
    "under a root of its own beside the true ones",
    liar((proof) => ({ ...proof, mapRoots: [...ROOTS, new Uint8Array(32)] })),
    /liar served map roots of another state/,
  ],
  [
    "under the roots in another order",
    liar((proof) => ({ ...proof, mapRoots: ROOTS.toReversed() })),
    /liar served map roots of another state/,
  ],
  [
    "under an older header",
    liar((proof) => ({ ...proof, headerHash: GENESIS.hash })),
    /liar served a proof under another header/,
  ],
  [
    "with no bytes",
    liar((proof) => ({ ...proof, proof: new Uint8Array() })),
    /liar proves nothing about accounts/,
  ],
  [
    "with a byte too many",
    liar((proof) => ({ ...proof, proof: Uint8Array.of(...proof.proof, 0) })),
    /liar proves nothing about accounts/,
  ],
];

describe("a node that lies about the state", () => {
  it.each(LIES)("is refused by name, %s; the honest one is believed", async (_, source, note) => {
    const chain = await open([source, honest()]);
    const record = await chain.read("accounts", PRESENT_KEY, readAccountRecord);
    expect(record).toEqual({ balance: 5n, nonce: 2 });
    const [status] = chain.nodes();
    expect(status).toMatchObject({ url: "liar", state: "refused", height: 20 });
    expect(status?.note).toMatch(note);
    // Its headers hold, but that does not make its proofs good.
    await chain.sync();
    expect(chain.nodes().map(({ state }) => state)).toEqual(["refused", "live"]);
  });

  it.each(LIES)("alone makes a read fail, never come out wrong: %s", async (_, source, note) => {
    const chain = await open([source]);
    const read = chain.read("accounts", PRESENT_KEY, readAccountRecord);
    await expect(read).rejects.toMatchObject({ name: "SourceError", code: "BAD_ANSWER" });
    await expect(read).rejects.toThrow(note);
  });

  it("is asked last, and heard again when a proof of its holds", async () => {
    let [isLying, isDown] = [true, false];
    const turncoat = liar((proof) => (isLying ? { ...proof, proof: new Uint8Array() } : proof));
    const { prove } = honest();
    let asked = 0;
    const other = createSource("honest", () => CHAIN, {
      async prove(...request) {
        asked += 1;
        if (isDown) throw new SourceError("DOWN", "it does not answer");
        return prove(...request);
      },
    });
    const chain = await open([turncoat, other]);
    const read = () => chain.read("accounts", PRESENT_KEY, readAccountRecord);
    await read();
    isLying = false;
    await read();
    expect(asked).toBe(2);
    expect(chain.nodes()[0]?.state).toBe("refused");
    isDown = true;
    expect(await read()).toEqual({ balance: 5n, nonce: 2 });
    expect(chain.nodes()[0]?.state).toBe("live");
  });

  it("cannot hide that a key is absent either", async () => {
    const present = liar((proof) => ({ ...proof, proof: proveKey(STATE.accounts, PRESENT_KEY) }));
    const chain = await open([present, honest()]);
    expect(await chain.read("accounts", ABSENT_KEY, readAccountRecord)).toBeUndefined();
    expect(chain.nodes()[0]?.state).toBe("refused");
  });
});

describe("a node that is only late", () => {
  it("is asked for what it cannot have, and is not blamed", async () => {
    const late = createSource("late", () => CHAIN.slice(0, 20));
    const chain = await open([late, honest()]);
    await chain.read("accounts", PRESENT_KEY, readAccountRecord);
    expect(chain.nodes().map(({ state }) => state)).toEqual(["behind", "live"]);
  });

  it("alone makes a read fail as long as it is late", async () => {
    let served = CHAIN;
    const chain = await open([createSource("late", () => served)]);
    served = CHAIN.slice(0, 10);
    await chain.sync();
    await expect(chain.read("accounts", PRESENT_KEY, readAccountRecord)).rejects.toThrow(
      SourceError,
    );
    served = CHAIN;
    await chain.sync();
    expect(await chain.read("accounts", PRESENT_KEY, readAccountRecord)).toBeDefined();
  });
});

describe("a transaction", () => {
  const bytes = Uint8Array.of(1);

  it("goes to every node, so that none can keep it from the others", async () => {
    const got: string[] = [];
    const take = (url: string): MainChainSource =>
      createSource(url, () => CHAIN, {
        async send() {
          got.push(url);
          return accept(null);
        },
      });
    const chain = await open([take("one"), take("two")]);
    expect(await chain.send(bytes)).toEqual(accept(null));
    expect(got).toEqual(["one", "two"]);
  });

  it("is refused only where nobody takes it, and undecided where nobody answers", async () => {
    const refusing = (code: string) =>
      createSource(code, () => CHAIN, { send: async () => refuse(code, "no") });
    const silent = createSource("silent", () => CHAIN, {
      send: () => Promise.reject(new SourceError("DOWN", "no answer")),
    });
    const hanging = createSource("hanging", () => CHAIN, { send: () => new Promise(() => {}) });
    const liarFirst = await open([hanging, refusing("LIE"), silent, honest()]);
    expect(await liarFirst.send(bytes)).toEqual(accept(null));
    const all = await open([silent, refusing("NONCE_USED")]);
    expect(await all.send(bytes)).toMatchObject({ code: "NONCE_USED" });
    expect(await (await open([silent])).send(bytes)).toBeUndefined();
  });

  it("asks the next for coins where one has none to give", async () => {
    const poor = createSource("poor", () => CHAIN, {
      requestCoins: async () => refuse("NO_SUCH_PATH", "no faucet here"),
    });
    const ask = async (...sources: MainChainSource[]) =>
      (await open(sources)).ask((source) => source.requestCoins(PRESENT_KEY));
    expect(await ask(poor, honest())).toEqual(accept(null));
    expect(await ask(poor)).toMatchObject({ code: "NO_SUCH_PATH" });
    expect(await ask()).toBeUndefined();
  });
});
