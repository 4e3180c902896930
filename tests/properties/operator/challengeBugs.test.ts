import { afterEach, describe, expect, it } from "vitest";
import type * as Histories from "../../../src/blocks/history.ts";
import type * as ChallengeRecords from "../../../src/chain/challenges/challengeRecord.ts";
import type * as GoneContracts from "../../../src/chain/challenges/goneContract.ts";
import type * as OwnersWords from "../../../src/chain/challenges/ownersWord.ts";
import { accept } from "../../../src/lib/verdict.ts";
import type * as ContractIndexes from "../../../src/operator/engine/contractIndex.ts";
import type * as OwnBlocks from "../../../src/operator/ownBlocks.ts";
import { replace, restoreAll } from "../settlement/plantBug.ts";

const CHALLENGES = "chain/challenges";

/** What would let somebody frame an honest operator, or leave him without an answer that he has. */
const FRAMES: Record<string, () => void> = {
  "later means under a later record": () =>
    replace<typeof GoneContracts>(`${CHALLENGES}/goneContract.ts`, () => ({
      isLater: ([, a], [, b]) =>
        b.rank.height > a.rank.height ||
        (b.rank.height === a.rank.height && b.rank.place > a.rank.place),
    })),
  "the other side of a condition is looked at": () =>
    replace<typeof GoneContracts>(`${CHALLENGES}/goneContract.ts`, () => ({
      judgeGone: () => accept(null),
    })),
  "a close that came too late is no answer": () =>
    replace<typeof OwnersWords>(`${CHALLENGES}/ownersWord.ts`, (real) => ({
      isOwnersWord: (shown, ...rest) =>
        !(
          shown.kind === "contract-close" &&
          shown.close.authorisation.kind === "exact" &&
          shown.close.authorisation.close.heightMax < 1_000
        ) && real.isOwnersWord(shown, ...rest),
    })),
  "a match is no answer": () =>
    replace<typeof OwnersWords>(`${CHALLENGES}/ownersWord.ts`, (real) => ({
      isOwnersWord: (shown, ...rest) => shown.kind !== "match" && real.isOwnersWord(shown, ...rest),
    })),
  "closes are late by themselves only": () =>
    replace<typeof Histories>("blocks/history.ts", (real) => ({
      findLate: (deadlines, ...rest) =>
        real.findLate(
          deadlines.map((each) => ({ ...each, takes: [] })),
          ...rest,
        ),
    })),
  "the operator forgets what he sweeps": () =>
    replace<typeof ContractIndexes>("operator/engine/contractIndex.ts", (real) => ({
      indexBlock(index, block, effects) {
        real.indexBlock(index, block, effects);
        for (const { leaf } of effects.swept)
          index.gone.delete(Buffer.from(leaf.id).toString("hex"));
      },
    })),
  "the operator shows a close under the post before": () =>
    replace<typeof OwnBlocks>("operator/ownBlocks.ts", (real) => ({
      findShownPost: (state, store, height) =>
        real.findShownPost({ ...state, posts: state.posts.slice(0, -1) }, store, height),
    })),
};

/** What would let an operator who sold twice go free. */
const ESCAPES: Record<string, () => void> = {
  "anybody's word is the owner's": () =>
    replace<typeof OwnersWords>(`${CHALLENGES}/ownersWord.ts`, () => ({
      isOwnersWord: () => true,
    })),
  "what was made up afterwards counts": () =>
    replace<typeof ChallengeRecords>(`${CHALLENGES}/challengeRecord.ts`, () => ({
      isRecordedBy: () => true,
    })),
  "every close is late": () =>
    replace<typeof Histories>("blocks/history.ts", () => ({
      findLate: (deadlines) => deadlines.map(({ contractId }) => contractId),
    })),
};

afterEach(restoreAll);

describe("a bug in how double sales are judged or answered is caught:", () => {
  it.each(Object.entries(FRAMES))("%s", async (_, plant) => {
    plant();
    const { findFramed } = await import("./challengePlay.ts");
    expect(await findFramed([1, 2, 3, 4])).toBeDefined();
  });

  it.each(Object.entries(ESCAPES))("%s", async (_, plant) => {
    plant();
    const { findEscape } = await import("./challengePlay.ts");
    expect(findEscape([1, 2, 3, 4])).toBeDefined();
  });
});
