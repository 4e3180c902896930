import { formatHex } from "../../lib/hex.ts";
import { nameOrder } from "../../market/batch.ts";
import type { StoreOperation, WalletStore } from "../ports.ts";
import {
  decodeRestingOrder,
  decodeSentOrder,
  encodeRestingOrder,
  encodeSentOrder,
  type RestingOrder,
  type SentOrder,
} from "./orderRows.ts";

/**
 * The orders of a wallet, and what was signed of them. A change counts here at once, so that two that come together do not
 * undo one another; what it returns has to be committed before anything is done about it.
 */
export type OrderStore = {
  /** By id, the oldest first. */
  readonly resting: ReadonlyMap<string, RestingOrder>;
  /** By the name that its versions have in common, hex. */
  readonly sent: ReadonlyMap<string, SentOrder>;
  /** The id of a new order. */
  nextId(): string;
  put(id: string, order: RestingOrder): StoreOperation;
  /** Of an order that has ended, and of which nothing is kept that was signed. */
  drop(id: string): StoreOperation;
  putSent(sent: SentOrder): StoreOperation;
  /** The row of what is being signed, which is not here before it is kept. */
  rowOf(sent: SentOrder): StoreOperation;
  dropSent(sent: SentOrder): StoreOperation;
};

const ID_DIGITS = 10;

export async function openOrderStore(store: WalletStore): Promise<OrderStore> {
  const resting = new Map<string, RestingOrder>();
  const sent = new Map<string, SentOrder>();
  const rows = (await store.rows("orders")).toSorted(([a], [b]) => (a < b ? -1 : 1));
  for (const [id, bytes] of rows) {
    const order = decodeRestingOrder(bytes);
    if (order.ok) resting.set(id, order.value);
  }
  for (const [name, bytes] of await store.rows("sentOrders")) {
    const order = decodeSentOrder(bytes);
    if (order.ok) sent.set(name, order.value);
  }
  let count = Number(rows.at(-1)?.[0] ?? 0);

  return {
    resting,
    sent,

    nextId() {
      count += 1;
      return String(count).padStart(ID_DIGITS, "0");
    },

    put(id, order) {
      resting.set(id, order);
      return { kind: "put", table: "orders", key: id, value: encodeRestingOrder(order) };
    },

    drop(id) {
      resting.delete(id);
      return { kind: "delete", table: "orders", key: id };
    },

    putSent(each) {
      sent.set(nameSent(each), each);
      return rowOf(each);
    },

    rowOf,

    dropSent(each) {
      const key = nameSent(each);
      sent.delete(key);
      return { kind: "delete", table: "sentOrders", key };
    },
  };
}

function rowOf(sent: SentOrder): StoreOperation {
  const value = encodeSentOrder(sent);
  return { kind: "put", table: "sentOrders", key: nameSent(sent), value };
}

/** The name that a signed order is kept under, in all its versions. */
export function nameSent({ signed }: Pick<SentOrder, "signed">): string {
  return formatHex(nameOrder(signed.order));
}
