import { useEffect, useState } from "react";
import type { RehearsalView } from "../../workers/disputeViews.ts";
import type { SettleAction } from "../../workers/walletApi.ts";
import { useWalletApi } from "../walletContext.ts";

/**
 * What a step would cost and bring, judged anew under every main-chain block; undefined until it is known.
 *
 * @param height - of the newest block: the rehearsal is of the next one. @param isAble - whether the key could sign.
 */
export function useRehearsal(
  contractId: string,
  action: SettleAction,
  height: number,
  isAble: boolean,
): RehearsalView | undefined {
  const api = useWalletApi();
  const [rehearsal, setRehearsal] = useState<RehearsalView>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new block is what makes it worth doing again
  useEffect(() => {
    if (!isAble) return;
    let isWanted = true;
    api.rehearse(contractId, action).then(
      (found) => {
        if (isWanted) setRehearsal(found);
      },
      () => {
        if (isWanted) setRehearsal({ kind: "incomplete", missing: "the wallet’s worker stopped" });
      },
    );
    return () => {
      isWanted = false;
    };
  }, [api, contractId, action, height, isAble]);
  return rehearsal;
}
