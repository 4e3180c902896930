/** A story that goes on by turns: it gets the way to wait for the next block. */
export type TurnStory = (nextBlock: () => Promise<void>) => Promise<void>;

/**
 * Play several stories on one main chain: each goes on until it waits for the next block, one after another, always in the
 * same order; when all wait, the block is mined. What a story throws ends all.
 */
export async function playInTurns(
  stories: readonly TurnStory[],
  mine: () => Promise<void>,
): Promise<void> {
  let open = stories.map(createPlayer);
  while (open.length > 0) {
    for (const player of open) await player.goOn();
    open = open.filter((player) => !player.isOver());
    if (open.length > 0) await mine();
  }
}

type Player = {
  /** Resolves when the story waits for a block, or is over; rejects with what it throws. */
  goOn(): Promise<void>;
  isOver(): boolean;
};

function createPlayer(story: TurnStory): Player {
  let isOver = false;
  let wake: (() => void) | undefined;
  let giveBack: { readonly done: () => void; readonly fail: (error: unknown) => void };
  const nextBlock = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
      giveBack.done();
    });
  return {
    isOver: () => isOver,
    goOn: () =>
      new Promise<void>((done, fail) => {
        giveBack = { done, fail };
        if (wake !== undefined) return wake();
        story(nextBlock).then(
          () => {
            isOver = true;
            giveBack.done();
          },
          (error: unknown) => giveBack.fail(error),
        );
      }),
  };
}
