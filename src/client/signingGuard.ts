import { equalBytes } from "../lib/bytes.ts";
import { sha256 } from "../lib/hash.ts";
import { formatHex } from "../lib/hex.ts";
import { accept, refuse, type Verdict } from "../lib/verdict.ts";
import { nameOrder } from "../market/batch.ts";
import { type ExactClose, encodeExactClose } from "../protocol/contractClose.ts";
import { type ContractState, encodeContractState } from "../protocol/contractState.ts";
import { encodeOrder, type Order } from "../protocol/order.ts";
import { encodeSeal, type Seal } from "../protocol/seal.ts";
import { judgeLimits, type OrderLimits } from "./orders/orderLimits.ts";
import type { Signer, StoreOperation, WalletStore } from "./ports.ts";
import { decodeSignedMark, encodeSignedMark, type SignedMark } from "./rows.ts";

/**
 * An order to be signed: for a block of a chain, of which contracts (ids in the order of the order's own list), and what its
 * holder allows. `keep` says what else is written with the marks: the signed order itself.
 */
export type OrderToSign = {
  readonly chainId: Uint8Array;
  readonly order: Order;
  readonly contractIds: readonly Uint8Array[];
  readonly limits: OrderLimits;
  readonly keep: (signature: Uint8Array) => StoreOperation;
};

/**
 * Signs for a wallet, and never two different things where only one may be: one state for a contract
 * and nonce, none below the highest, one close, seal or order of a contract for a block, in versions that differ at most in
 * the height up to which they count. What is signed is on disk before the signature leaves; the same request again gives the
 * same signature.
 */
export type SigningGuard = {
  signState(state: ContractState): Promise<Verdict<Uint8Array>>;
  signClose(close: ExactClose): Promise<Verdict<Uint8Array>>;
  signSeal(seal: Seal): Promise<Verdict<Uint8Array>>;
  /** Sign orders, each inside its holder's limits, and only in chains where nothing keeps the wallet from acting. */
  signOrders(orders: readonly OrderToSign[]): Promise<Verdict<Uint8Array>[]>;
  /** Whether anything is signed of a contract for the block after this one. */
  isSigned(contractId: Uint8Array, seenBlock: Uint8Array): boolean;
  /** What removes the mark of an order that can never count any more: another block stands recorded where it was for. */
  forgetOrder(contractIds: readonly Uint8Array[], seenBlock: Uint8Array): StoreOperation[];
};

/**
 * Load the marks of everything signed so far. A mark that cannot be read stops the guard from being made.
 *
 * @param whyStopped - why nothing is signed in a chain now, as a clause; undefined if it may be.
 */
export async function createSigningGuard(
  store: WalletStore,
  signer: Signer,
  whyStopped: (chainId: Uint8Array) => string | undefined,
): Promise<SigningGuard> {
  const marks = new Map<string, SignedMark>();
  for (const [key, value] of await store.rows("signed")) {
    const mark = decodeSignedMark(value);
    if (!mark.ok)
      throw new Error(`the mark of what was signed is damaged: ${key}: ${mark.message}`);
    marks.set(key, mark.value);
  }

  /**
   * Keep marks and what belongs to them, and do nothing with what they stand for before that is on disk. Nobody who asks
   * meanwhile may be told that nothing is signed: a mark counts before it is written.
   */
  async function remember<Value>(
    fresh: ReadonlyMap<string, SignedMark>,
    work: () => Promise<{ readonly value: Value; readonly beside: readonly StoreOperation[] }>,
  ): Promise<Value> {
    const before = new Map([...fresh.keys()].map((key) => [key, marks.get(key)]));
    for (const [key, mark] of fresh) marks.set(key, mark);
    try {
      const { value, beside } = await work();
      const rows = [...fresh].map(([key, mark]): StoreOperation => {
        return { kind: "put", table: "signed", key, value: encodeSignedMark(mark) };
      });
      await store.commit([...rows, ...beside]);
      return value;
    } catch (error) {
      for (const [key, mark] of before) {
        if (mark === undefined) marks.delete(key);
        else marks.set(key, mark);
      }
      throw error;
    }
  }

  /** Sign one thing; its marks are on disk before the signature leaves. */
  async function signOne(
    key: string,
    mark: SignedMark,
    tag: "signClose" | "signSeal" | "signState",
    body: Uint8Array,
  ): Promise<Verdict<Uint8Array>> {
    const sign = async () => ({ value: accept(await signer.sign(tag, body)), beside: [] });
    return remember(new Map([[key, mark]]), sign);
  }

  const nameOf = (contractId: Uint8Array, seenBlock: Uint8Array): string =>
    `close:${formatHex(contractId)}:${formatHex(seenBlock)}`;

  /** Whether nothing else is signed under these names. */
  function isFirst(keys: readonly string[], digest: Uint8Array): boolean {
    return keys.every((key) => {
      const last = marks.get(key);
      return last === undefined || equalBytes(last.digest, digest);
    });
  }

  /** Only one thing is signed of a contract for a block, whether it gives it up or seals it. */
  async function signForBlock(
    { contractId, seenBlock }: Pick<ExactClose, "contractId" | "seenBlock">,
    mark: SignedMark,
    tag: "signClose" | "signSeal",
    body: Uint8Array,
  ): Promise<Verdict<Uint8Array>> {
    const key = nameOf(contractId, seenBlock);
    if (!isFirst([key], mark.digest)) return OTHER_SIGNED;
    return signOne(key, mark, tag, body);
  }

  /** The marks of an order, or why it is not signed. */
  function judgeOrder({
    chainId,
    order,
    contractIds,
    limits,
  }: OrderToSign): Verdict<ReadonlyMap<string, SignedMark>> {
    const stopped = whyStopped(chainId);
    if (stopped !== undefined) return refuse("NOT_SAFE", `nothing is signed while ${stopped}`);
    const within = judgeLimits(order, limits);
    if (!within.ok) return within;
    if (contractIds.length === 0 || contractIds.length !== order.terms.contracts.length) {
      return refuse("WRONG_CONTRACTS", "the order names other contracts than it is signed for");
    }
    const keys = contractIds.map((id) => nameOf(id, order.seenBlock));
    // As with a close: how long it stays good may change from one signature to the next, what it does may not.
    const mark = { nonce: order.terms.heightMax, digest: nameOrder(order) };
    if (new Set(keys).size < keys.length || !isFirst(keys, mark.digest)) return OTHER_SIGNED;
    return accept(new Map(keys.map((key) => [key, mark])));
  }

  return {
    async signState(state) {
      const key = `state:${formatHex(state.contractId)}`;
      const body = encodeContractState(state);
      const digest = sha256(body);
      const last = marks.get(key);
      if (last !== undefined && state.nonce < last.nonce) {
        return refuse("OLDER_STATE", `state ${last.nonce} is signed already, got ${state.nonce}`);
      }
      if (last?.nonce === state.nonce && !equalBytes(last.digest, digest)) {
        return refuse("OTHER_STATE", `another state ${state.nonce} is signed already`);
      }
      return signOne(key, { nonce: state.nonce, digest }, "signState", body);
    },

    signClose(close) {
      // How long it stays good may change from one signature to the next, what it does may not.
      const digest = sha256(encodeExactClose({ ...close, heightMax: 0 }));
      const mark = { nonce: close.heightMax, digest };
      return signForBlock(close, mark, "signClose", encodeExactClose(close));
    },

    signSeal(seal) {
      const body = encodeSeal(seal);
      return signForBlock(seal, { nonce: 0, digest: sha256(body) }, "signSeal", body);
    },

    async signOrders(orders) {
      const fresh = new Map<string, SignedMark>();
      const judged = orders.map((each): Verdict<ReadonlyMap<string, SignedMark>> => {
        const found = judgeOrder(each);
        if (found.ok && [...found.value.keys()].some((key) => fresh.has(key))) return OTHER_SIGNED;
        if (found.ok) for (const [key, mark] of found.value) fresh.set(key, mark);
        return found;
      });
      if (fresh.size === 0) return judged.map((each) => (each.ok ? OTHER_SIGNED : each));
      // All of a block's orders are one commit, and none has left before.
      return remember(fresh, async () => {
        const value = await Promise.all(
          orders.map(async ({ order }, index): Promise<Verdict<Uint8Array>> => {
            const found = judged[index] ?? OTHER_SIGNED;
            return found.ok ? accept(await signer.sign("signOrder", encodeOrder(order))) : found;
          }),
        );
        const beside = orders.flatMap(({ keep }, index) => {
          const signature = value[index];
          return signature?.ok ? [keep(signature.value)] : [];
        });
        return { value, beside };
      });
    },

    isSigned: (contractId, seenBlock) => marks.has(nameOf(contractId, seenBlock)),

    forgetOrder(contractIds, seenBlock) {
      return contractIds.map((id): StoreOperation => {
        const key = nameOf(id, seenBlock);
        marks.delete(key);
        return { kind: "delete", table: "signed", key };
      });
    },
  };
}

const OTHER_SIGNED = refuse(
  "OTHER_CLOSE",
  "something else is signed of this contract for this block",
);
