import { decode, encode } from "../../lib/codec.ts";
import { formatHex } from "../../lib/hex.ts";
import { encodeUtf8 } from "../../lib/utf8.ts";
import { accept, type Verdict } from "../../lib/verdict.ts";
import { type Place, readPlace, writePlace } from "../../protocol/place.ts";
import { LIST_MAX } from "../bookParts.ts";
import type { StoreOperation, WalletStore } from "../ports.ts";
import { readText } from "../rows.ts";
import { decodeKeptClose, encodeKeptClose, type KeptClose } from "./keptClose.ts";

/** A walk as it is kept: its closes by their names. */
export type KeptWalk = {
  readonly place: Place;
  readonly heights: readonly number[];
  readonly read: readonly number[];
  readonly closes: readonly string[];
};

const CLOSE = "close:";
const WALK = "walk:";
/** Bytes of all close proofs together that are kept. */
const BYTES_MAX = 32 * 1024 * 1024;
const NAME_BYTES_MAX = 128;

/** The name that a close is kept under. */
export function nameClose({
  chainId,
  height,
  index,
}: Pick<KeptClose, "chainId" | "height" | "index">): string {
  return `${formatHex(chainId)}:${height}:${index}`;
}

/** Encode: place, heights and read heights u32, names of closes. */
function encodeWalk({ place, heights, read, closes }: KeptWalk): Uint8Array {
  return encode((writer) => {
    writePlace(writer, place);
    writer.list(heights, LIST_MAX, (each, height) => each.u32(height));
    writer.list(read, LIST_MAX, (each, height) => each.u32(height));
    writer.list(closes, LIST_MAX, (each, name) => each.bytes(encodeUtf8(name), NAME_BYTES_MAX));
  });
}

function decodeWalk(bytes: Uint8Array): Verdict<KeptWalk> {
  return decode(bytes, (reader) => ({
    place: readPlace(reader),
    heights: reader.list(LIST_MAX, 4, (each) => each.u32()),
    read: reader.list(LIST_MAX, 4, (each) => each.u32()),
    closes: reader.list(LIST_MAX, 4, (each) => readText(each, NAME_BYTES_MAX)),
  }));
}

/** The walks that were begun, by the name of their contract, and the closes that they have found, each once. */
export type TrailRows = {
  walk(name: string): KeptWalk | undefined;
  close(name: string): KeptClose | undefined;
  closes(): readonly KeptClose[];
  /** Bytes that a close takes. */
  bytesOf(name: string): number;
  /** Keep how far a walk has come, and what it has found on the way; refuses where there is no room. */
  keep(name: string, walk: KeptWalk, found: readonly KeptClose[]): Promise<Verdict<null>>;
  /** Let go of walks, and of the closes that no other needs. */
  drop(names: readonly string[]): Promise<void>;
  names(): readonly string[];
};

export async function openTrailRows(store: WalletStore): Promise<TrailRows> {
  const walks = new Map<string, KeptWalk>();
  const closes = new Map<string, { readonly close: KeptClose; readonly bytes: number }>();
  for (const [key, bytes] of await store.rows("closes")) {
    if (key.startsWith(CLOSE)) {
      const close = decodeKeptClose(bytes);
      if (close.ok)
        closes.set(key.slice(CLOSE.length), { close: close.value, bytes: bytes.length });
    } else {
      const walk = decodeWalk(bytes);
      if (walk.ok) walks.set(key.slice(WALK.length), walk.value);
    }
  }
  // A walk that has lost a close is begun anew.
  for (const [name, walk] of walks) {
    if (!walk.closes.every((each) => closes.has(each))) walks.delete(name);
  }

  return {
    walk: (name) => walks.get(name),
    close: (name) => closes.get(name)?.close,
    closes: () => [...closes.values()].map(({ close }) => close),
    bytesOf: (name) => closes.get(name)?.bytes ?? 0,
    names: () => [...walks.keys()],

    async keep(name, walk, found) {
      const encoded = found.map(
        (close) => [nameClose(close), close, encodeKeptClose(close)] as const,
      );
      const fresh = encoded.filter(([each]) => !closes.has(each));
      const held = [...closes.values()].reduce((sum, { bytes }) => sum + bytes, 0);
      const added = fresh.reduce((sum, [, , bytes]) => sum + bytes.length, 0);
      if (held + added > BYTES_MAX) {
        const message = `no more than ${BYTES_MAX} bytes of closes are kept`;
        return { ok: false, code: "FULL", message };
      }
      await store.commit([
        ...fresh.map(([each, , value]): StoreOperation => {
          return { kind: "put", table: "closes", key: CLOSE + each, value };
        }),
        { kind: "put", table: "closes", key: WALK + name, value: encodeWalk(walk) },
      ]);
      for (const [each, close, bytes] of fresh) closes.set(each, { close, bytes: bytes.length });
      walks.set(name, walk);
      return accept(null);
    },

    async drop(names) {
      const dropped = names.filter((name) => walks.has(name));
      if (dropped.length === 0) return;
      const left = [...walks].filter(([name]) => !dropped.includes(name));
      const needed = new Set(left.flatMap(([, walk]) => walk.closes));
      const unneeded = [...closes.keys()].filter((name) => !needed.has(name));
      await store.commit(
        [...dropped.map((name) => WALK + name), ...unneeded.map((name) => CLOSE + name)].map(
          (key) => ({ kind: "delete", table: "closes", key }) as const,
        ),
      );
      for (const name of dropped) walks.delete(name);
      for (const name of unneeded) closes.delete(name);
    },
  };
}
