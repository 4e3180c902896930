import type { TrackedChain } from "../../client/chainTracker.ts";
import { isCash } from "../../client/journeys/cash.ts";
import type { OwnLeaf } from "../../client/ownLeaves.ts";
import type { Wallet } from "../../client/wallet.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { formatHex } from "../../lib/hex.ts";
import { formatVeo } from "../../protocol/amountWords.ts";
import { OPERATOR_FEE } from "../mainChainLink.ts";

/** Fees that an operator keeps money for beside what he buys. */
export const FEES_KEPT = 100n * OPERATOR_FEE;

/** What this operator has bought of a chain at this width and paid, if it stands there. */
export function findBought(
  wallet: Wallet,
  { followed, book }: TrackedChain,
  width: bigint,
): OwnLeaf | undefined {
  const own = [...book.own].flatMap(([id, contract]) => (book.live.has(id) ? [contract] : []));
  for (const [, journey] of wallet.hands()?.journeys.list() ?? []) {
    if (journey.kind !== "purchase" || journey.state.kind !== "done") continue;
    const { lo, hi } = journey.offer;
    if (hi - lo !== width || !equalBytes(journey.chainId, followed.facts.id)) continue;
    const bought = own.find(
      (contract) => contract.leaf.lo === lo && contract.leaf.hi === hi && isCash(contract),
    );
    if (bought !== undefined) return bought;
  }
  return undefined;
}

/**
 * Buy, unless a purchase is under way already, which goes on by itself.
 *
 * @returns what is waited for, in words.
 */
export async function buyContract(
  wallet: Wallet,
  { followed }: TrackedChain,
  width: bigint,
  faucet: boolean,
): Promise<string> {
  const hands = wallet.hands();
  const { id } = followed.facts;
  const isUnderWay = hands?.journeys
    .list()
    .some(([, { chainId, state }]) => state.kind === "open" && equalBytes(chainId, id));
  if (hands === undefined || isUnderWay === true) return "the purchase to be paid and recorded";
  const price = width + (width * BigInt(followed.feeBps)) / 10_000n + 1n;
  if (hands.outbox.account().balance < price + FEES_KEPT) {
    if (faucet) await wallet.requestCoins();
    const key = formatHex(hands.signer.publicKey);
    return `coins for ${key}: the contract costs ${formatVeo(price)}, and fees come on top`;
  }
  const bought = await wallet.buySpace(id, width);
  return bought.ok ? "the purchase to be paid and recorded" : `an offer: ${bought.message}`;
}
