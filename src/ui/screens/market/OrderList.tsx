import type { OrderView } from "../../../workers/marketViews.ts";
import type { KeyView } from "../../../workers/walletApi.ts";
import { Note } from "../../parts/Note.tsx";
import { Empty, Panel } from "../../parts/Panel.tsx";
import { OrderRow } from "./OrderRow.tsx";

type OrderListProps = {
  readonly orders: readonly OrderView[];
  readonly keyKind: KeyView["kind"];
  readonly nowMs: number;
};

/** The reader's orders here, those that are open first; each says where it is. */
export function OrderList({ orders, keyKind, nowMs }: OrderListProps) {
  const newest = orders.toSorted((a, b) => b.madeAtMs - a.madeAtMs);
  const isGoing = ({ isOpen, atRisk }: OrderView) => isOpen || atRisk > 0n;
  const going = newest.filter(isGoing);
  const over = newest.filter((order) => !isGoing(order));
  return (
    <Panel title="My orders">
      {keyKind === "unlocked" ? (
        <p className="hint">
          Orders rest in this wallet alone, and only while it is open: it signs them anew for each
          block that it has checked. Close this page, and nothing of them is good for longer than
          the batch that is being made.
        </p>
      ) : (
        going.length > 0 && (
          <Note tone="waiting">
            <p>The wallet is locked: nothing is signed. Your orders go on once it is unlocked.</p>
          </Note>
        )
      )}
      {orders.length === 0 && (
        <Empty>
          <p>No orders of yours yet.</p>
        </Empty>
      )}
      {going.length > 0 && (
        <ul className="rows">
          {going.map((order) => (
            <OrderRow
              key={order.id}
              order={order}
              nowMs={nowMs}
              canCancel={keyKind === "unlocked" && order.isOpen}
            />
          ))}
        </ul>
      )}
      {over.length > 0 && (
        <details open={going.length === 0}>
          <summary>Ended orders ({over.length})</summary>
          <ul className="rows orders-over">
            {over.map((order) => (
              <OrderRow key={order.id} order={order} nowMs={nowMs} canCancel={false} />
            ))}
          </ul>
        </details>
      )}
    </Panel>
  );
}
