import { Link } from "wouter";
import { Note } from "../../parts/Note.tsx";
import { Panel } from "../../parts/Panel.tsx";
import { OrderForm, type OrderFormProps } from "./OrderForm.tsx";

/** The place where an order is written, or why there is none to write now. */
export function OrderTicket(props: OrderFormProps) {
  return (
    <Panel title="New order">
      <TicketBody {...props} />
    </Panel>
  );
}

function TicketBody(props: OrderFormProps) {
  const { wallet, chain, book, positions } = props;
  if (book.closed !== undefined) {
    return (
      <Note tone="waiting">
        <p>
          No order is taken now. {book.closed}{" "}
          {positions.length > 0 && (
            <Link href={`/chain/${chain.id}`}>See what you hold in its chain</Link>
          )}
        </p>
      </Note>
    );
  }
  if (wallet.key.kind !== "unlocked") {
    return (
      <Note tone="plain">
        <p>An order needs your key. Unlock or make one first.</p>
      </Note>
    );
  }
  return <OrderForm {...props} />;
}
