import { expect } from "vitest";
import { decodeBlock } from "../../src/blocks/block.ts";
import { postMapRoot } from "../../src/blocks/postMap.ts";
import {
  computeChallengeKey,
  readChallengeRecord,
} from "../../src/chain/challenges/challengeRecord.ts";
import { draftChallenge, rehearseChallenge } from "../../src/client/draftChallenge.ts";
import { TRANSACTION_FEE } from "../../src/client/outbox.ts";
import type { Wallet } from "../../src/client/wallet.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { insist } from "../../src/lib/verdict.ts";
import type { Operator } from "../../src/operator/operator.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import { type LocalWorld, RULES, VEO } from "./localWorld.ts";
import { find } from "./nestedStory.ts";

/** Somebody asks on the main chain by whose word a contract is gone that he gave up himself: its operator shows it. */
export async function challengeInVain(
  world: LocalWorld,
  wallet: Wallet,
  operator: Operator,
  contractId: Uint8Array,
): Promise<void> {
  const { mainChain, tracker } = wallet;
  const hands = wallet.hands();
  const chain = find(wallet, operator.state.chain.id);
  const own = chain.book.own.get(formatHex(contractId));
  const { lastPost } = chain.book;
  const content = lastPost && operator.state.contents.get(lastPost.sequence);
  const block = lastPost && (await operator.block(lastPost.blockHeight));
  if (!hands || !own || !lastPost || !content || !block) throw new Error("nothing to be shown");
  const { header } = insist(decodeBlock(block));
  const rootsRoot = postMapRoot(content.posts);
  const later = { entry: lastPost, headers: [header], rootsRoot, tree: content.tree };
  const challenge = insist(draftChallenge(chain, own, later, tracker));
  const { outbox, signer } = hands;
  const nonce = outbox.nextNonce();
  const rehearsed = await rehearseChallenge(challenge, signer.publicKey, nonce, mainChain, RULES);
  const { target, charge } = insist(rehearsed);
  const before = outbox.account().balance;
  insist(await outbox.send({ kind: "challenge", challenge }));
  await world.mine();
  expect(before - outbox.account().balance).toBe(charge + TRANSACTION_FEE);
  await world.mine(2);
  const record = await mainChain.read("requests", computeChallengeKey(target), readChallengeRecord);
  expect(record).toEqual({ open: [], lost: undefined });
  // All but the fee and the bytes of the answer is back.
  const paid = before - outbox.account().balance - TRANSACTION_FEE;
  expect(paid).toBeLessThan(LOCAL_NETWORK.dataRequestFee + VEO / 100n);
}
