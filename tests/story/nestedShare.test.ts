import { describe, expect, it } from "vitest";
import type { TrackedChain } from "../../src/client/chainTracker.ts";
import { createLine } from "../../src/client/ownProof.ts";
import type { Wallet } from "../../src/client/wallet.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { insist } from "../../src/lib/verdict.ts";
import type { Operator } from "../../src/operator/operator.ts";
import { createWalletStore, VEO } from "./localWorld.ts";
import { beginNested, buySpace, find, SYNDICATE } from "./nestedStory.ts";

const WIDTHS = { sports: 200n * VEO, syndicate: 100n * VEO };

/** What both ways to know must agree on: the history, and what is held with its proofs. */
function describeKnown({ book }: TrackedChain) {
  const describe = ([id, own]: typeof book.own extends ReadonlyMap<string, infer Own>
    ? [string, Own]
    : never) => ({ ...own, isLive: book.live.has(id) });
  return {
    posts: book.postCount,
    lastPost: book.lastPost,
    own: [...book.own].map(describe),
    inside: [...book.inside].map(describe),
    breach: book.breach,
  };
}

/** The user holds 10 VEO three levels down, and checks his own share of every chain on the way. */
async function beginShare(seed: string, anchor: "sports" | "exchange") {
  const nested = await beginNested(seed, WIDTHS, { syndicateAnchor: anchor, expiry: 150 });
  const { story, exchange, sports, syndicate } = nested;
  const { world, user } = story;
  const owned = await buySpace(story, user, syndicate.id, 10n * VEO);
  await world.mine(6);
  const ids = [exchange, sports.id, syndicate.id];
  const all = (wallet: Wallet) => ids.map((id) => find(wallet, id));
  // A second wallet of the same key checks every block of every chain.
  const whole = await world.openWallet("user", createWalletStore());
  await whole.sync();
  insist(await whole.follow(SYNDICATE));
  await world.mine();
  for (const chain of all(user)) await user.tracker.setMode(chain, "ownShare");
  await user.sync();
  return { ...nested, world, user, owned, whole, all };
}

/** Others trade on every level, and every operator posts it. */
async function trade({
  story,
  exchange,
  sports,
  syndicate,
}: Awaited<ReturnType<typeof beginShare>>) {
  const { world, counterparty } = story;
  insist(await world.during(counterparty.buySpace(exchange, 5n * VEO)));
  insist(await world.during(syndicate.wallet.buySpace(sports.id, 5n * VEO)));
  insist(await world.during(sports.wallet.buySpace(syndicate.id, 5n * VEO)));
  await world.mine(8);
}

/** Bytes of all blocks of a chain above a height. */
async function countBlockBytes(operator: Operator, above: number): Promise<number> {
  let sum = 0;
  for (let height = above + 1; height <= operator.publishedHeight(); height++) {
    sum += (await operator.block(height))?.length ?? 0;
  }
  return sum;
}

describe("a holder three levels down who checks only his own share", () => {
  it.each(["exchange", "sports"] as const)(
    "knows what a check of all blocks of all three chains knows, where the innermost posts in the %s",
    async (anchor) => {
      const started = await beginShare(`share in ${anchor}`, anchor);
      const { world, user, whole, all, exchange, sports, syndicate, owned } = started;
      const from = all(user).map(({ book }) => book.tip.height);
      insist(await started.sports.wallet.follow(SYNDICATE));
      await world.mine();
      await trade(started);
      const operators = [world.operator, sports.operator, syndicate.operator];
      for (const [index, chain] of all(user).entries()) {
        const { book } = chain;
        expect(book.shareSince).toBeGreaterThan(0);
        const posts = book.postCount - (book.shareSince ?? 0);
        expect(posts).toBeGreaterThan(0);
        expect(describeKnown(chain)).toEqual(describeKnown(all(whole)[index] as TrackedChain));
        // One question a post, whatever is held and whoever posts there; and less than the blocks.
        const bytes = user.tracker.proofBytesOf(chain);
        const blockBytes = await countBlockBytes(operators[index] as Operator, from[index] ?? 0);
        expect(bytes).toBeLessThan(blockBytes);
      }
      // Nobody is needed for the claim.
      const line = (wallet: Wallet) => {
        const own = find(wallet, syndicate.id).book.own.get(formatHex(owned.id));
        return own && createLine(wallet.tracker.withAncestors(find(wallet, syndicate.id)), own);
      };
      expect(line(user)).toMatchObject({ ok: true });
      expect(line(user)).toEqual(line(whole));
      // Nothing is bought where only the own share is known of a chain that it leans on.
      await user.tracker.setMode(find(user, syndicate.id), "full");
      await user.sync();
      const refused = await world.during(user.buySpace(syndicate.id, VEO));
      expect(refused).toMatchObject({ ok: false, code: "NOT_SAFE" });
      for (const chain of all(user)) await user.tracker.setMode(chain, "full");
      await world.mine();
      for (const [index, { book }] of all(user).entries()) {
        const other = (all(whole)[index] as TrackedChain).book;
        expect(book.shareSince).toBeUndefined();
        expect(book.tip.hash).toEqual(other.tip.hash);
        expect([...book.live.keys()].toSorted()).toEqual([...other.live.keys()].toSorted());
      }
      insist(await world.during(user.buySpace(syndicate.id, VEO)));
      await world.mine(6);
      // And back again, with the wallet opened anew on the way.
      for (const chain of all(user)) await user.tracker.setMode(chain, "ownShare");
      await user.sync();
      const reopened = await world.openWallet("user");
      await reopened.sync();
      insist(await world.during(started.story.counterparty.buySpace(exchange, VEO)));
      await world.mine(6);
      expect(all(reopened).map(describeKnown)).toEqual(all(whole).map(describeKnown));
    },
  );
});
