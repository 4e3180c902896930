import type { Wallet } from "../../client/wallet.ts";
import { formatHex } from "../../lib/hex.ts";
import type { DisputeView, WatchView } from "../disputeViews.ts";

/** What is, or was, to be answered on the main chain, the open ones first. */
export function describeDisputes(wallet: Wallet): DisputeView[] {
  const disputes = wallet.watcher()?.disputes() ?? [];
  return disputes.map(({ answer: _, topId: __, resultKey: ___, ...dispute }) => ({
    ...dispute,
    chainId: formatHex(dispute.chainId),
    contractId: dispute.contractId && formatHex(dispute.contractId),
    claimant: formatHex(dispute.claimant),
  }));
}

/** What is watched over; before there is a contract it is nothing, under the setting that holds unless another is made. */
export function describeWatch(wallet: Wallet): WatchView {
  const watcher = wallet.watcher();
  if (watcher === undefined) return { isAutomatic: true, scannedHeight: 0, watched: [] };
  return {
    isAutomatic: watcher.isAutomatic(),
    scannedHeight: watcher.scannedHeight(),
    watched: watcher.watched().map(({ contractId, chainId, trail }) => ({
      contractId: formatHex(contractId),
      chainId: formatHex(chainId),
      trail,
    })),
  };
}
