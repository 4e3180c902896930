import { useId } from "react";
import { isBuy, isOfYes } from "../../../protocol/price.ts";
import type { OrderView, PositionView } from "../../../workers/marketViews.ts";
import { nameAnswer, sideNames } from "../../words/order.ts";

type Side = OrderView["side"];

type OrderSidePickerProps = {
  readonly side: Side;
  readonly positions: readonly PositionView[];
  readonly onChange: (side: Side) => void;
};

const sides: readonly Side[] = ["buyYes", "buyNo", "sellYes", "sellNo"];

/** Whether to buy yes, to buy no, or to sell what is held of one of them. */
export function OrderSidePicker({ side, positions, onChange }: OrderSidePickerProps) {
  const name = useId();
  const isHeld = (option: Side) =>
    positions.some((each) => each.outcome === "open" && (each.side === "yes") === isOfYes(option));
  const offered = sides.filter((option) => isBuy(option) || isHeld(option) || option === side);
  return (
    <fieldset className="side-picker order-sides">
      <legend>What you want</legend>
      {offered.map((option) => (
        <label key={option} data-chosen={option === side}>
          <input
            type="radio"
            name={name}
            value={option}
            checked={option === side}
            onChange={() => onChange(option)}
          />
          <span>
            {sideNames[option]}
            <span className="fact-hint">
              {isBuy(option) ? `pays if ${nameAnswer(option)} is right` : "all that you hold"}
            </span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
