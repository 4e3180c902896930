import { APPOINTMENTS_MAX, type Appointment, type KeptAppointment } from "../api/towerApi.ts";
import type { KeyValueStore, StoreOperation } from "../disk/keyValueStore.ts";
import { decode, encode, type Reader } from "../lib/codec.ts";
import { sha256 } from "../lib/hash.ts";
import { formatHex, parseHex } from "../lib/hex.ts";
import { accept, demand, insist, judge, type Verdict } from "../lib/verdict.ts";

/** What is kept, in all and of one client. */
export type AppointmentLimits = {
  readonly bytesMax: number;
  readonly clientBytesMax: number;
  /** Main-chain blocks from the tip to the last height that an appointment may name. */
  readonly blocksMax: number;
};

const APPOINTMENT_LIMITS: AppointmentLimits = {
  bytesMax: 2 ** 30,
  clientBytesMax: 8 * 2 ** 20,
  blocksMax: 2 ** 20,
};

/** Bytes that an appointment takes beside what is sealed: its rows' keys, hash and heights. */
const ROW_BYTES = 512;

/** One client's sealed evidence, as it is found by what a cheat has shown: hex of the client and of its SHA-256. */
export type FoundAppointment = {
  readonly client: string;
  readonly sealedHash: string;
  readonly read: () => Promise<Uint8Array | undefined>;
};

/** The appointments of all clients, on disk; of each only a line of an index is in memory. */
export type Appointments = {
  /** Keep one, in the place of the same client's with the same locator. Resolves when it is on disk. */
  keep(client: Uint8Array, appointment: Appointment, height: number): Promise<Verdict<null>>;
  /** What is kept of one client. */
  of(client: Uint8Array): readonly KeptAppointment[];
  isKnown(client: Uint8Array): boolean;
  has(locator: Uint8Array): boolean;
  find(locator: Uint8Array): readonly FoundAppointment[];
  /** Forget what is kept to a height below `height`. */
  prune(height: number): Promise<void>;
  count(): number;
};

type Line = {
  readonly client: string;
  readonly locator: string;
  readonly until: number;
  readonly bytes: number;
  readonly sealedHash: Uint8Array;
};

const LINES = "line/";
const SEALED = "sealed/";

/** Open what `store` keeps; rows that are none of ours are an error. */
export async function openAppointments(
  store: KeyValueStore,
  limits: AppointmentLimits = APPOINTMENT_LIMITS,
): Promise<Appointments> {
  const byLocator = new Map<string, Map<string, Line>>();
  const byClient = new Map<string, Map<string, Line>>();
  let total = 0;

  for (const [key, bytes] of await store.entries(LINES)) {
    const [locator = "", client = ""] = key.slice(LINES.length).split("/");
    put({ client, locator, ...insist(decode(bytes, readLine)) });
  }

  function put(line: Line): void {
    const { client, locator } = line;
    remove(byClient.get(client)?.get(locator));
    byLocator.set(locator, (byLocator.get(locator) ?? new Map()).set(client, line));
    byClient.set(client, (byClient.get(client) ?? new Map()).set(locator, line));
    total += line.bytes;
  }

  function remove(line: Line | undefined): void {
    if (line === undefined) return;
    const { client, locator, bytes } = line;
    total -= bytes;
    for (const [index, one, other] of [
      [byLocator, locator, client],
      [byClient, client, locator],
    ] as const) {
      const lines = index.get(one);
      lines?.delete(other);
      if (lines?.size === 0) index.delete(one);
    }
  }

  function judgeNew(line: Line, height: number): Verdict<null> {
    return judge(() => {
      const { until } = line;
      const { bytesMax, clientBytesMax, blocksMax } = limits;
      demand(until >= height, "TOO_LATE", `expected a height from ${height}, got ${until}`);
      demand(
        until <= height + blocksMax,
        "TOO_FAR",
        `expected a height of at most ${height + blocksMax}, got ${until}`,
      );
      const lines = byClient.get(line.client);
      const old = lines?.get(line.locator);
      demand(
        old !== undefined || (lines?.size ?? 0) < APPOINTMENTS_MAX,
        "TOO_MANY",
        `expected at most ${APPOINTMENTS_MAX} appointments of one client`,
      );
      const more = line.bytes - (old?.bytes ?? 0);
      const own = [...(lines?.values() ?? [])].reduce((sum, { bytes }) => sum + bytes, more);
      demand(
        own <= clientBytesMax,
        "QUOTA",
        `expected at most ${clientBytesMax} bytes of a client`,
      );
      demand(total + more <= bytesMax, "FULL", "the tower has no room left");
      return null;
    });
  }

  return {
    async keep(clientId, { locator, until, sealed }, height) {
      const line: Line = {
        client: formatHex(clientId),
        locator: formatHex(locator),
        until,
        bytes: sealed.length + ROW_BYTES,
        sealedHash: sha256(sealed),
      };
      const judged = judgeNew(line, height);
      if (!judged.ok) return judged;
      // Counted before it is on disk: what comes meanwhile finds the room taken.
      put(line);
      await store.commit([
        { kind: "put", key: LINES + keyOf(line), value: encodeLine(line) },
        { kind: "put", key: SEALED + keyOf(line), value: sealed },
      ]);
      return accept(null);
    },

    of(clientId) {
      const lines = byClient.get(formatHex(clientId))?.values() ?? [];
      return [...lines].map(({ locator, sealedHash }) => ({
        locator: parseHex(locator),
        sealedHash,
      }));
    },

    isKnown: (clientId) => byClient.has(formatHex(clientId)),
    has: (locator) => byLocator.has(formatHex(locator)),

    find: (locator) =>
      [...(byLocator.get(formatHex(locator))?.values() ?? [])].map((line) => ({
        client: line.client,
        sealedHash: formatHex(line.sealedHash),
        read: () => store.get(SEALED + keyOf(line)),
      })),

    async prune(height) {
      const over = [...byClient.values()]
        .flatMap((lines) => [...lines.values()])
        .filter(({ until }) => until < height);
      if (over.length === 0) return;
      for (const line of over) remove(line);
      await store.commit(
        over.flatMap((line): StoreOperation[] => [
          { kind: "delete", key: LINES + keyOf(line) },
          { kind: "delete", key: SEALED + keyOf(line) },
        ]),
      );
    },

    count: () => [...byClient.values()].reduce((sum, lines) => sum + lines.size, 0),
  };
}

function keyOf({ locator, client }: Pick<Line, "locator" | "client">): string {
  return `${locator}/${client}`;
}

function encodeLine({ until, bytes, sealedHash }: Line): Uint8Array {
  return encode((writer) => writer.u32(until).u32(bytes).fixed(sealedHash, 32));
}

function readLine(reader: Reader) {
  return { until: reader.u32(), bytes: reader.u32(), sealedHash: reader.fixed(32) };
}
