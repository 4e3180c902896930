import type { NetworkView } from "../../workers/walletApi.ts";
import { describeLastBlock } from "../words/task.ts";
import { estimateMs, formatDeadline, formatMoment } from "../words/time.ts";

type TimeLeftProps = {
  /** The last main-chain height that counts. */
  readonly until: number;
  readonly isMust: boolean;
  readonly network: NetworkView;
};

/** A deadline in blocks, in hours, and by the clock. */
export function TimeLeft({ until, isMust, network }: TimeLeftProps) {
  const left = formatDeadline(until, network.height, network.blockPeriodMs);
  return (
    <p className="time-left" data-must={isMust}>
      <strong>{until > network.height ? `Ends ${left}.` : `Its time ${left}.`}</strong>{" "}
      {describeLastBlock(until)}, expected on {formatMoment(estimateMs(until, network))}.
    </p>
  );
}
