import type { TakerAnswer, TakerMessage } from "../api/operatorApi.ts";
import type { TrackedChain } from "../client/chainTracker.ts";
import type { Wallet } from "../client/wallet.ts";
import { equalBytes } from "../lib/bytes.ts";
import { formatHex } from "../lib/hex.ts";
import type { ConditionSide } from "../protocol/place.ts";
import { countPurchases, sumCash } from "./ownSpace.ts";
import { settleChain } from "./settleChain.ts";

/** What a counterparty is ready to do. Amounts in satoshi, shares in basis points. */
export type CounterpartyPolicy = {
  /** Plain space that it wants to hold, and what it buys at once when it holds less than half of that. */
  readonly space: bigint;
  /** What it takes a `yes` to be worth while the oracle is open. */
  readonly yesBps: bigint;
  /** What it keeps of a fair price when it buys a position. */
  readonly spreadBps: bigint;
};

/**
 * An honest program that takes the other side: an ordinary wallet that answers by itself. It has no
 * privileges; everything it signs it has checked like any holder.
 */
export type Counterparty = {
  /** Look at the chain: buy space while it runs short, and claim what was won at its end. */
  work(): Promise<void>;
  /** Answer an operator's question; undefined if there is nothing to say on the trade socket. */
  answer(message: TakerMessage): Promise<TakerAnswer | undefined>;
};

const WHOLE_BPS = 10_000n;

export function createCounterparty(
  wallet: Wallet,
  chainId: Uint8Array,
  policy: CounterpartyPolicy,
): Counterparty {
  /** What a position is worth, by the oracle's word if there is one. */
  function price(chain: TrackedChain, contractIds: readonly Uint8Array[]): bigint {
    let worth = 0n;
    for (const id of contractIds) {
      const contract = chain.book.live.get(formatHex(id));
      if (contract === undefined) return 0n;
      const width = contract.leaf.hi - contract.leaf.lo;
      const [side] = contract.place.conditions;
      worth += side === undefined ? width : (width * shareOf(chain, side)) / WHOLE_BPS;
    }
    return (worth * (WHOLE_BPS - policy.spreadBps)) / WHOLE_BPS;
  }

  /** The chance, in basis points, that a condition comes out on this side. */
  function shareOf(chain: TrackedChain, { hash, side }: ConditionSide): bigint {
    const condition = chain.book.conditions.get(formatHex(hash));
    const fact = condition?.facts.find(({ kind }) => kind === "oracle");
    const oracle = fact && chain.oracles.get(formatHex(fact.key));
    if (oracle === undefined) return 0n;
    if (oracle.result === "open") return side ? policy.yesBps : WHOLE_BPS - policy.yesBps;
    // A bad question gives each back what he brought: which part that is, the price leaves out.
    if (oracle.result === "bad") return 0n;
    return (oracle.result === "true") === side ? WHOLE_BPS : 0n;
  }

  return {
    async work() {
      const chain = wallet.tracker.find(chainId);
      if (chain === undefined) return;
      if (chain.settlement !== undefined) return settleChain(wallet, chain, chain.settlement);
      if (chain.book.breach !== undefined || countPurchases(wallet, chain).open > 0) return;
      const short = policy.space - sumCash(chain);
      if (short * 2n > policy.space) await wallet.buySpace(chainId, short);
    },

    async answer(message) {
      if (message.kind === "bet") {
        await wallet.sync();
        await wallet.acceptBet(chainId, message.offer);
        return undefined;
      }
      if (message.kind !== "quote") return undefined;
      await wallet.sync();
      const chain = wallet.tracker.find(chainId);
      const hands = wallet.hands();
      const { proposalId, seller } = message;
      const no: TakerAnswer = { kind: "quote", proposalId, price: 0n };
      if (chain === undefined || hands === undefined) return no;
      if (!equalBytes(message.seenBlock, chain.book.tip.hash)) return no;
      const offered = price(chain, message.contractIds);
      if (offered === 0n || hands.outbox.account().balance < offered) return no;
      const offer = { ...message, buyer: hands.signer.publicKey, price: offered };
      const noted = await wallet.acquire(chainId, offer, seller);
      return noted.ok ? { kind: "quote", proposalId, price: offered } : no;
    },
  };
}
