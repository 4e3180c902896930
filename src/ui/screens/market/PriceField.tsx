import { type KeyboardEvent, useId } from "react";
import { PRICE_PARTS } from "../../../protocol/limits.ts";
import { isBuy } from "../../../protocol/price.ts";
import type { OrderView } from "../../../workers/marketViews.ts";
import { formatPercent } from "../../words/chance.ts";
import { nameAnswer } from "../../words/order.ts";
import { formatPrice, parsePrice, stepPrice } from "../../words/price.ts";

type PriceFieldProps = {
  readonly side: OrderView["side"];
  readonly tick: number;
  readonly value: string;
  readonly problem: string | undefined;
  readonly onChange: (typed: string) => void;
};

/** Steps of an arrow key, and of a page key. */
const keySteps: Record<string, number> = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 };

/** The limit of an order: typed, or stepped by a tick with its buttons or the arrow keys. */
export function PriceField({ side, tick, value, problem, onChange }: PriceFieldProps) {
  const id = useId();
  const price = parsePrice(value, tick);
  const step = (steps: number): void => {
    const loose = Math.round(Number(value.trim()) * PRICE_PARTS);
    const from = price.ok ? price.value : Number.isFinite(loose) ? loose : PRICE_PARTS / 2;
    onChange(formatPrice(stepPrice(from, tick, steps)));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const steps = keySteps[event.key];
    if (steps === undefined) return;
    event.preventDefault();
    step(steps);
  };
  const label = isBuy(side) ? "Price, at most" : "Price, at least";
  const verb = isBuy(side) ? "You pay at most" : "You get at least";
  const said =
    problem ??
    (price.ok
      ? `${verb} ${formatPrice(price.value)} VEO for each VEO that ${nameAnswer(side)} pays: a chance of ${formatPercent(BigInt(price.value), BigInt(PRICE_PARTS))}.`
      : undefined);
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="step-box">
        <button type="button" aria-label="Lower price" onClick={() => step(-1)}>
          −
        </button>
        <input
          id={id}
          value={value}
          inputMode="decimal"
          autoComplete="off"
          aria-invalid={problem !== undefined || undefined}
          aria-describedby={`${id}-said`}
          onKeyDown={onKeyDown}
          onChange={(event) => onChange(event.target.value)}
        />
        <button type="button" aria-label="Higher price" onClick={() => step(1)}>
          +
        </button>
      </div>
      <p
        id={`${id}-said`}
        className={problem === undefined ? "field-hint" : "field-problem"}
        role={problem === undefined ? undefined : "alert"}
      >
        {said}
      </p>
    </div>
  );
}
