import { isBuy } from "../../../protocol/price.ts";
import type { OrderView } from "../../../workers/marketViews.ts";
import { Button } from "../../parts/Button.tsx";
import { Note } from "../../parts/Note.tsx";
import { useAction } from "../../parts/useAction.ts";
import { useWalletApi } from "../../walletContext.ts";
import { formatVeo } from "../../words/amount.ts";
import {
  describeMissed,
  describeOrderState,
  describeTimeLimit,
  describeWish,
} from "../../words/order.ts";
import { formatPrice } from "../../words/price.ts";

type OrderRowProps = {
  readonly order: OrderView;
  readonly nowMs: number;
  readonly canCancel: boolean;
};

/** One order: what it wants, where it is, what came of it, and the way to end it. */
export function OrderRow({ order, nowMs, canCancel }: OrderRowProps) {
  const api = useWalletApi();
  const { isBusy, failure, run } = useAction();
  const { tone, word, sentence } = describeOrderState(order);
  const missed = describeMissed(order);
  const wish = describeWish(order);
  return (
    <li className="row order">
      <div className="row-words">
        <p className="row-title">{wish}</p>
        <p className="order-state">
          <span className="verdict-mark order-mark" data-tone={tone}>
            {word}
          </span>
          <span>{sentence}</span>
        </p>
        {missed !== undefined && <p className="row-hint">{missed}</p>}
        {order.filled > 0n && <FilledPart order={order} />}
        {order.isOpen && <p className="row-hint">It rests {describeTimeLimit(order, nowMs)}.</p>}
        {failure !== undefined && <Note tone="danger">{failure}</Note>}
      </div>
      {canCancel && (
        <Button
          isBusy={isBusy}
          onClick={() =>
            void run(() => api.cancelOrder(order.id), "Nothing more is signed of the order.")
          }
        >
          Cancel<span className="hidden-words"> {wish}</span>
        </Button>
      )}
    </li>
  );
}

/** How much of it is filled, what that cost or brought, and how much better than its limit that is. */
function FilledPart({ order }: { readonly order: OrderView }) {
  const { filled, quantity, price, paid, improvement, side } = order;
  const verb = isBuy(side) ? "paid" : "got";
  const at = price === undefined ? "" : ` at ${formatPrice(price)}`;
  return (
    <div className="order-filled">
      <progress aria-label="Part that is filled" value={Number(filled)} max={Number(quantity)} />
      <p className="row-hint">
        {formatVeo(filled)} of {formatVeo(quantity)} filled{at}, {verb} {formatVeo(paid)}
        {improvement > 0n && (
          <strong className="order-better">, {formatVeo(improvement)} better than its limit</strong>
        )}
      </p>
    </div>
  );
}
