import { performance } from "node:perf_hooks";
import { insist } from "../src/lib/verdict.ts";
import { encodeContractState } from "../src/protocol/contractState.ts";
import { TRUE_SCRIPT } from "../src/protocol/script.ts";
import { beginStory } from "../tests/story/footballStory.ts";
import { VEO } from "../tests/story/localWorld.ts";

/** `updatesPerSecond`: contract states checked, signed and kept by one operator. */
export type StateBenchmark = {
  readonly name: string;
  readonly updatesPerSecond: number;
  readonly note: string;
};

const UPDATES = 300;

/** Update one contract's terms again and again, each nonce signed by both sides. */
export async function benchStates(): Promise<StateBenchmark[]> {
  const story = await beginStory("bench");
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
      note: "one verification and one signature each, noble; store in memory",
    },
  ];
}
