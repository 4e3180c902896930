import { describe, expect, it } from "vitest";
import { APPOINTMENTS_MAX, type Appointment } from "../../../src/api/towerApi.ts";
import { sha256 } from "../../../src/lib/hash.ts";
import { openAppointments } from "../../../src/tower/appointments.ts";
import { fill } from "../../properties/decoders/sampleValues.ts";
import { createMemoryStore } from "../disk/memoryStore.ts";

const [ALICE, BOB] = [fill(32, 1), fill(32, 2)];
const LIMITS = { bytesMax: 6_000, clientBytesMax: 4_000, blocksMax: 100 };

function appointment(name: number, more: Partial<Appointment> = {}): Appointment {
  return { locator: fill(32, name), until: 50, sealed: fill(500, name), ...more };
}

describe("appointments", () => {
  it("are there after a restart, each client's own under one locator", async () => {
    const store = createMemoryStore();
    const first = await openAppointments(store);
    await first.keep(ALICE, appointment(1), 10);
    await first.keep(BOB, appointment(1, { sealed: fill(600, 9) }), 10);
    await first.keep(ALICE, appointment(2), 10);
    for (const kept of [first, await openAppointments(store)]) {
      expect(kept.count()).toBe(3);
      expect(kept.has(fill(32, 1))).toBe(true);
      expect(kept.has(fill(32, 3))).toBe(false);
      const sealed = await Promise.all(kept.find(fill(32, 1)).map(({ read }) => read()));
      expect(sealed).toEqual([fill(500, 1), fill(600, 9)]);
      expect(kept.of(ALICE)).toContainEqual({
        locator: fill(32, 2),
        sealedHash: sha256(fill(500, 2)),
      });
      expect(kept.of(BOB)).toHaveLength(1);
    }
  });

  it("take the place of the same client's under the same locator, without more room", async () => {
    const kept = await openAppointments(createMemoryStore(), LIMITS);
    for (let round = 0; round < 20; round++) {
      const newer = appointment(1, { sealed: fill(3_000, round) });
      expect(await kept.keep(ALICE, newer, 10)).toEqual({ ok: true, value: null });
    }
    const found = kept.find(fill(32, 1));
    expect(await Promise.all(found.map(({ read }) => read()))).toEqual([fill(3_000, 19)]);
  });

  it("are refused beyond what one client, all clients, or a tower's patience has room for", async () => {
    const kept = await openAppointments(createMemoryStore(), LIMITS);
    const codeOf = async (client: Uint8Array, asked: Appointment) => {
      const verdict = await kept.keep(client, asked, 10);
      return verdict.ok ? "kept" : verdict.code;
    };
    expect(await codeOf(ALICE, appointment(1, { until: 9 }))).toBe("TOO_LATE");
    expect(await codeOf(ALICE, appointment(1, { until: 111 }))).toBe("TOO_FAR");
    expect(await codeOf(ALICE, appointment(1, { sealed: fill(3_000, 1) }))).toBe("kept");
    expect(await codeOf(ALICE, appointment(2, { sealed: fill(500, 1) }))).toBe("QUOTA");
    expect(await codeOf(BOB, appointment(2, { sealed: fill(1_900, 1) }))).toBe("kept");
    expect(await codeOf(BOB, appointment(3, { sealed: fill(100, 1) }))).toBe("FULL");
  });

  it("are at most so many of one client", async () => {
    const kept = await openAppointments(createMemoryStore());
    const name = (index: number) => sha256(Uint8Array.of(index >> 8, index & 255));
    for (let index = 0; index < APPOINTMENTS_MAX; index++) {
      await kept.keep(ALICE, appointment(0, { locator: name(index), sealed: fill(1, 1) }), 10);
    }
    const more = appointment(0, { locator: name(APPOINTMENTS_MAX) });
    expect(await kept.keep(ALICE, more, 10)).toMatchObject({ code: "TOO_MANY" });
  });

  it("are forgotten when their time is over, and leave their room", async () => {
    const store = createMemoryStore();
    const kept = await openAppointments(store, LIMITS);
    await kept.keep(ALICE, appointment(1, { sealed: fill(3_000, 1) }), 10);
    await kept.keep(BOB, appointment(2, { until: 60, sealed: fill(1_000, 1) }), 10);
    await kept.prune(51);
    expect(kept.count()).toBe(1);
    expect(kept.isKnown(ALICE)).toBe(false);
    expect(
      await kept.keep(ALICE, appointment(1, { until: 99, sealed: fill(3_000, 1) }), 51),
    ).toEqual({
      ok: true,
      value: null,
    });
    expect((await store.entries("")).length).toBe(4);
  });
});
