import { answerTask } from "../../../src/client/answerTask.ts";
import { nameSubject } from "../../../src/client/checkAhead.ts";
import { nameClaims } from "../../../src/client/signatureTask.ts";
import type { PoolAnswer, PoolTask, PoolWorkerListener } from "../../../src/client/verifyPool.ts";
import type { Rules } from "../../../src/protocol/rules.ts";
import type { SeededRandom } from "../../reference/seededRandom.ts";

type YardWorker = {
  readonly listener: PoolWorkerListener;
  readonly tasks: PoolTask[];
  answered: number;
  isEnded: boolean;
};

/**
 * What becomes of a worker's turn: it answers one of its tasks, or dies; or, by a bug, it answers with what it found
 * of another block, and says so (`mixes up`) or not (`mislabels`).
 */
export type Fate = "answers" | "dies" | "mixes up" | "mislabels";

/**
 * Workers as a pool sees them, without threads: which of them has its turn, and which of its tasks it does, is
 * chance. All that passes is cloned, as between real ones.
 */
export class WorkerYard {
  readonly workers: YardWorker[] = [];
  /** All tasks that any of them was given. */
  readonly taken: PoolTask[] = [];
  /** Most tasks that all workers have had at a time. */
  tasksMax = 0;
  fate: () => Fate = () => "answers";
  readonly #rules: Rules;
  readonly #random: SeededRandom;

  constructor(rules: Rules, random: SeededRandom) {
    this.#rules = rules;
    this.#random = random;
  }

  readonly open = (listener: PoolWorkerListener) => {
    const worker: YardWorker = { listener, tasks: [], answered: 0, isEnded: false };
    this.workers.push(worker);
    return {
      send: (task: PoolTask) => {
        worker.tasks.push(structuredClone(task));
        this.taken.push(task);
        const held = this.running().reduce((sum, { tasks }) => sum + tasks.length, 0);
        this.tasksMax = Math.max(this.tasksMax, held);
      },
      end: () => {
        worker.isEnded = true;
      },
    };
  };

  running(): YardWorker[] {
    return this.workers.filter(({ isEnded }) => !isEnded);
  }

  /** Let the workers do their work until `work` is done. */
  async during<Value>(work: Promise<Value>): Promise<Value> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    done.catch(() => undefined);
    while (!isDone) {
      await new Promise((resolve) => setImmediate(resolve));
      this.turn();
    }
    return done;
  }

  #nameTask(task: PoolTask): Uint8Array {
    return "claims" in task ? nameClaims(task) : nameSubject(task, this.#rules);
  }

  /** One worker's turn. */
  turn(): void {
    const busy = this.running().filter(({ tasks }) => tasks.length > 0);
    const worker = busy[this.#random.below(busy.length || 1)];
    if (worker === undefined) return;
    const fate = this.fate();
    if (fate === "dies") {
      worker.isEnded = true;
      worker.listener.onDeath();
      return;
    }
    const [task] = worker.tasks.splice(this.#random.below(worker.tasks.length), 1);
    if (task === undefined) return;
    const other = busy.flatMap(({ tasks }) => tasks).find(({ id }) => id !== task.id) ?? task;
    const found = answerTask(fate === "answers" ? task : other, this.#rules);
    const subject = fate === "mislabels" ? this.#nameTask(task) : found.subject;
    worker.answered += 1;
    const answer: PoolAnswer = { id: task.id, subject, held: found.held };
    worker.listener.onAnswer(structuredClone(answer));
  }
}
