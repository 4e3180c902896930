import type { SettledRecord } from "../../src/chain/settlement/settledRecord.ts";
import type { TrackedChain } from "../../src/client/chainTracker.ts";
import type { OwnLeaf } from "../../src/client/ownLeaves.ts";
import type { Wallet } from "../../src/client/wallet.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { insist } from "../../src/lib/verdict.ts";
import { computeOracleId } from "../../src/protocol/keys.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import { LocalWorld, OPERATOR_URL, type OpenRows, VEO } from "./localWorld.ts";

const EXPIRY = 70;
const QUESTION = "Do the reds win on Saturday?";

/** The seed's own example: a 50:50 bet on a football game inside a chain of 1000 VEO. */
export type Story = {
  readonly world: LocalWorld;
  readonly user: Wallet;
  readonly counterparty: Wallet;
  readonly reporter: Wallet;
  readonly chainId: Uint8Array;
  readonly oracleId: Uint8Array;
  chain(): TrackedChain;
  placeBet(stake: bigint): Promise<void>;
  report(result: "true" | "false" | "bad"): Promise<void>;
  /** To the expiry and the draw; everyone who holds the point claims; then the chain ends and pays. */
  settle(): Promise<SettledRecord>;
};

/** Everyone has coins, the operator has his chain, the counterparty holds space. */
export async function beginStory(
  seed: string,
  openRows?: OpenRows,
  depositBps = 0,
  expiry = EXPIRY,
): Promise<Story> {
  const world = await LocalWorld.start(seed);
  const reporter = await world.openWallet("reporter");
  const user = await world.openWallet("user");
  insist(await reporter.requestCoins());
  insist(await user.requestCoins());
  await world.mine(2);
  const hands = reporter.hands();
  if (hands === undefined) throw new Error("the reporter has no key");
  const nonce = hands.outbox.account().nonce + 1;
  const oracleId = computeOracleId(hands.signer.publicKey, nonce);
  const body = {
    kind: "oracle-new",
    reporter: hands.signer.publicKey,
    question: QUESTION,
  } as const;
  insist(await hands.outbox.send(body));
  await world.mine();
  await world.startOperator({
    amount: 1_000n * VEO,
    expiry,
    oracleId,
    question: QUESTION,
    depositBps,
    ...(openRows === undefined ? {} : { openRows }),
  });
  const counterparty = await world.startCounterparty({
    space: 300n * VEO,
    yesBps: 5_000n,
    spreadBps: 200n,
  });
  insist(await counterparty.requestCoins());
  await world.mine(2);
  insist(await counterparty.follow(OPERATOR_URL));
  insist(await user.follow(OPERATOR_URL));
  await world.mine();
  const chainId = world.operator.state.chain.id;
  const chain = () => {
    const found = user.tracker.find(chainId);
    if (found === undefined) throw new Error("the user does not follow the chain");
    return found;
  };
  return {
    world,
    user,
    counterparty,
    reporter,
    chainId,
    oracleId,
    chain,

    async placeBet(stake) {
      insist(await world.during(user.placeBet(chainId, oracleId, "yes", stake)));
      const isOpen = () =>
        user
          .hands()
          ?.journeys.list()
          .some(([, { state }]) => state.kind === "open") ?? false;
      for (let blocks = 0; isOpen() && blocks < 30; blocks++) await world.mine();
    },

    async report(result) {
      insist(await hands.outbox.send({ kind: "oracle-report", oracleId, result }));
      await world.mine();
    },

    async settle() {
      const height = () => world.node.tip().header.header.height;
      const { claimDelay, disputeDelay, facts } = chain().followed;
      await world.mine(facts.expiry + LOCAL_NETWORK.drawBlocks - height());
      // The counterparty claims by himself, and ends the chain where he has won.
      for (const own of findWinners(user, chainId)) insist(await user.claim(own.leaf.id));
      await world.mine(1 + claimDelay + disputeDelay);
      if (chain().settlement?.settled === undefined) insist(await user.collect(chainId));
      await world.mine();
      const settled = chain().settlement?.settled;
      if (settled === undefined) throw new Error("the chain has not ended");
      return settled;
    },
  };
}

/** The own leaves over the drawn point for which every condition came out. */
function findWinners(wallet: Wallet, chainId: Uint8Array): OwnLeaf[] {
  const tracked = wallet.tracker.find(chainId);
  const point = tracked?.settlement?.point;
  if (tracked === undefined || point === undefined) return [];
  return [...tracked.book.own]
    .filter(([id]) => tracked.book.live.has(id))
    .map(([, own]) => own)
    .filter(({ leaf }) => leaf.lo <= point && point < leaf.hi)
    .filter(({ place }) =>
      place.conditions.every(({ hash, side }) => {
        const oracle = tracked.book.conditions.get(formatHex(hash))?.facts[0];
        const result = oracle && tracked.oracles.get(formatHex(oracle.key))?.result;
        return (result === "true") === side;
      }),
    );
}
