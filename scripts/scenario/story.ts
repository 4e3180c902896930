import { join } from "node:path";
import { openAgent } from "../../src/agents/openAgent.ts";
import type { Wallet } from "../../src/client/wallet.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { insist } from "../../src/lib/verdict.ts";
import { DrivenNetwork, keyOf } from "./drivenNetwork.ts";
import type { Outcome } from "./telling.ts";

/** What a story is played with. `say` is told each step in words. */
export type Telling = {
  readonly seed: string;
  readonly data: string;
  readonly say: (words: string) => void;
};

/**
 * Play a story in a network of its own, and end all of it however it ends.
 *
 * @param play - gets the network, and opens the user's wallet when it wants it, with coins from the faucet.
 */
export async function playStory(
  { seed, data }: Telling,
  play: (network: DrivenNetwork, openUser: () => Promise<Wallet>) => Promise<Outcome>,
): Promise<Outcome> {
  const network = new DrivenNetwork(seed, data);
  const closers = [() => network.stop()];
  try {
    return await play(network, async () => {
      const { wallet, close } = await openAgent({
        data: join(data, "user"),
        node: network.nodeUrl,
        key: keyOf(seed, "user"),
        now: () => network.nowMs,
      });
      closers.unshift(close);
      await wallet.sync();
      insist(await network.act(wallet, wallet.requestCoins()));
      await network.mine(2, wallet);
      return wallet;
    });
  } finally {
    for (const close of closers) await close();
  }
}

/** Mine until the wallet has seen through what it has begun. */
export async function finishJourneys(network: DrivenNetwork, wallet: Wallet): Promise<void> {
  const isOpen = () =>
    wallet
      .hands()
      ?.journeys.list()
      .some(([, { state }]) => state.kind === "open") ?? false;
  for (let blocks = 0; isOpen() && blocks < 30; blocks++) await network.mine(1, wallet);
}

export function balanceOf(wallet: Wallet): bigint {
  return wallet.hands()?.outbox.account().balance ?? 0n;
}

/** What a run came to, as the user's wallet knows it. */
export function outcomeOf(wallet: Wallet, point: bigint): Outcome {
  return { point, tip: formatHex(wallet.mainChain.tip().hash), balance: balanceOf(wallet) };
}
