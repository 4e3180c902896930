import { createHash } from "node:crypto";

/**
 * A second reading of the merkle map, from its description alone: bits as text, every tree rebuilt
 * from the sorted content, nothing cached or shared.
 */
export type NaiveMap = ReadonlyMap<string, Uint8Array>;

type Entry = { readonly key: string; readonly bits: string; readonly value: Uint8Array };

export function naiveRoot(map: NaiveMap): Uint8Array {
  const all = listEntries(map);
  return all.length === 0 ? hash([4]) : rootOf(all);
}

/** The expected bytes of the proof for a key in hex. */
export function naiveProof(map: NaiveMap, key: string): Uint8Array {
  let under = listEntries(map);
  if (under.length === 0) return Buffer.from([0]);
  const wanted = toBits(key);
  const steps: Uint8Array[] = [];
  while (under.length > 1) {
    const bit = splitBit(under);
    const others = under.filter(({ bits }) => bits[bit] !== wanted[bit]);
    under = under.filter(({ bits }) => bits[bit] === wanted[bit]);
    steps.push(Buffer.concat([Buffer.from([bit]), rootOf(others)]));
  }
  const found = under[0] as Entry;
  const front = found.key === key ? [1] : [2, ...Buffer.from(found.key, "hex")];
  const value = [...u32(found.value.length), ...found.value];
  const count = [steps.length >> 8, steps.length & 255];
  return Buffer.concat([Buffer.from([...front, ...value, ...count]), ...steps]);
}

function listEntries(map: NaiveMap): Entry[] {
  return [...map.keys()]
    .sort()
    .map((key) => ({ key, bits: toBits(key), value: map.get(key) as Uint8Array }));
}

function rootOf(sorted: readonly Entry[]): Uint8Array {
  const first = sorted[0] as Entry;
  if (sorted.length === 1) {
    return hash([2], Buffer.from(first.key, "hex"), u32(first.value.length), first.value);
  }
  const bit = splitBit(sorted);
  const side = (digit: string) => rootOf(sorted.filter(({ bits }) => bits[bit] === digit));
  return hash([3], [bit], side("0"), side("1"));
}

/** The first bit on which the entries do not all agree. */
function splitBit(entries: readonly Entry[]): number {
  for (let bit = 0; bit < 256; bit++) {
    if (new Set(entries.map(({ bits }) => bits[bit])).size > 1) return bit;
  }
  throw new Error("two entries with one key");
}

function toBits(key: string): string {
  return Array.from(key, (digit) => Number.parseInt(digit, 16).toString(2).padStart(4, "0")).join(
    "",
  );
}

function u32(value: number): number[] {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);
}

function hash(...parts: (Uint8Array | number[])[]): Uint8Array {
  const hasher = createHash("sha256");
  for (const part of parts) hasher.update(Uint8Array.from(part));
  return new Uint8Array(hasher.digest());
}
