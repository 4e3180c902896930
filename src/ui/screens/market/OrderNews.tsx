import { useEffect, useRef, useState } from "react";
import type { OrderView } from "../../../workers/marketViews.ts";
import { describeOrderState, describeWish } from "../../words/order.ts";

/** Says politely, to those who do not see the list, what has become of an order. */
export function OrderNews({ orders }: { readonly orders: readonly OrderView[] }) {
  const known = useRef<ReadonlyMap<string, string> | undefined>(undefined);
  const [news, setNews] = useState("");
  useEffect(() => {
    const before = known.current;
    const now = new Map(orders.map((order) => [order.id, nameNews(order)]));
    known.current = now;
    // What stood here when the screen was opened is no news.
    if (before === undefined) return;
    const changed = orders.filter(({ id }) => before.get(id) !== now.get(id));
    if (changed.length === 0) return;
    setNews(
      changed
        .map((order) => `${describeWish(order)}. ${describeOrderState(order).sentence}`)
        .join(" "),
    );
  }, [orders]);
  return (
    <p className="hidden-words" role="status">
      {news}
    </p>
  );
}

/** What is told of an order: that it is there, filled, ended or refused, and not that it waits for one more batch. */
function nameNews({ filled, isOpen, state }: OrderView): string {
  return `${filled} ${isOpen} ${state.kind === "refused"}`;
}
