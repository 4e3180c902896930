import { useState } from "react";
import { Link } from "wouter";
import { costOf, isBuy, isOfYes } from "../../../protocol/price.ts";
import type { BookView, PositionView } from "../../../workers/marketViews.ts";
import type { ChainView, WalletSnapshot } from "../../../workers/walletApi.ts";
import { computeOrderTicket, lastPriceOf, sumCash } from "../../figures/orderTicket.ts";
import { Button } from "../../parts/Button.tsx";
import { Field } from "../../parts/Field.tsx";
import { Form } from "../../parts/Form.tsx";
import { Note } from "../../parts/Note.tsx";
import { useAction } from "../../parts/useAction.ts";
import { useWalletApi } from "../../walletContext.ts";
import { formatAmount, formatVeo } from "../../words/amount.ts";
import { describeWish, nameAnswer } from "../../words/order.ts";
import { parsePrice, parseQuantity } from "../../words/price.ts";
import { changeSide, type Draft, restTimes } from "./draft.ts";
import { OrderFacts } from "./OrderFacts.tsx";
import { OrderSidePicker } from "./OrderSidePicker.tsx";
import { PriceField } from "./PriceField.tsx";
import { SelectField } from "./SelectField.tsx";

export type OrderFormProps = {
  readonly wallet: WalletSnapshot;
  readonly chain: ChainView;
  readonly book: BookView;
  readonly positions: readonly PositionView[];
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
  readonly nowMs: number;
};

/** An order as it is written: what it costs, may win and lose is said before it is sent. */
export function OrderForm(props: OrderFormProps) {
  const { wallet, chain, book, positions, draft, onChange, nowMs } = props;
  const api = useWalletApi();
  const { isBusy, failure, run } = useAction();
  const [hasTried, setHasTried] = useState(false);
  /** The order that was placed last, and the draft that it left: a second press sends nothing until that is changed, wherever it is. */
  const [last, setLast] = useState<{ readonly words: string; readonly left: Draft }>();
  const placed = last?.left === draft ? last.words : undefined;
  const { side } = draft;
  const position = isBuy(side)
    ? undefined
    : positions.find((each) => (each.side === "yes") === isOfYes(side));
  const price = parsePrice(draft.price, book.tick);
  const typed = parseQuantity(draft.quantity, book.lot);
  const quantity = isBuy(side) ? (typed.ok ? typed.value : undefined) : position?.quantity;
  const cash = sumCash(wallet.contracts, wallet.orders, chain.id);
  const wish =
    price.ok && quantity !== undefined ? { side, limit: price.value, quantity } : undefined;
  const cost = wish !== undefined && isBuy(side) ? costOf(wish.quantity, wish.limit) : 0n;
  const isOver = cost > cash.total;
  const most =
    price.ok && isBuy(side) && !cash.areAllUsed
      ? (cash.free / costOf(book.lot, price.value)) * book.lot
      : 0n;
  const submit = async (): Promise<void> => {
    if (placed !== undefined) return;
    setHasTried(true);
    if (wish === undefined || isOver) return;
    const order = {
      ...wish,
      chainId: chain.id,
      bookId: book.id,
      goodUntilMs: nowMs + draft.restMs,
      contractIds: position?.contractIds ?? [],
    };
    const isDone = await run(
      () => api.placeOrder(order),
      "Order placed. It is listed under your orders.",
    );
    if (!isDone) return;
    setHasTried(false);
    const left = { ...draft, quantity: "" };
    setLast({ words: describeWish(wish), left });
    onChange(left);
  };
  const quantityProblem = isOver
    ? `It may cost ${formatVeo(cost)}. You have ${formatVeo(cash.total)} of plain space in this chain.`
    : !typed.ok && (hasTried || typed.code === "NOT_LOTS")
      ? typed.message
      : undefined;
  const mayTell = !price.ok && (hasTried || price.code === "OFF_TICK");
  return (
    <Form look="ticket" onSubmit={submit}>
      <OrderSidePicker
        side={side}
        positions={positions}
        onChange={(next) => onChange(changeSide(draft, book, next))}
      />
      <PriceField
        side={side}
        tick={book.tick}
        value={draft.price}
        problem={mayTell ? price.message : undefined}
        onChange={(text) => onChange({ ...draft, price: text })}
      />
      {isBuy(side) ? (
        <>
          <Field
            label="Quantity"
            unit="VEO"
            inputMode="decimal"
            autoComplete="off"
            placeholder="10"
            value={draft.quantity}
            hint={describeQuantity(side, quantity, book.lot)}
            problem={quantityProblem}
            onChange={(text) => onChange({ ...draft, quantity: text })}
          />
          {most > 0n && (
            <button
              type="button"
              className="link-button"
              onClick={() =>
                onChange({ ...draft, quantity: formatAmount(most).replaceAll(",", "") })
              }
            >
              As much as your space covers: {formatVeo(most)}
            </button>
          )}
        </>
      ) : (
        <p className="hint">
          {position === undefined
            ? "You hold nothing of it any more."
            : `All ${formatVeo(position.quantity)} that you hold are offered. A position is sold whole: what one buyer cannot take of it in a batch stays yours, and is offered again.`}
        </p>
      )}
      <SelectField
        label="Let it rest for"
        options={restTimes.map(({ ms, title }) => ({ value: ms.toString(), title }))}
        value={draft.restMs.toString()}
        hint="It rests only while this wallet is open, and is signed anew for each block."
        onChange={(ms) => onChange({ ...draft, restMs: Number(ms) })}
      />
      {isBuy(side) && cash.total === 0n && <NoCashNote wallet={wallet} chain={chain} />}
      {isBuy(side) && cash.areAllUsed && (
        <Note tone="waiting">
          <p>
            Each open order holds back a whole contract of space, whatever it may cost, and all of
            yours are held back. This one waits until one of them is free.{" "}
            <Link href={`/chain/${chain.id}`}>Buy another share</Link>, and both are in the same
            batch.
          </p>
        </Note>
      )}
      {!isOver && !cash.areAllUsed && cost > cash.free && (
        <Note tone="waiting">
          <p>
            Your open orders may take {formatVeo(cash.total - cash.free)} of your{" "}
            {formatVeo(cash.total)} of space. This one waits until enough of it is free.
          </p>
        </Note>
      )}
      {wish !== undefined && (
        <OrderFacts
          side={side}
          ticket={computeOrderTicket({
            ...wish,
            lastPrice: lastPriceOf(book),
            depositBps: chain.depositBps,
          })}
          chain={chain}
          cost={position?.cost}
        />
      )}
      {failure !== undefined && <Note tone="danger">{failure}</Note>}
      {placed !== undefined && (
        <Note tone="safe">
          <p>Placed: {placed}. Change anything above to write another one.</p>
        </Note>
      )}
      <Button type="submit" look="primary" isBusy={isBusy}>
        Place order
      </Button>
    </Form>
  );
}

function NoCashNote({ wallet, chain }: Pick<OrderFormProps, "wallet" | "chain">) {
  const isComing = wallet.contracts.some(
    ({ kind, state, chainId }) => chainId === chain.id && kind === "unpaid" && state === "held",
  );
  // Before its block is checked, what was asked for is a journey alone.
  if (isComing || wallet.progress !== undefined) {
    return (
      <Note tone="waiting">
        <p>
          Orders are paid with plain space of this chain. Yours is on its way: you can place an
          order as soon as it is paid for.
        </p>
      </Note>
    );
  }
  return (
    <Note tone="plain">
      <p>
        Orders are paid with plain space of this chain, of which you have none.{" "}
        <Link href={`/chain/${chain.id}`}>Buy a share of it first</Link>
      </p>
    </Note>
  );
}

function describeQuantity(side: Draft["side"], quantity: bigint | undefined, lot: bigint): string {
  const answer = nameAnswer(side);
  return quantity === undefined
    ? `What it pays if ${answer} is right, in steps of ${formatVeo(lot)}.`
    : `Pays ${formatVeo(quantity)} of space if ${answer} is right.`;
}
