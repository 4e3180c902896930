import { proxy, wrap } from "comlink";
import type { WalletApi } from "./walletApi.ts";

/** Start the wallet's worker and give the page its door. Everything rejects if the worker cannot start. */
export function connectWallet(): WalletApi {
  const worker = new Worker(new URL("./wallet.worker.ts", import.meta.url), { type: "module" });
  const remote = wrap<WalletApi>(worker);
  return {
    subscribe: (onSnapshot) => remote.subscribe(proxy(onSnapshot)),
    createKey: (passphrase) => remote.createKey(passphrase),
    importKey: (key, passphrase) => remote.importKey(key, passphrase),
    unlock: (passphrase) => remote.unlock(passphrase),
    lock: () => remote.lock(),
    requestCoins: () => remote.requestCoins(),
    addOperator: (url) => remote.addOperator(url),
    placeBet: (chainId, marketId, side, stake) => remote.placeBet(chainId, marketId, side, stake),
    buySpace: (chainId, width) => remote.buySpace(chainId, width),
    setCheckMode: (chainId, mode) => remote.setCheckMode(chainId, mode),
    updateTerms: (contractId) => remote.updateTerms(contractId),
    handOver: (contractId, code) => remote.handOver(contractId, code),
    redeem: (contractIds) => remote.redeem(contractIds),
    merge: (contractId) => remote.merge(contractId),
    quoteSale: (contractId) => remote.quoteSale(contractId),
    sell: (quote) => remote.sell(quote),
    placeOrder: (order) => remote.placeOrder(order),
    cancelOrder: (id) => remote.cancelOrder(id),
    rehearse: (contractId, action) => remote.rehearse(contractId, action),
    claim: (contractId) => remote.claim(contractId),
    exportEvidence: (chainId) => remote.exportEvidence(chainId),
    exportProof: (contractId) => remote.exportProof(contractId),
    exportKit: () => remote.exportKit(),
    keepKitMark: (mark) => remote.keepKitMark(mark),
    importKit: (bytes, passphrase) => remote.importKit(bytes, passphrase),
    compareHeader: (height, hash) => remote.compareHeader(height, hash),
    collect: (chainId) => remote.collect(chainId),
    collectOwnChain: (contractId) => remote.collectOwnChain(contractId),
    requestData: (chainId) => remote.requestData(chainId),
    requestProof: (contractId) => remote.requestProof(contractId),
    actOnDispute: (id) => remote.actOnDispute(id),
    setAutoDefence: (isOn) => remote.setAutoDefence(isOn),
    addTower: (url) => remote.addTower(url),
    removeTower: (url) => remote.removeTower(url),
    punishWithholding: (chainId) => remote.punishWithholding(chainId),
  };
}
