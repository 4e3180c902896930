import type { OwnLeaf } from "../../src/client/ownLeaves.ts";
import { createAnchoredProof } from "../../src/client/ownProof.ts";
import type { Wallet } from "../../src/client/wallet.ts";
import { formatHex, parseHex } from "../../src/lib/hex.ts";
import { insist } from "../../src/lib/verdict.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import type { DrivenNetwork } from "./drivenNetwork.ts";
import { balanceOf, finishJourneys, outcomeOf, playStory, type Telling } from "./story.ts";
import { expect, type Outcome, veo } from "./telling.ts";

const VEO = 100_000_000n;
const STAKE = 100n * VEO;
const EXPIRY = 70;
const REPORT_AT = 55;

/** How the holder goes on after the bet. */
export type Ending = "hold" | "sell";

/** The football bet with real processes, told step by step. Throws where a step is not as it should be. */
export function playFootball(telling: Telling & { readonly ending: Ending }): Promise<Outcome> {
  const { seed, ending, say } = telling;
  return playStory(telling, async (network, openUser) => {
    say(`Seed ${seed}. Starting a node, a reporter, an operator with his signer, a counterparty.`);
    await network.startFootball(EXPIRY, REPORT_AT, "true");
    return play(network, await openUser(), ending, say);
  });
}

async function play(
  network: DrivenNetwork,
  wallet: Wallet,
  ending: Ending,
  say: (words: string) => void,
): Promise<Outcome> {
  const balance = () => balanceOf(wallet);
  expect(balance() === 1_200n * VEO, "the faucet's coins are in the account");
  say(`Height ${network.height}: ${veo(balance())} from the faucet, proven under the tip.`);

  insist(await network.act(wallet, wallet.follow(network.operatorUrl)));
  await network.mine(1, wallet);
  const chain = () => {
    const [found] = wallet.tracker.chains();
    if (found === undefined) throw new Error("the wallet follows no chain");
    return found;
  };
  const { facts, prize } = chain().followed;
  expect(chain().book.breach === undefined, "every block of the operator holds");
  say(
    `Chain ${formatHex(facts.id).slice(0, 8)} of ${veo(prize)}: ${chain().book.tip.height} blocks and ` +
      `${chain().book.postCount} records checked here.`,
  );

  const oracleId = parseHex(network.oracleId);
  insist(await network.act(wallet, wallet.placeBet(facts.id, oracleId, "yes", STAKE)));
  await finishJourneys(network, wallet);
  const held = liveOwn(chain()).filter(({ place }) => place.conditions.length > 0);
  expect(held.length === 2, `a position is a pair of contracts, got ${held.length}`);
  say(`Height ${network.height}: paid, redeemed and bet. ${veo(1_200n * VEO - balance())} spent.`);
  for (const own of held) {
    const proof = createAnchoredProof(own);
    say(
      `  yes on [${veo(own.leaf.lo)}, ${veo(own.leaf.hi)}): chance ${(100n * STAKE) / prize} % ` +
        `if the answer is yes, proof of ${proof?.path.length ?? 0} bytes in record ${proof?.sequence}`,
    );
  }

  const [first] = held;
  if (first === undefined) throw new Error("no contract is held");
  insist(await network.act(wallet, wallet.updateTerms(first.leaf.id)));
  const nonce = wallet.states.termsOf(first.leaf.id).signed?.state.nonce;
  expect(nonce === 1, `state 1 is signed by both, got ${nonce}`);
  say("State 1 of the first contract is signed by both, without a block.");

  if (ending === "sell") {
    const before = balance();
    const offer = insist(await network.act(wallet, wallet.quoteSale(first.leaf.id)));
    insist(await network.act(wallet, wallet.sell(facts.id, offer)));
    await finishJourneys(network, wallet);
    expect(balance() - before === offer.price, "the price is in the account");
    say(
      `Height ${network.height}: sold both contracts to the counterparty for ${veo(offer.price)}.`,
    );
  }

  await network.mine(REPORT_AT + 1 - network.height, wallet);
  const oracle = chain().oracles.get(network.oracleId);
  expect(oracle?.result === "true", `the oracle says yes, got ${oracle?.result}`);
  say(`Height ${oracle?.resultHeight}: the answer is yes, proven under the tip.`);

  await network.mine(EXPIRY + LOCAL_NETWORK.drawBlocks - network.height, wallet);
  const point = chain().settlement?.point;
  if (point === undefined) throw new Error("the point is not drawn");
  say(`Height ${network.height}: the point is ${veo(point)}.`);
  const winner = liveOwn(chain()).find(
    ({ leaf, place }) =>
      leaf.lo <= point && point < leaf.hi && place.conditions.every(({ side }) => side),
  );
  const before = balance();
  if (winner === undefined) say("It is not on the user's space: there is nothing to claim.");
  else {
    insist(await network.act(wallet, wallet.claim(winner.leaf.id)));
    await network.mine(1, wallet);
    say(`Claimed, with ${veo(before - balance())} put down as deposit and fees.`);
  }
  const { claimDelay, disputeDelay } = chain().followed;
  await network.mine(2 + claimDelay + disputeDelay, wallet);
  // Anyone may end the chain: the counterparty, awake at every block, is first where he has won.
  const isLeftToUser = chain().settlement?.settled === undefined;
  if (isLeftToUser) insist(await network.act(wallet, wallet.collect(facts.id)));
  await network.mine(1, wallet);
  const settled = chain().settlement?.settled;
  if (settled === undefined) throw new Error("the chain has not ended");
  expect(settled.paid + settled.operatorPaid + settled.burnt === prize, "the prize is conserved");
  if (winner === undefined) {
    const fee = isLeftToUser ? 10_000n : 0n;
    expect(balance() === before - fee, "who lost got nothing, and paid at most one fee");
    // What nobody bought is the operator's, and his process sees to it.
    expect(settled.paid === prize || !isLeftToUser, "the operator ends the chain by himself");
    const to =
      settled.paid === prize
        ? "another holder, who claimed it"
        : "the operator, who ended the chain by himself";
    say(
      `Height ${settled.height}: lost. The prize goes to ${to}; the user ends with ${veo(balance())}.`,
    );
  } else {
    expect(settled.paid === prize, "the whole prize is paid to the winner");
    expect(balance() === before + prize - 2n * 10_000n - VEO / 100n, "prize and deposit are there");
    say(`Height ${settled.height}: won. ${veo(prize)} paid; the user ends with ${veo(balance())}.`);
  }
  return outcomeOf(wallet, point);
}

function liveOwn({
  book,
}: {
  readonly book: { own: ReadonlyMap<string, OwnLeaf>; live: ReadonlyMap<string, unknown> };
}) {
  return [...book.own].filter(([id]) => book.live.has(id)).map(([, own]) => own);
}
