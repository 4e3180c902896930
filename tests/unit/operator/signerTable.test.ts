import { describe, expect, it } from "vitest";
import { writeClaimBody } from "../../../src/chain/settlement/claim.ts";
import { encodeMoveBody, type MoveBody } from "../../../src/chain/settlement/slash.ts";
import { encode } from "../../../src/lib/codec.ts";
import { sha256 } from "../../../src/lib/hash.ts";
import { encodeUtf8 } from "../../../src/lib/utf8.ts";
import { openSignerService } from "../../../src/operator/signer/signerService.ts";
import type { SigningRequest } from "../../../src/operator/signer/signerTable.ts";
import type { RowStore } from "../../../src/operator/store/rowStore.ts";
import type { NamedPlace } from "../../../src/protocol/anchor.ts";
import { type BlockHeader, encodeBlockHeader } from "../../../src/protocol/blockHeader.ts";
import { encodeExactClose } from "../../../src/protocol/contractClose.ts";
import { encodeContractState } from "../../../src/protocol/contractState.ts";
import { encodePost } from "../../../src/protocol/post.ts";
import { encodeSeal } from "../../../src/protocol/seal.ts";
import { computeDigest, verifySignature } from "../../../src/protocol/signature.ts";
import { encodeSwitch } from "../../../src/protocol/switch.ts";
import { keyOf, RULES } from "./world.ts";

const key = keyOf("operator");
const hash = (name: string) => sha256(encodeUtf8(name));

function createMemoryStore(rows = new Map<string, Uint8Array>()): RowStore & { commits: number } {
  return {
    commits: 0,
    rows: async () => [...rows],
    get: async (name) => rows.get(name),
    async commit(operations) {
      this.commits += 1;
      for (const operation of operations) {
        if (operation.kind === "put") rows.set(operation.key, operation.value);
        else rows.delete(operation.key);
      }
    },
    close: async () => undefined,
  };
}

function open(store: RowStore, { privateKey } = key, networkId = RULES.networkId) {
  return openSignerService(store, networkId, privateKey);
}

function block(height: number, time: bigint): SigningRequest {
  const none = new Uint8Array(32);
  const header: BlockHeader = {
    chainId: hash("chain"),
    height,
    previousHash: none,
    stateBefore: none,
    stateAfter: none,
    updatesRoot: none,
    mainHeight: 1,
    time,
  };
  return { purpose: "signBlock", body: encodeBlockHeader(header) };
}

function post(
  sequence: number,
  name: string,
  place: NamedPlace = { kind: "mainChain" },
): SigningRequest {
  const body = encodePost({
    place,
    chainId: hash("chain"),
    sequence,
    blockHash: hash(name),
  });
  return { purpose: "signPost", body };
}

function switchOver(first: number, chain = "chain"): SigningRequest {
  return { purpose: "signSwitch", body: encodeSwitch({ chainId: hash(chain), first }) };
}

function state(nonce: number, script: number): SigningRequest {
  const contractId = hash("contract");
  const body = encodeContractState({ contractId, nonce, script: Uint8Array.of(script) });
  return { purpose: "signState", body };
}

function close(seen: string, heightMax: number, successors = 0): SigningRequest {
  const successor = {
    place: { lo: 0n, hi: 1n, conditions: [] },
    owner: key.publicKey,
    depositBps: 0,
    scriptHash: hash("script"),
  };
  const body = encodeExactClose({
    contractId: hash("contract"),
    seenBlock: hash(seen),
    heightMax,
    successors: Array.from({ length: successors }, () => successor),
  });
  return { purpose: "signClose", body };
}

function seal(seen: string, anchor: string): SigningRequest {
  const body = encodeSeal({
    contractId: hash("contract"),
    seenBlock: hash(seen),
    anchor: { kind: "chain", id: hash(anchor) },
  });
  return { purpose: "signSeal", body };
}

it("signs a close for longer, but nothing else of the contract on that block", async () => {
  const signer = await open(createMemoryStore());
  expect(await signer.sign(close("a", 9))).toMatchObject({ ok: true });
  expect(await signer.sign(close("a", 12))).toMatchObject({ ok: true });
  expect(await signer.sign(close("a", 12, 1))).toMatchObject({ ok: false, code: "OTHER_SIGNED" });
  expect(await signer.sign(seal("a", "top"))).toMatchObject({ ok: false, code: "OTHER_SIGNED" });
  expect(await signer.sign(seal("b", "top"))).toMatchObject({ ok: true });
});

it("signs a post again for the place that its chain has switched to, but never another block", async () => {
  const signer = await open(createMemoryStore());
  const anchor = { kind: "chain", id: hash("anchor") } as const;
  const switched = { kind: "switched" } as const;
  expect(await signer.sign(post(7, "a", anchor))).toMatchObject({ ok: true });
  expect(await signer.sign(post(7, "a", switched))).toMatchObject({ ok: true });
  const other = await signer.sign(post(7, "b", switched));
  expect(other).toMatchObject({ ok: false, code: "OTHER_SIGNED" });
});

function claim(carrier: Uint8Array, stateNonce = 0, scriptSig = new Uint8Array()): SigningRequest {
  const scriptSigHash = sha256(scriptSig);
  const body = encode((writer) =>
    writeClaimBody(writer, {
      chainId: hash("chain"),
      lineHash: hash("line"),
      stateNonce,
      scriptSigHash,
      carrier,
    }),
  );
  return { purpose: "signClaim", body };
}

it("signs a claim of a sealed contract for its own account, and no other claim", async () => {
  const signer = await open(createMemoryStore());
  expect(await signer.sign(claim(key.publicKey))).toMatchObject({ ok: true });
  const refused = [
    [claim(keyOf("other").publicKey), "OTHER_CARRIER"],
    [claim(key.publicKey, 1), "HAS_TERMS"],
    [claim(key.publicKey, 0, Uint8Array.of(1)), "HAS_TERMS"],
  ] as const;
  for (const [request, code] of refused) {
    expect(await signer.sign(request)).toMatchObject({ ok: false, code });
  }
});

function move(stateNonce: number, change: Partial<MoveBody> = {}): SigningRequest {
  const body = encodeMoveBody({
    resultKey: hash("result"),
    side: "operator",
    stateNonce,
    scriptHash: hash(`script ${stateNonce}`),
    scriptSig: new Uint8Array(),
    carrier: key.publicKey,
    ...change,
  });
  return { purpose: "signMove", body };
}

it("signs a move as an operator, without evidence, for its own account, and no other move", async () => {
  const signer = await open(createMemoryStore());
  const refused = [
    [move(1, { carrier: keyOf("other").publicKey }), "OTHER_CARRIER"],
    [move(1, { side: "owner" }), "OTHER_SIDE"],
    [move(1, { scriptSig: Uint8Array.of(1) }), "HAS_EVIDENCE"],
  ] as const;
  for (const [request, code] of refused) {
    expect(await signer.sign(request)).toMatchObject({ ok: false, code });
  }
});

describe.each([
  ["move", move(7), move(7, { scriptHash: hash("other") }), move(8)],
  ["seal", seal("a", "top"), seal("a", "other"), seal("b", "other")],
  ["block", block(7, 1n), block(7, 2n), block(8, 2n)],
  ["post", post(7, "a"), post(7, "b"), post(8, "b")],
  ["switch", switchOver(7), switchOver(8), switchOver(8, "other")],
  ["state", state(7, 1), state(7, 2), state(8, 2)],
])("a %s", (_, first, other, next) => {
  it("is signed once, the same again, and never another, also after a restart", async () => {
    const rows = new Map<string, Uint8Array>();
    const signer = await open(createMemoryStore(rows));
    const signed = await signer.sign(first);
    if (!signed.ok) throw new Error(signed.message);
    const digest = computeDigest(first.purpose, RULES.networkId, first.body);
    expect(verifySignature(signed.value, digest, key.publicKey)).toBe(true);
    expect(await signer.sign(first)).toEqual(signed);
    expect(await signer.sign(other)).toMatchObject({ ok: false, code: "OTHER_SIGNED" });

    const again = await open(createMemoryStore(rows));
    expect(await again.sign(other)).toMatchObject({ ok: false, code: "OTHER_SIGNED" });
    expect(await again.sign(first)).toEqual(signed);
    expect(await again.sign(next)).toMatchObject({ ok: true });
  });

  it("is not signed twice by requests that share a commit", async () => {
    const signer = await open(createMemoryStore());
    const [one, two] = await Promise.all([signer.sign(first), signer.sign(other)]);
    expect(one).toMatchObject({ ok: true });
    expect(two).toMatchObject({ ok: false, code: "OTHER_SIGNED" });
  });
});

it("signs no state below the highest", async () => {
  const signer = await open(createMemoryStore());
  await signer.sign(state(9, 1));
  expect(await signer.sign(state(8, 1))).toMatchObject({ ok: false, code: "OLDER_STATE" });
});

it("refuses what it cannot read, and signs nothing once its table cannot be kept", async () => {
  const store = createMemoryStore();
  const signer = await open(store);
  const cut = { purpose: "signBlock", body: new Uint8Array(3) } as const;
  expect(await signer.sign(cut)).toMatchObject({ ok: false, code: "TRUNCATED" });
  store.commit = () => Promise.reject(new Error("no space left"));
  await expect(signer.sign(block(1, 1n))).rejects.toThrow("no space left");
  await expect(signer.sign(state(1, 1))).rejects.toThrow("no space left");
});

it("lets requests that wait share one commit", async () => {
  const store = createMemoryStore();
  const signer = await open(store);
  await Promise.all(Array.from({ length: 50 }, (_, index) => signer.sign(post(index + 1, "a"))));
  expect(store.commits).toBeLessThan(5);
});

describe("what the operator has kept from before", () => {
  const before = [block(7, 1n), post(7, "a"), state(7, 1)];

  it("is known to the table, and of a state a later one is as good", async () => {
    const signer = await open(createMemoryStore());
    for (const request of [...before, state(8, 1)]) await signer.sign(request);
    expect(await signer.recall(before)).toMatchObject({ ok: true });
    expect(await signer.sign(post(8, "b"))).toMatchObject({ ok: true });
  });

  it.each(before)("ends all signing if the table has lost a $purpose", async (lost) => {
    const signer = await open(createMemoryStore());
    for (const request of before) if (request !== lost) await signer.sign(request);
    expect(await signer.recall(before)).toMatchObject({ ok: false, code: "FORGOTTEN" });
    await expect(signer.sign(post(8, "b"))).rejects.toThrow("lost");
  });

  it("is not known where something else was signed in its place", async () => {
    const signer = await open(createMemoryStore());
    await signer.sign(block(7, 2n));
    expect(await signer.recall([block(7, 1n)])).toMatchObject({ ok: false, code: "FORGOTTEN" });
  });
});

describe("a table", () => {
  async function signedRows() {
    const rows = new Map<string, Uint8Array>();
    const signer = await open(createMemoryStore(rows));
    for (const request of [block(7, 1n), post(7, "a"), state(7, 1)]) await signer.sign(request);
    return rows;
  }

  it("does not open for another key or another network", async () => {
    const rows = await signedRows();
    await expect(open(createMemoryStore(rows), keyOf("other"))).rejects.toThrow("another key");
    const elsewhere = open(createMemoryStore(rows), key, hash("network"));
    await expect(elsewhere).rejects.toThrow("another network");
  });

  it("does not open where the row is gone that says whose it is", async () => {
    const rows = await signedRows();
    rows.delete("owner");
    await expect(open(createMemoryStore(rows))).rejects.toThrow("belongs to another");
  });

  it("does not open with a row that is cut, renamed or of no kind it knows", async () => {
    for (const name of (await signedRows()).keys()) {
      if (name === "owner") continue;
      const cut = await signedRows();
      cut.set(name, (cut.get(name) ?? new Uint8Array()).slice(1));
      await expect(open(createMemoryStore(cut)), name).rejects.toThrow("damaged");
      const renamed = await signedRows();
      renamed.set(`${name}0`, renamed.get(name) ?? new Uint8Array());
      await expect(open(createMemoryStore(renamed)), name).rejects.toThrow("damaged");
    }
    const foreign = (await signedRows()).set("chain", new Uint8Array(36));
    await expect(open(createMemoryStore(foreign))).rejects.toThrow("damaged");
  });
});
