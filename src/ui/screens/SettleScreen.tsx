import { Link } from "wouter";
import type { NodeView, WalletSnapshot } from "../../workers/walletApi.ts";
import { listTasks } from "../figures/tasks.ts";
import { Note } from "../parts/Note.tsx";
import { Empty, Panel } from "../parts/Panel.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useNow } from "../parts/useNow.ts";
import "../styles/settle.css";
import { formatAge } from "../words/time.ts";
import { DeadlinePanel } from "./settle/DeadlinePanel.tsx";
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
      <DownNote wallet={wallet} />
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
          <ReminderPanel />
        </div>
      </div>
    </Screen>
  );
}

/** The main chain goes on whether or not this device hears of it. */
function DownNote({ wallet: { network } }: { readonly wallet: WalletSnapshot }) {
  const nowMs = useNow();
  const has = (state: NodeView["state"]) => network.nodes.some((node) => node.state === state);
  const isLive = has("live");
  if ((isLive && !network.isStale) || (!isLive && has("connecting"))) return null;
  return (
    <Note tone="danger">
      <p>
        {isLive ? "The main chain seems to stand still" : "No main-chain node answers"}: you see
        what was so {formatAge(network.tipTimeMs, nowMs)}. Deadlines go on without you. Nothing can
        be sent from here until a node is live; if a deadline is near, use another connection.
      </p>
    </Note>
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
