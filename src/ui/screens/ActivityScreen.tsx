import type { ActivityView, WalletSnapshot } from "../../workers/walletApi.ts";
import { Empty, Panel } from "../parts/Panel.tsx";
import { Screen } from "../parts/Screen.tsx";
import { StandingMark } from "../parts/StandingMark.tsx";
import { formatClock, formatDay } from "../words/time.ts";

/** What happened, newest first, by day. */
export function ActivityScreen({ wallet }: { readonly wallet: WalletSnapshot }) {
  const days = groupByDay(wallet.activity);
  return (
    <Screen title="Activity" lead="What this wallet did and saw, newest first.">
      {days.length === 0 && (
        <Empty>
          <p>Nothing yet. Everything that touches your money will be listed here with its date.</p>
        </Empty>
      )}
      {days.map(([day, entries]) => (
        <Panel key={day} title={day}>
          <ul className="rows">
            {entries.map((entry) => (
              <li key={entry.id} className="row">
                <time className="row-time" dateTime={new Date(entry.atMs).toISOString()}>
                  {formatClock(entry.atMs)}
                </time>
                <p className="row-words">{entry.words}</p>
                <StandingMark standing={entry.standing} />
              </li>
            ))}
          </ul>
        </Panel>
      ))}
    </Screen>
  );
}

function groupByDay(
  activity: readonly ActivityView[],
): readonly (readonly [string, readonly ActivityView[]])[] {
  const days = new Map<string, ActivityView[]>();
  for (const entry of [...activity].sort((a, b) => b.atMs - a.atMs)) {
    const day = formatDay(entry.atMs);
    days.set(day, [...(days.get(day) ?? []), entry]);
  }
  return [...days];
}
