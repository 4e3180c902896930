import { Link } from "wouter";
import type { NetworkView, WalletSnapshot } from "../../../workers/walletApi.ts";
import type { Task } from "../../figures/tasks.ts";
import { Note } from "../../parts/Note.tsx";
import { Panel } from "../../parts/Panel.tsx";
import { TimeLeft } from "../../parts/TimeLeft.tsx";
import { describeTask, NO_DEADLINE } from "../../words/task.ts";
import { SettleStep } from "../contract/SettleStep.tsx";

import { DisputeAnswer } from "../disputes/DisputeAnswer.tsx";

type TaskPanelProps = { readonly wallet: WalletSnapshot; readonly tasks: readonly Task[] };

/** The next step with its button, and after it what can also be done. */
export function TaskPanel({ wallet, tasks }: TaskPanelProps) {
  const [next, ...rest] = tasks;
  if (next === undefined) {
    return (
      <Panel title="Next step">
        <Note tone="safe">
          <p>
            Nothing to do now. The wallet follows every chain that you hold a part of, and tells you
            here when something opens.
          </p>
        </Note>
      </Panel>
    );
  }
  return (
    <>
      <Panel title={next.isMust ? "Next step" : "Nothing is due. You may"}>
        <TaskItem wallet={wallet} task={next} isFirst />
      </Panel>
      {rest.length > 0 && (
        <Panel title="Then">
          <ul className="actions">
            {rest.map((task) => (
              <li key={task.id}>
                <TaskItem wallet={wallet} task={task} isFirst={false} />
              </li>
            ))}
          </ul>
        </Panel>
      )}
    </>
  );
}

type TaskItemProps = {
  readonly wallet: WalletSnapshot;
  readonly task: Task;
  readonly isFirst: boolean;
};

function TaskItem({ wallet, task, isFirst }: TaskItemProps) {
  const { title, gist } = describeTask(task);
  return (
    <article className="task" data-must={task.isMust}>
      <h3>{title}</h3>
      <p>{gist}</p>
      <TaskTime task={task} network={wallet.network} />
      <TaskDoor wallet={wallet} task={task} isFirst={isFirst} />
    </article>
  );
}

function TaskTime({ task, network }: { readonly task: Task; readonly network: NetworkView }) {
  const { until, isMust } = task;
  if (until !== undefined) return <TimeLeft until={until} isMust={isMust} network={network} />;
  return isMust ? <p className="hint">{NO_DEADLINE}</p> : null;
}

/** The one button of a task, or the way to the screen that has it. */
function TaskDoor({ wallet, task, isFirst }: TaskItemProps) {
  const look = `button button-${isFirst ? "primary" : "plain"}`;
  switch (task.kind) {
    case "claim":
    case "collect":
    case "collectOwnChain":
      return (
        <SettleStep wallet={wallet} contract={task.contract} action={task.kind} isFirst={isFirst} />
      );
    case "show":
    case "redeem":
      return (
        <Link className={look} href={`/contract/${task.contract.id}`}>
          See what it costs
        </Link>
      );
    case "draw": {
      const [first] = task.contracts;
      const isOne = task.contracts.length === 1 && first !== undefined;
      return (
        <Link className={look} href={isOne ? `/contract/${first.id}` : "/"}>
          {isOne ? "Open the contract" : "See your positions"}
        </Link>
      );
    }
    case "dispute":
      return <DisputeAnswer wallet={wallet} dispute={task.dispute} isFirst={isFirst} />;
    case "refund":
      return (
        <Link className={look} href={`/chain/${task.chain.id}`}>
          Open the chain
        </Link>
      );
  }
}
