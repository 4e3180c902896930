import { afterEach, describe, expect, it } from "vitest";
import {
  decodeKept,
  decodeTowerStatus,
  encodeHandIn,
  type HandIn,
  isReceiptFor,
  isSignedStatus,
  readReceipt,
  SEALED_BYTES_MAX,
  TOWER_PATHS,
} from "../../../src/api/towerApi.ts";
import { createLocalSigner } from "../../../src/client/localSigner.ts";
import { SourceError } from "../../../src/client/ports.ts";
import { decode } from "../../../src/lib/codec.ts";
import { sha256 } from "../../../src/lib/hash.ts";
import { insist } from "../../../src/lib/verdict.ts";
import { createTowerSource } from "../../../src/network/towerSource.ts";
import { openAppointments } from "../../../src/tower/appointments.ts";
import { createServer, TOWER_LIMITS } from "../../../src/tower/createServer.ts";
import { type BlockName, createTowerDesk } from "../../../src/tower/desk.ts";
import { fill } from "../../properties/decoders/sampleValues.ts";
import { RULES } from "../../story/localWorld.ts";
import { createMemoryStore } from "../disk/memoryStore.ts";

const SIGNER = createLocalSigner(fill(32, 7), RULES.networkId);
const HAND_IN: HandIn = {
  token: fill(32, 1),
  locator: fill(32, 2),
  until: 80,
  sealed: fill(4_124, 3),
};

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function openTower(limits = TOWER_LIMITS) {
  let scanned: BlockName | undefined;
  const kept: Uint8Array[] = [];
  const desk = createTowerDesk({
    appointments: await openAppointments(createMemoryStore()),
    signer: SIGNER,
    scanned: () => scanned,
    onKept: ({ locator }) => kept.push(locator),
  });
  const app = createServer(desk, () => 0, limits);
  closers.push(() => app.close());
  const post = (url: string, bytes: Uint8Array) =>
    app.inject({
      method: "POST",
      url,
      headers: { "content-type": "application/octet-stream" },
      payload: Buffer.from(bytes),
    });
  return {
    app,
    kept,
    post,
    scan: (block: BlockName) => {
      scanned = block;
    },
    async handIn(handIn: HandIn) {
      const answer = await post(TOWER_PATHS.appointments, encodeHandIn(handIn));
      return answer.statusCode === 200
        ? insist(decode(new Uint8Array(answer.rawPayload), readReceipt))
        : (answer.json() as { code: string }).code;
    },
  };
}

describe("a watchtower's server", () => {
  it("gives a signed receipt for exactly what it has on disk", async () => {
    const tower = await openTower();
    expect(await tower.handIn(HAND_IN)).toBe("NOT_READY");
    tower.scan({ height: 12, hash: fill(32, 9) });
    const receipt = await tower.handIn(HAND_IN);
    if (typeof receipt === "string") return expect.fail(receipt);
    expect(receipt.height).toBe(12);
    expect(isReceiptFor(RULES, receipt, HAND_IN)).toBe(true);
    for (const other of [
      { ...HAND_IN, token: fill(32, 8) },
      { ...HAND_IN, locator: fill(32, 8) },
      { ...HAND_IN, until: 81 },
      { ...HAND_IN, sealed: fill(4_124, 8) },
    ]) {
      expect(isReceiptFor(RULES, receipt, other)).toBe(false);
    }
    expect(isReceiptFor(RULES, { ...receipt, height: 11 }, HAND_IN)).toBe(false);
    expect(tower.kept).toEqual([HAND_IN.locator]);
    const kept = await tower.post(TOWER_PATHS.kept, HAND_IN.token);
    expect(insist(decodeKept(new Uint8Array(kept.rawPayload)))).toEqual([
      { locator: HAND_IN.locator, sealedHash: sha256(HAND_IN.sealed) },
    ]);
  });

  it("tells under its signature which block it has read, each time anew", async () => {
    const tower = await openTower();
    const read = async () => {
      const { rawPayload } = await tower.app.inject({ url: TOWER_PATHS.status });
      return insist(decodeTowerStatus(new Uint8Array(rawPayload)));
    };
    for (const height of [0, 5, 6]) {
      const hash = height === 0 ? new Uint8Array(32) : fill(32, height);
      if (height > 0) tower.scan({ height, hash });
      const status = await read();
      expect(status).toMatchObject({ height, blockHash: hash, tower: SIGNER.publicKey });
      expect(isSignedStatus(RULES, status)).toBe(true);
      expect(isSignedStatus(RULES, { ...status, height: height + 1 })).toBe(false);
    }
  });

  it("is asked over a socket by a wallet's source, whose refusals are data", async () => {
    const tower = await openTower();
    tower.scan({ height: 12, hash: fill(32, 9) });
    const source = createTowerSource(await tower.app.listen({ port: 0, host: "127.0.0.1" }));
    const status = await source.status();
    expect(isSignedStatus(RULES, status)).toBe(true);
    const receipt = insist(await source.handIn(HAND_IN));
    expect(isReceiptFor(RULES, receipt, HAND_IN)).toBe(true);
    expect(await source.kept(HAND_IN.token)).toEqual([
      { locator: HAND_IN.locator, sealedHash: sha256(HAND_IN.sealed) },
    ]);
    expect(await source.kept(fill(32, 8))).toEqual([]);
    const late = await source.handIn({ ...HAND_IN, until: 11 });
    expect(late).toMatchObject({ ok: false, code: "TOO_LATE" });
    await tower.app.close();
    await expect(source.status()).rejects.toThrow(SourceError);
  });

  it("refuses what is none of its messages, and who makes clients without end", async () => {
    const limits = { ...TOWER_LIMITS, newClientsBurst: 2 };
    const tower = await openTower(limits);
    tower.scan({ height: 12, hash: fill(32, 9) });
    const bytes = encodeHandIn(HAND_IN);
    for (const body of [bytes.slice(1), fill(40, 1), new Uint8Array()]) {
      expect((await tower.post(TOWER_PATHS.appointments, body)).statusCode).toBe(400);
      expect((await tower.post(TOWER_PATHS.kept, body)).statusCode).toBe(400);
    }
    const long = await tower.post(TOWER_PATHS.appointments, fill(SEALED_BYTES_MAX + 1_000, 1));
    expect(long.statusCode).toBe(413);
    const codes = [];
    for (let client = 0; client < 4; client++) {
      const answer = await tower.handIn({ ...HAND_IN, token: fill(32, client) });
      codes.push(typeof answer === "string" ? answer : "kept");
    }
    expect(codes).toEqual(["kept", "kept", "TOO_MANY_CLIENTS", "TOO_MANY_CLIENTS"]);
    // Who is known already is held up by nobody.
    expect(typeof (await tower.handIn({ ...HAND_IN, token: fill(32, 1) }))).toBe("object");
  });
});
