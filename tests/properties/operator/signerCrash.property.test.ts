import { describe, expect, it } from "vitest";
import { DiskError } from "../../../src/disk/diskError.ts";
import type { FileSystem } from "../../../src/disk/fileSystem.ts";
import { openLogStore } from "../../../src/disk/logStore.ts";
import { sha256 } from "../../../src/lib/hash.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { openSignerService } from "../../../src/operator/signer/signerService.ts";
import type { SigningRequest } from "../../../src/operator/signer/signerTable.ts";
import type { RowStore } from "../../../src/operator/store/rowStore.ts";
import { encodeContractState } from "../../../src/protocol/contractState.ts";
import { encodePost } from "../../../src/protocol/post.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";
import { SimDisk } from "../../reference/simDisk.ts";
import { keyOf, RULES } from "../../unit/operator/world.ts";

const SEEDS = 12;
const REQUESTS = 24;
const { privateKey } = keyOf("operator");

/** A bug is a change of what the signer sees of its disk. */
type Plant = {
  readonly files?: (files: FileSystem) => FileSystem;
  readonly store?: (store: RowStore) => RowStore;
};

const PLANTS: Record<string, Plant> = {
  "the table is never synced": {
    files: (files) => ({
      ...files,
      open: async (name) => ({ ...(await files.open(name)), sync: async () => undefined }),
    }),
  },
  "the table is written after the signature has left": {
    store: (store) => ({
      ...store,
      async commit(operations) {
        void store.commit(operations);
      },
    }),
  },
};

async function open(disk: SimDisk, random: SeededRandom, plant: Plant) {
  const { files = (real) => real, store: change = (real) => real } = plant;
  const store = await openLogStore(files(disk.files()), {
    randomBytes: (length) => random.bytes(length),
    mayCreate: true,
  });
  const rows: RowStore = {
    rows: () => store.entries(""),
    get: (key) => store.get(key),
    commit: (operations) => store.commit(operations),
    close: () => store.close(),
  };
  return openSignerService(change(rows), RULES.networkId, privateKey);
}

function createRequest(kind: number, number: number, variant: number): SigningRequest {
  const chainId = sha256(Uint8Array.of(kind));
  if (kind < 2) {
    const script = Uint8Array.of(variant);
    const body = encodeContractState({ contractId: chainId, nonce: number, script });
    return { purpose: "signState", body };
  }
  const blockHash = sha256(Uint8Array.of(variant));
  const post = { place: { kind: "mainChain" }, chainId, sequence: number, blockHash } as const;
  return { purpose: "signPost", body: encodePost(post) };
}

type Asked = { readonly kind: number; readonly number: number; readonly variant: number };

/** Sign, cut the power before every step of the disk, and ask each copy for rivals of all that had left. */
async function run(seed: number, plant: Plant): Promise<{ cuts: number; wrong: string[] }> {
  const random = new SeededRandom(seed);
  const disk = new SimDisk();
  const left: Asked[] = [];
  const cuts: { readonly disk: SimDisk; readonly left: number }[] = [];
  const signer = await open(disk, random, plant);
  disk.watch = () => cuts.push({ disk: disk.fork(), left: left.length });
  const ask = async (asked: Asked) => {
    const answer = await signer.sign(createRequest(asked.kind, asked.number, asked.variant));
    if (answer.ok) left.push(asked);
  };
  for (let made = 0; made < REQUESTS; ) {
    const atOnce = 1 + random.below(4);
    const number = 1 + Math.floor(made / 4);
    const asked = Array.from({ length: atOnce }, () => {
      return { kind: random.below(4), number, variant: random.below(2) };
    });
    await Promise.all(asked.map(ask));
    made += atOnce;
  }
  cuts.push({ disk: disk.fork(), left: left.length });
  const wrong: string[] = [];
  for (const cut of cuts) {
    cut.disk.cutPower(random);
    const again = await open(cut.disk, random, {}).catch((error: unknown) => {
      if (!(error instanceof DiskError)) throw error;
      wrong.push(`does not open: ${error.message}`);
      return undefined;
    });
    if (again === undefined) continue;
    for (const { kind, number, variant } of left.slice(0, cut.left)) {
      const rival = await again.sign(createRequest(kind, number, 1 - variant));
      if (rival.ok) wrong.push(`${kind} ${number}: ${formatHex(rival.value).slice(0, 8)}`);
    }
  }
  return { cuts: cuts.length, wrong };
}

describe("the signer's table on a disk that loses its power", () => {
  it(`lets nothing be signed twice, cut before every step of ${SEEDS} histories`, async () => {
    let cuts = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const result = await run(seed, {});
      expect(result.wrong, `seed ${seed}`).toEqual([]);
      cuts += result.cuts;
    }
    expect(cuts).toBeGreaterThan(SEEDS * 10);
  });

  it.each(Object.entries(PLANTS))("finds within 3 seeds that %s", async (_, plant) => {
    const found = [];
    for (let seed = 1; seed <= 3; seed++) found.push(...(await run(seed, plant)).wrong);
    expect(found.length).toBeGreaterThan(0);
  });
});
