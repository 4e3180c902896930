import { describe, expect, it } from "vitest";
import { computeBytePrice } from "../../../src/chain/requests/judgeResponse.ts";
import { getAccount } from "../../../src/chain/state/mainState.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";
import { mallory, oscar } from "../../unit/blocks/chainLab.ts";
import { PARAMETERS } from "../../unit/chain/requests/dataWorld.ts";
import { ChallengePlay, findEscape, hand } from "./challengePlay.ts";

const SEEDS = [1, 2];

describe("an honest operator whose every contract that is gone is challenged", () => {
  it("answers under the next tip, never ends poorer, and is paid for by who challenges", async () => {
    const kinds = new Set<string>();
    for (const seed of SEEDS) {
      const random = new SeededRandom(seed);
      const play = new ChallengePlay(random);
      const { world } = play;
      let raised = 0;
      for (let round = 0; round < 10; round++) {
        play.trade();
        const before = {
          operator: world.balance(oscar),
          challenger: world.balance(mallory),
          miners: world.miners,
        };
        const [open, bytes] = [raised, play.bytes];
        for (let more = 3 + random.below(8); more > 0; more--) {
          const said = play.challenge();
          if (said === "holds") raised += 1;
        }
        const waiting = world.challenges().open.length;
        await play.answer();
        expect(world.challenges(), `seed ${seed}, round ${round}`).toEqual({
          open: [],
          lost: undefined,
        });
        expect(world.balance(oscar)).toBe(before.operator);
        const paid = before.challenger - world.balance(mallory);
        expect(paid).toBe(world.miners - before.miners);
        const fees = BigInt(raised - open) * PARAMETERS.dataRequestFee;
        const price = BigInt(play.bytes - bytes) * computeBytePrice(PARAMETERS);
        expect(paid).toBeGreaterThanOrEqual(fees + price);
        expect(play.bytes - bytes).toBeLessThanOrEqual(waiting * PARAMETERS.claimBytesMax);
      }
      expect(getAccount(world.state, hand.publicKey).balance).toBe(0n);
      expect(raised).toBeGreaterThan(5);
      for (const kind of play.kinds) kinds.add(kind);
    }
    // Or the green result says nothing.
    expect([...kinds].toSorted()).toEqual(["close", "condition", "late"]);
  });
});

describe("an operator who sold twice", () => {
  it("finds no answer in all that was ever signed on his chain, nor in what he makes up afterwards", () => {
    expect(findEscape(SEEDS)).toBeUndefined();
  });
});
