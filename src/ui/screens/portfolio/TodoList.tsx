import { Link } from "wouter";
import type { NetworkView, TodoView } from "../../../workers/walletApi.ts";
import { Icon } from "../../parts/Icon.tsx";
import { Panel } from "../../parts/Panel.tsx";
import { groupThousands } from "../../words/amount.ts";
import { formatDeadline } from "../../words/time.ts";

type TodoListProps = { readonly todos: readonly TodoView[]; readonly network: NetworkView };

/** What needs doing, each with its deadline in blocks and time. */
export function TodoList({ todos, network }: TodoListProps) {
  if (todos.length === 0) return null;
  return (
    <Panel title="To do">
      <ul className="rows">
        {todos.map((todo) => (
          <li key={todo.id} className="row">
            <div>
              <p className="row-title">
                {todo.contractId === undefined ? (
                  todo.words
                ) : (
                  <Link className="row-link" href={`/contract/${todo.contractId}`}>
                    {todo.words}
                  </Link>
                )}
              </p>
              {todo.untilHeight !== undefined && (
                <p className="row-hint">
                  Ends {formatDeadline(todo.untilHeight, network.height, network.blockPeriodMs)}{" "}
                  (block {groupThousands(todo.untilHeight)})
                </p>
              )}
            </div>
            {todo.contractId !== undefined && <Icon name="onward" />}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
