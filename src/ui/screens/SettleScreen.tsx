import { Link } from "wouter";
import type { WalletSnapshot } from "../../workers/walletApi.ts";
import { listTasks } from "../figures/tasks.ts";
import { Empty, Panel } from "../parts/Panel.tsx";
import { Screen } from "../parts/Screen.tsx";
import "../styles/settle.css";
import { DeadlinePanel } from "./settle/DeadlinePanel.tsx";
import { DisputesPanel } from "./settle/DisputesPanel.tsx";
import { DownNote } from "./settle/DownNote.tsx";
import { LifePanel } from "./settle/LifePanel.tsx";
import { groupLives } from "./settle/lives.ts";
import { ReminderPanel } from "./settle/ReminderPanel.tsx";
import { TaskPanel } from "./settle/TaskPanel.tsx";

/** From the last trade to the payment: where each prize is, what is to be done for it, and by when. */
export function SettleScreen({ wallet }: { readonly wallet: WalletSnapshot }) {
  const tasks = listTasks(wallet);
  const { own, others } = groupLives(wallet);
  return (
    <Screen
      title="Settle"
      lead="Where each prize is on its way to being paid, what you have to do for it, and by when."
    >
      <DownNote network={wallet.network} />
      <div className="columns">
        <div className="column">
          <TaskPanel wallet={wallet} tasks={tasks} />
          {own.length === 0 && <NothingHeld />}
          {own.map((life) => (
            <LifePanel key={life.chain.id} wallet={wallet} life={life} />
          ))}
          {others.length > 0 && (
            <details className="other-lives">
              <summary>Prizes that you hold no part of ({others.length})</summary>
              <div className="column">
                {others.map((life) => (
                  <LifePanel key={life.chain.id} wallet={wallet} life={life} />
                ))}
              </div>
            </details>
          )}
        </div>
        <div className="column">
          <DeadlinePanel wallet={wallet} />
          <DisputesPanel wallet={wallet} />
          <ReminderPanel />
        </div>
      </div>
    </Screen>
  );
}

function NothingHeld() {
  return (
    <Panel title="Your prizes">
      <Empty>
        <p>
          You hold no part of any prize. Once you do, its way from the last trade to the payment
          stands here.
        </p>
        <Link className="button button-plain" href="/chains">
          See what there is
        </Link>
      </Empty>
    </Panel>
  );
}
