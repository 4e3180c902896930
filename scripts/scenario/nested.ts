import { join } from "node:path";
import type { TrackedChain } from "../../src/client/chainTracker.ts";
import { createLocalSigner } from "../../src/client/localSigner.ts";
import type { Wallet } from "../../src/client/wallet.ts";
import { openWallet } from "../../src/headless/openWallet.ts";
import { equalBytes } from "../../src/lib/bytes.ts";
import { formatHex, parseHex } from "../../src/lib/hex.ts";
import { insist } from "../../src/lib/verdict.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import { createRules } from "../../src/protocol/rules.ts";
import { type DrivenNetwork, keyOf } from "./drivenNetwork.ts";
import { balanceOf, finishJourneys, outcomeOf, playStory, type Telling } from "./story.ts";
import { expect, type Outcome, veo } from "./telling.ts";

const VEO = 100_000_000n;
const PRIZE = 1_000n * VEO;
const SPORTS = 700n * VEO;
const SYNDICATE = 650n * VEO;
const OWN = 600n * VEO;
const EXPIRY = 60;

/** How the winner is paid: by one claim for all levels, or level by level. */
export type NestedEnding = "claim" | "levels";

/** Three levels with real processes, the innermost posting in its grandparent, told step by step. */
export function playNested(telling: Telling & { readonly ending: NestedEnding }): Promise<Outcome> {
  const { seed, ending, data, say } = telling;
  return playStory(telling, async (network, openUser) => {
    say(`Seed ${seed}. Starting a node and an exchange that locks ${veo(PRIZE)}.`);
    await network.start();
    const exchange = await network.startExchange(EXPIRY, ["--label", "Exchange"]);
    const exchangeId = exchange.up.chainId ?? "";
    say(`Height ${network.height}: the exchange is up, chain ${exchangeId.slice(0, 8)}.`);

    const sports = await network.startNested("sports", [
      ...["--parent", network.operatorUrl, "--buy", String(SPORTS), "--anchor", "parent"],
      ...["--label", "Sports market", "--faucet"],
    ]);
    say(
      `Height ${network.height}: a sports market bought ${veo(SPORTS)} of the exchange, sealed it, and runs ` +
        `chain ${sports.up.chainId?.slice(0, 8)} inside, posting in the exchange.`,
    );
    const syndicate = await network.startNested("syndicate", [
      ...["--parent", sports.up.address ?? "", "--buy", String(SYNDICATE)],
      ...["--anchor", exchangeId, "--label", "Syndicate", "--faucet"],
    ]);
    const syndicateId = syndicate.up.chainId ?? "";
    say(
      `Height ${network.height}: a syndicate bought ${veo(SYNDICATE)} of the sports market, sealed it, and runs ` +
        `chain ${syndicateId.slice(0, 8)} inside, posting in the exchange, its grandparent.`,
    );

    const wallet = await openUser();
    insist(await network.act(wallet, wallet.follow(syndicate.up.address ?? "")));
    await network.mine(1, wallet);
    expect(wallet.tracker.chains().length === 3, "all three chains are followed");
    for (const { followed, book } of wallet.tracker.chains()) {
      expect(book.breach === undefined, `every block of ${followed.label} holds`);
      say(
        `  ${followed.label}: ${book.tip.height} blocks and ${book.postCount} records checked here`,
      );
    }

    await network.kill(sports);
    say(`Height ${network.height}: the operator of the sports market is gone, without a word.`);
    const own = await buy(network, wallet, parseHex(syndicateId));
    const chain = find(wallet, syndicateId);
    expect(chain.book.breach === undefined, "every block of the syndicate holds");
    expect(
      find(wallet, sports.up.chainId ?? "").connection === "down",
      "nobody answers for the sports market",
    );
    say(
      `Height ${network.height}: bought [${veo(own.lo)}, ${veo(own.hi)}) three levels down; the block is recorded ` +
        "by way of the exchange, and nobody had to ask the sports market.",
    );
    await beginLate(network, wallet, join(data, "newcomer"), syndicate.up.address ?? "");
    say(
      "  a wallet that begins now finds the blocks of all three chains, the sports market's at the syndicate's",
    );
    const owner = { network, wallet, seed, data, say };
    return await settle({ ...owner, ending, chain, exchangeId, ownId: formatHex(own.id) });
  });
}

/** Follow the innermost chain by a wallet that has nothing yet, and come as far as the one that was there from the beginning. */
async function beginLate(network: DrivenNetwork, known: Wallet, directory: string, url: string) {
  const { wallet, close } = await openWallet({
    directory,
    node: network.nodeUrl,
    signer: undefined,
    now: () => network.nowMs,
  });
  try {
    await wallet.sync();
    insist(await wallet.follow(url));
    await wallet.sync();
    for (const { followed, book } of known.tracker.chains()) {
      const { tip, postCount } = find(wallet, formatHex(followed.facts.id)).book;
      const isSame = equalBytes(tip.hash, book.tip.hash) && postCount === book.postCount;
      expect(isSame, `who begins late comes to the tip of ${followed.label}`);
    }
  } finally {
    await close();
  }
}

type Settling = Telling & {
  readonly network: DrivenNetwork;
  readonly wallet: Wallet;
  readonly ending: NestedEnding;
  readonly chain: TrackedChain;
  readonly exchangeId: string;
  readonly ownId: string;
};

/** From the expiry to the payment. No operator is needed any more, and none is there. */
async function settle(settling: Settling): Promise<Outcome> {
  const { network, wallet, say, ending, chain, exchangeId, ownId } = settling;
  const { facts, claimDelay, disputeDelay } = chain.followed;
  const syndicateId = formatHex(facts.id);
  await network.mine(EXPIRY - network.height, wallet);
  await network.killOperators();
  await network.mine(LOCAL_NETWORK.drawBlocks, wallet);
  const point = find(wallet, syndicateId).settlement?.point;
  if (point === undefined) throw new Error("the point is not drawn");
  say(`Height ${network.height}: every operator is gone. The point is ${veo(point)}.`);
  const own = chain.book.own.get(ownId);
  const isWon = own !== undefined && own.leaf.lo <= point && point < own.leaf.hi;
  const wait = () => network.mine(1 + claimDelay + disputeDelay, wallet);
  if (!isWon) {
    say("It is not on the user's space: there is nothing to claim.");
    await wait();
    insist(await network.act(wallet, wallet.collect(parseHex(exchangeId))));
    await network.mine(1, wallet);
    const settled = find(wallet, exchangeId).settlement?.settled;
    expect(settled?.operatorPaid === PRIZE, "without a claim the prize is the exchange's");
    say(`Height ${network.height}: nobody claimed; the prize goes to the exchange's operator.`);
    return outcomeOf(wallet, point);
  }
  if (ending === "levels") await claimAbove(settling, wait);
  const before = balanceOf(wallet);
  insist(await network.act(wallet, wallet.claim(own.leaf.id)));
  await network.mine(1, wallet);
  const status = find(wallet, syndicateId).settlement;
  const levels = status?.results[0]?.line.length;
  const shown = ending === "claim" ? 3 : 1;
  expect(levels === shown, `the claim shows ${shown} leaves, got ${levels}`);
  say(
    `Height ${network.height}: claimed with ${shown} anchored proof${shown > 1 ? "s, one a level" : ""}; ` +
      `${veo(before - balanceOf(wallet))} put down as deposit and fees.`,
  );
  await wait();
  insist(await network.act(wallet, wallet.collect(facts.id)));
  await network.mine(1, wallet);
  const settled = find(wallet, syndicateId).settlement?.settled;
  expect(settled?.paid === PRIZE, "the whole prize is paid to the winner");
  const expected = before + PRIZE - 2n * 10_000n - VEO / 100n;
  expect(balanceOf(wallet) === expected, `prize and deposit are there: ${veo(expected)}`);
  say(
    `Height ${settled.height}: won three levels down. ${veo(PRIZE)} paid; the user ends with ${veo(balanceOf(wallet))}.`,
  );
  return outcomeOf(wallet, point);
}

/** The owners of the contracts above come back with what their light clients kept, and claim theirs one after another. */
async function claimAbove(settling: Settling, wait: () => Promise<void>): Promise<void> {
  const { network, wallet, seed, data, say, chain, exchangeId } = settling;
  const { networkId } = createRules(LOCAL_NETWORK);
  const sportsId = formatHex(chain.followed.nested?.parentId ?? new Uint8Array());
  const levels = [
    { name: "sports", inside: exchangeId, id: sportsId },
    { name: "syndicate", inside: sportsId, id: formatHex(chain.followed.facts.id) },
  ];
  for (const { name, inside, id } of levels) {
    const owner = await openWallet({
      directory: join(data, name, "client"),
      node: network.nodeUrl,
      signer: createLocalSigner(keyOf(seed, name), networkId),
      now: () => network.nowMs,
    });
    try {
      await owner.wallet.sync();
      insist(await network.act(owner.wallet, owner.wallet.claim(parseHex(id))));
      await wait();
      await owner.wallet.sync();
      insist(await network.act(owner.wallet, owner.wallet.collect(parseHex(inside))));
      await network.mine(1, wallet);
    } finally {
      await owner.close();
    }
    say(
      `Height ${network.height}: the owner of ${name} claimed with his own contract; it is an on-chain chain now, with ` +
        "the same point and the prize in it.",
    );
  }
}

async function buy(network: DrivenNetwork, wallet: Wallet, chainId: Uint8Array) {
  insist(await network.act(wallet, wallet.buySpace(chainId, OWN)));
  await finishJourneys(network, wallet);
  const { book } = find(wallet, formatHex(chainId));
  const own = [...book.own].find(
    ([id, { leaf }]) => book.live.has(id) && leaf.hi - leaf.lo === OWN,
  );
  if (own === undefined) throw new Error("the space was not bought");
  return own[1].leaf;
}

function find(wallet: Wallet, id: string): TrackedChain {
  const chain = wallet.tracker.find(parseHex(id));
  if (chain === undefined) throw new Error(`the wallet does not follow ${id}`);
  return chain;
}
