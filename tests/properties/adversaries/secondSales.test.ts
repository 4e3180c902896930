import { beforeAll, describe, expect, it } from "vitest";
import { isBuried } from "../../../src/client/buried.ts";
import { judgeSecondSale, OVERLAPS } from "../../adversaries/courtOf.ts";
import { planSteps } from "../../adversaries/judge.ts";
import { LEVELS, recordStory } from "../../adversaries/recording.ts";
import { Replay } from "../../adversaries/replay.ts";

const VEO = 100_000_000n;
const PRIZE = 1_000n * VEO;

describe("what a wallet shows as verified, before the court", () => {
  let replay: Replay;

  beforeAll(async () => {
    const recording = await recordStory("court", "exchange");
    replay = await Replay.open(recording);
    for (const { moment, url } of planSteps(recording, [])) await replay.goTo(moment, url);
  }, 120_000);

  it.each(LEVELS)(
    "wins against a second sale on any level above, posted later: in the %s",
    (level) => {
      const { wallet, recording } = replay;
      const chain = wallet.tracker.find(recording.chains[level].chain.id);
      const held = [...(chain?.book.own ?? [])]
        .filter(([id, own]) => chain?.book.live.has(id) && !own.leaf.sealed)
        .map(([, own]) => own)
        .filter((own) => isBuried(own, wallet.mainChain));
      expect(held.length).toBeGreaterThan(0);
      for (const own of held) {
        for (const above of LEVELS.slice(0, LEVELS.indexOf(level) + 1)) {
          for (const overlap of OVERLAPS) {
            const ruling = judgeSecondSale(replay, level, own, { level: above, overlap });
            expect(ruling).toEqual({ user: PRIZE, liar: 0n, isSettled: true });
          }
        }
      }
    },
  );
});
