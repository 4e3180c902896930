import type { Wallet } from "../client/wallet.ts";
import { refuse, type Verdict } from "../lib/verdict.ts";
import { exportProof } from "../proof/exportProof.ts";
import type { Rules } from "../protocol/rules.ts";

/** The proof file of an own contract, by its hex id; loaded when the page first asks for one. */
export async function exportContract(
  wallet: Wallet,
  rules: Rules,
  contractId: string,
): Promise<Verdict<Uint8Array>> {
  const { mainChain, tracker, states } = wallet;
  const chain = tracker.chains().find(({ book }) => book.own.has(contractId));
  const own = chain?.book.own.get(contractId);
  if (chain === undefined || own === undefined) {
    return refuse("NO_SUCH_CONTRACT", "the wallet holds no contract of this id");
  }
  const closesOf = (chainId: Uint8Array, leafId: Uint8Array) =>
    wallet.watcher()?.closesOf(chainId, leafId) ?? [];
  const made = await exportProof({ rules, mainChain, tracker, states, closesOf }, chain, own);
  return made.ok ? { ok: true, value: made.value.bytes } : made;
}
