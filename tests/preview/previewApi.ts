import type { NewOrder } from "../../src/workers/marketViews.ts";
import type { ActionResult, WalletApi } from "../../src/workers/walletApi.ts";
import { HEIGHT, veo, YES_ID } from "./fixtures.ts";
import type { PreviewState } from "./states.ts";

const done = (): Promise<ActionResult> => Promise.resolve({ ok: true });

function refuse(code: string, message: string): Promise<ActionResult> {
  return Promise.resolve({ ok: false, code, message });
}

function writeAmount(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

/**
 * A wallet that stands still: one snapshot, and answers that never change it. The orders that it was asked for are written on the
 * document (`data-placed`), for tests.
 */
export function createPreviewApi(state: PreviewState): WalletApi {
  const placed: NewOrder[] = [];
  return {
    async subscribe(onSnapshot) {
      if (state.openFailure !== undefined) throw new Error(state.openFailure);
      if (state.snapshot !== undefined) onSnapshot(state.snapshot);
    },
    createKey: done,
    importKey: done,
    unlock: () => refuse("WRONG_PASSPHRASE", "That is not the passphrase of this key."),
    lock: done,
    requestCoins: done,
    addOperator: () =>
      refuse("NO_ANSWER", "No operator answers at http://localhost:9. Nothing was added."),
    placeBet: done,
    buySpace: done,
    setCheckMode: done,
    updateTerms: done,
    redeem: done,
    merge: done,
    handOver: done,
    quoteSale: () =>
      Promise.resolve({
        quote: {
          contractIds: [YES_ID, `${YES_ID}2`],
          price: veo(9.6),
          buyer: `02f0e1d2c3b4a5${HEIGHT}`,
        },
      }),
    sell: done,
    placeOrder: (order) => {
      placed.push(order);
      document.documentElement.dataset.placed = JSON.stringify(placed, writeAmount);
      return done();
    },
    cancelOrder: done,
    rehearse: (_, action) =>
      state.rehearsal === undefined
        ? new Promise(() => undefined)
        : Promise.resolve(state.rehearsal(action)),
    claim: done,
    exportEvidence: () => Promise.resolve(undefined),
    exportProof: () => Promise.resolve({ ok: true, bytes: new Uint8Array(3_343) }),
    exportKit: () => Promise.resolve({ ok: true, bytes: new Uint8Array(9), mark: "" }),
    keepKitMark: done,
    importKit: () => refuse("WRONG_PASSPHRASE", "the passphrase does not open this wallet"),
    compareHeader: () => Promise.resolve({ kind: "ours", above: 12 }),
    collect: done,
    collectOwnChain: done,
    requestData: done,
    requestProof: done,
    actOnDispute: done,
    setAutoDefence: done,
    addTower: done,
    removeTower: done,
    punishWithholding: done,
  };
}
