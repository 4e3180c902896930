import { Link } from "wouter";
import type { WalletSnapshot } from "../../../workers/walletApi.ts";
import { listTasks, type Task } from "../../figures/tasks.ts";
import { Icon } from "../../parts/Icon.tsx";
import { Panel } from "../../parts/Panel.tsx";
import { groupThousands } from "../../words/amount.ts";
import { describeTask } from "../../words/task.ts";
import { formatDeadline } from "../../words/time.ts";

/** What is done on the screen of its contract or chain; all else is done on the settlement screen. */
function pathOf(task: Task): string {
  switch (task.kind) {
    case "redeem":
      return `/contract/${task.contract.id}`;
    case "dispute":
      return "/disputes";
    case "refund":
      return `/chain/${task.chain.id}`;
    default:
      return "/settle";
  }
}

/** What needs doing, each with its deadline in blocks and time. */
export function TodoList({ wallet }: { readonly wallet: WalletSnapshot }) {
  const tasks = listTasks(wallet);
  const { network } = wallet;
  if (tasks.length === 0) return null;
  return (
    <Panel title="To do">
      <ul className="rows">
        {tasks.map((task) => (
          <li key={task.id} className="row">
            <div>
              <p className="row-title">
                <Link className="row-link" href={pathOf(task)}>
                  {describeTask(task).title}
                </Link>
              </p>
              {task.until !== undefined && (
                <p className="row-hint">
                  Ends {formatDeadline(task.until, network.height, network.blockPeriodMs)} (block{" "}
                  {groupThousands(task.until)})
                </p>
              )}
            </div>
            <Icon name="onward" />
          </li>
        ))}
      </ul>
    </Panel>
  );
}
