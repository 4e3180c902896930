import type { Wallet } from "../../src/client/wallet.ts";
import type { KeyValueStore } from "../../src/disk/keyValueStore.ts";
import { openTower, type Tower } from "../../src/tower/tower.ts";
import { type HandOverStory, sleep } from "./handOverStory.ts";
import { RULES } from "./localWorld.ts";

export type StoryTower = Tower & { readonly wallet: Wallet };

/** A watchtower in a story: its rows outlive it. It looks when the story says so, not with everybody. */
export async function startTower(
  story: HandOverStory,
  store: KeyValueStore,
  name = "tower",
): Promise<StoryTower> {
  const { world } = story;
  const wallet = await world.openWallet(name);
  sleep(story, wallet);
  const signer = world.signerOf(name);
  const tower = await openTower({ rules: RULES, wallet, signer, store, say: () => undefined });
  await tower.advance();
  return { ...tower, wallet };
}
