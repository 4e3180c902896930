import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { sha256 } from "../src/lib/hash.ts";
import { insist } from "../src/lib/verdict.ts";
import { openRowStore } from "../src/operator/store/openRowStore.ts";
import type { RowStore } from "../src/operator/store/rowStore.ts";
import { encodeContractState } from "../src/protocol/contractState.ts";
import { TRUE_SCRIPT } from "../src/protocol/script.ts";
import { computePublicKey, signDigest, verifySignature } from "../src/protocol/signature.ts";
import { beginStory } from "../tests/story/footballStory.ts";
import { VEO } from "../tests/story/localWorld.ts";

/**
 * `updatesPerSecond`: contract states checked, signed and on disk at one operator. `ratio`: its time to that of
 * the bare verification and signature by the same library in the same run.
 */
export type StateBenchmark = {
  readonly name: string;
  readonly updatesPerSecond: number;
  readonly ratio: number;
  readonly note: string;
};

const UPDATES = 300;

/** Update one contract's terms again and again, each nonce signed by both sides, each answer on disk first. */
export async function benchStates(): Promise<StateBenchmark[]> {
  const folder = await mkdtemp(join(tmpdir(), "sortition-bench-"));
  const stores: RowStore[] = [];
  try {
    const story = await beginStory("bench", async (name) => {
      const store = await openRowStore(join(folder, name));
      stores.push(store);
      return store;
    });
    await story.placeBet(100n * VEO);
    const signer = story.user.hands()?.signer;
    const own = [...story.chain().book.own.values()].find(({ leaf }) =>
      story.chain().book.live.has(Buffer.from(leaf.id).toString("hex")),
    );
    if (signer === undefined || own === undefined) throw new Error("no contract is held");
    const states = Array.from({ length: UPDATES }, (_, index) => ({
      contractId: own.leaf.id,
      nonce: index + 1,
      script: TRUE_SCRIPT,
    }));
    const signed = await Promise.all(
      states.map((state) => signer.sign("signState", encodeContractState(state))),
    );
    const bare = measureBare();
    const start = performance.now();
    for (const [index, state] of states.entries()) {
      const ownerSignature = signed[index] ?? new Uint8Array();
      insist(await story.world.operator.ask({ kind: "state", state, ownerSignature }));
    }
    const seconds = (performance.now() - start) / 1_000;
    return [
      {
        name: "operator: contract states, one after another",
        updatesPerSecond: Math.round(UPDATES / seconds),
        ratio: Math.round((100 * seconds) / bare) / 100,
        note: "one verification, one signature, two commits to disk each; noble",
      },
    ];
  } finally {
    for (const store of stores) await store.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Seconds that the signatures of all updates take alone. */
function measureBare(): number {
  const key = sha256(new Uint8Array(32));
  const publicKey = computePublicKey(key);
  const start = performance.now();
  for (let run = 0; run < UPDATES; run++) {
    const digest = sha256(Uint8Array.of(run & 255));
    verifySignature(signDigest(digest, key), digest, publicKey);
  }
  return (performance.now() - start) / 1_000;
}
