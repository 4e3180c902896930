import { SourceError } from "../client/ports.ts";
import type { Agent } from "./openAgent.ts";

/** What a parent process says to an agent that acts on its word alone, and what it gets back. */
export type AgentCommand = {
  readonly kind: "settle";
  readonly round: number;
  readonly nowMs: number;
};
export type AgentReport =
  | ({ readonly kind: "up" } & Readonly<Record<string, string>>)
  | { readonly kind: "settled"; readonly round: number; readonly standing: string };

/**
 * Let an agent live: look and act at every new main-chain block and whenever `follow` calls back, or, with `manual`,
 * whenever the parent process says so. Ends on SIGTERM.
 *
 * @param options.prepare - called before the wallet looks at what is new.
 */
export function runAgent(
  agent: Agent,
  options: {
    readonly manual: boolean;
    readonly prepare?: () => Promise<void>;
    readonly work: () => Promise<void>;
    readonly follow?: (onNews: () => void) => void;
    readonly onTime: (nowMs: number) => void;
    readonly close: () => void;
  },
): void {
  const { wallet } = agent;
  let isStopping = false;
  let queue = Promise.resolve();

  async function act(): Promise<void> {
    await attempt(options.prepare ?? (async () => undefined));
    await wallet.sync();
    await attempt(options.work);
  }

  async function attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      // A server that does not answer now is asked again at the next block.
      if (!(error instanceof SourceError)) throw error;
    }
  }

  function stop(code: number, error?: unknown): void {
    if (isStopping) return;
    isStopping = true;
    if (error !== undefined) process.stderr.write(`${String(error)}\n`);
    options.close();
    void agent.close().finally(() => process.exit(code));
  }

  if (options.manual) {
    process.on("message", (command: AgentCommand) => {
      options.onTime(command.nowMs);
      queue = queue.then(act).then(
        () => {
          const report: AgentReport = {
            kind: "settled",
            round: command.round,
            standing: describe(agent),
          };
          process.send?.(report);
        },
        (error: unknown) => stop(1, error),
      );
    });
  } else {
    let isWanted = false;
    let isActing = false;
    const wake = () => {
      isWanted = true;
      if (isActing) return;
      isActing = true;
      queue = (async () => {
        while (isWanted && !isStopping) {
          isWanted = false;
          await act();
        }
        isActing = false;
      })().catch((error: unknown) => stop(1, error));
    };
    agent.followTip(wake);
    options.follow?.(wake);
  }
  process.on("SIGTERM", () => stop(0));
  process.on("SIGINT", () => stop(0));
  process.on("disconnect", () => stop(0));
}

/** What has happened so far, in a line: equal lines mean that nothing did. */
function describe({ wallet }: Agent): string {
  const pending = wallet.hands()?.outbox.pendingCount() ?? 0;
  const heights = wallet.tracker.chains().map(({ book }) => `${book.tip.height}/${book.postCount}`);
  const height = wallet.mainChain.tip().header.height;
  return `${height} ${pending} ${wallet.activity().length} ${heights.join(" ")}`;
}
