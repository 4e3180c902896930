import { useId } from "react";
import type { WalletSnapshot } from "../../../workers/walletApi.ts";
import { createEntries } from "../../calendar/deadlineEntries.ts";
import { writeCalendar } from "../../calendar/writeCalendar.ts";
import { type Deadline, listDeadlines } from "../../figures/deadlines.ts";
import { Button } from "../../parts/Button.tsx";
import { Empty, Panel } from "../../parts/Panel.tsx";
import { saveFile } from "../../parts/saveFile.ts";
import { groupThousands } from "../../words/amount.ts";
import { describeDeadline } from "../../words/deadline.ts";
import { estimateMs, formatDeadline, formatMoment } from "../../words/time.ts";

/** Every deadline in blocks and time, each and all to be saved for a calendar. */
export function DeadlinePanel({ wallet }: { readonly wallet: WalletSnapshot }) {
  const { network } = wallet;
  const deadlines = listDeadlines(wallet);
  const id = useId();
  const save = (chosen: readonly Deadline[], name: string): void => {
    const nowMs = Date.now();
    const entries = createEntries(chosen, network, nowMs);
    saveFile(`${name}.ics`, writeCalendar(entries, nowMs), "text/calendar;charset=utf-8");
  };
  return (
    <Panel title="Deadlines">
      {deadlines.length === 0 ? (
        <Empty>
          <p>No deadline is ahead of you.</p>
        </Empty>
      ) : (
        <>
          <ul className="rows">
            {deadlines.map((deadline, index) => {
              const { title } = describeDeadline(deadline);
              const { until } = deadline;
              const titleId = `${id}-${index}`;
              return (
                <li key={deadline.id} className="row">
                  <div>
                    <p id={titleId} className="row-title">
                      {title}
                    </p>
                    <p className="row-hint">
                      {formatDeadline(until, network.height, network.blockPeriodMs)}
                      <br />
                      {formatMoment(estimateMs(until, network))}, block {groupThousands(until)}
                    </p>
                  </div>
                  <button
                    type="button"
                    className="link-button"
                    aria-describedby={titleId}
                    onClick={() => save([deadline], `sortition-block-${until}`)}
                  >
                    To calendar
                  </button>
                </li>
              );
            })}
          </ul>
          <div className="panel-actions">
            <Button onClick={() => save(deadlines, "sortition-deadlines")}>
              Save all for a calendar
            </Button>
          </div>
          <p className="hint">
            The main chain counts blocks, not hours, so times are estimates. An entry in the
            calendar ends a tenth earlier than expected. Save it again to bring it up to date.
          </p>
        </>
      )}
    </Panel>
  );
}
