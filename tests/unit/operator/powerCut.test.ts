import { expect, it } from "vitest";
import { formatHex } from "../../../src/lib/hex.ts";
import { TRUE_SCRIPT } from "../../../src/protocol/script.ts";
import {
  buyCash,
  contractsOf,
  granted,
  placeBet,
  proposeState,
  redeem,
  reserve,
} from "./traders.ts";
import { createDurable, type Durable, keyOf, PowerCut, report, World } from "./world.ts";

const alice = keyOf("alice");
const bob = keyOf("bob");
const VEO = 100_000_000n;

/** Purchases, a state, a bet, its end, and posts: every kind of row is written. */
function tellStory(world: World): void {
  const cash = buyCash(world, alice, VEO);
  buyCash(world, bob, VEO);
  const { id: contractId } = cash.leaf;
  granted(
    world,
    proposeState(world, alice, { contractId, nonce: 1, script: TRUE_SCRIPT }),
    "state",
  );
  placeBet(world, alice, bob, cash, VEO);
  world.mine(1);
  report(world.durable, "true");
  world.mine(3);
  const requests = contractsOf(world, alice).map((contract) => redeem(world, alice, contract));
  world.settle();
  for (const request of requests) granted(world, request, "closes");
  world.mine(2);
}

function run(durable: Durable, cutAtCommit?: number, isCutAfter = false): World {
  const options = cutAtCommit === undefined ? {} : { cutAtCommit, isCutAfter };
  const world = new World(durable, options);
  try {
    tellStory(world);
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error;
  }
  return world;
}

const COMMITS = run(createDurable()).commits;

it("has a story with many commits", () => {
  expect(COMMITS).toBeGreaterThan(20);
});

it.each(Array.from({ length: COMMITS }, (_, index) => index + 1))(
  "resumes where its disk says after a cut at commit %i, before and after it",
  (cut) => {
    for (const isCutAfter of [false, true]) {
      const durable = createDurable();
      const before = run(durable, cut, isCutAfter);
      const after = new World(durable);
      after.settle();

      // What was promised before the cut stands after it.
      for (const answer of before.answers.values()) {
        if (!answer.ok) continue;
        if (answer.value.kind === "closes") {
          expect(answer.value.blockHeight).toBeLessThanOrEqual(after.state.tip.height);
        }
        if (answer.value.kind === "state") {
          const { signed } = answer.value;
          const key = formatHex(signed.state.contractId);
          expect(after.state.states.get(key)).toEqual(signed);
        }
      }
      expect(after.state.tip.hash).toEqual(durable.tip.hash);
      expect(after.state.tip.state).toEqual(durable.tip.state);

      // The chain goes on, and its posts with it.
      reserve(after, keyOf("carol"), VEO);
      after.settle();
      after.mine(2);
      after.settle();
      after.mine(2);
      expect(durable.postedHashes.at(-1)).toEqual(durable.tip.hash);
      expect(new World(durable).state.tip).toEqual(after.state.tip);
    }
  },
);

it("does not start on rows of which one is damaged or missing", () => {
  const damaged = createDurable();
  run(damaged);
  const key = "block:0000000002";
  const bytes = damaged.rows.get(key)?.slice() ?? new Uint8Array();
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  damaged.rows.set(key, bytes);
  expect(() => new World(damaged)).toThrow("assertion failed");
  damaged.rows.delete(key);
  expect(() => new World(damaged)).toThrow("block 2 is on disk");
});
