import { judge, Refusal, type Verdict } from "../../lib/verdict.ts";
import { formatVeo } from "../../protocol/amountWords.ts";
import type { Rules } from "../../protocol/rules.ts";
import type { GasMeter } from "../gasMeter.ts";
import { getAccount, type MainState, putAccount } from "../state/mainState.ts";

/**
 * Where a transaction stands.
 *
 * - `height`: of its block. - `index`: its place in the block, from 0. - `from`: its sender, 33 bytes.
 * - `nonce`: its account nonce, from which ids follow.
 * - `gas`: pays for what is run.
 * - `workHashAt`: `proofOfWorkHash` of the header at a height below the block's, on the same branch.
 */
export type TxContext = {
  readonly rules: Rules;
  readonly height: number;
  readonly index: number;
  readonly from: Uint8Array;
  readonly nonce: number;
  readonly gas: GasMeter;
  readonly workHashAt: (height: number) => Uint8Array | undefined;
};

/** What a transaction leaves: the state, and what it pays the miner beside its fee. */
export type TxOutcome = { readonly state: MainState; readonly minerFee: bigint };

/** Take satoshi from an account, which must have them. */
export function debit(state: MainState, owner: Uint8Array, amount: bigint): Verdict<MainState> {
  return judge(() => {
    const account = getAccount(state, owner);
    if (account.balance < amount) {
      const [needed, there] = [formatVeo(amount), formatVeo(account.balance)];
      throw new Refusal(
        "NOT_ENOUGH_MONEY",
        `expected at least ${needed} on the account, got ${there}`,
      );
    }
    if (amount === 0n) return state;
    return putAccount(state, owner, { ...account, balance: account.balance - amount });
  });
}
