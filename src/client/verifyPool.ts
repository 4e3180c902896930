import { equalBytes } from "../lib/bytes.ts";
import type { Rules } from "../protocol/rules.ts";
import { type BlockTask, type CheckAhead, nameSubject } from "./checkAhead.ts";
import type { BlockVerifier } from "./ports.ts";

/** What a worker is asked, and what it answers: plain data that survives structured cloning. */
export type PoolTask = BlockTask & { readonly id: number };
export type PoolAnswer = CheckAhead & { readonly id: number };

/** A worker as the pool sees it: it answers each task once, in any order, or dies. */
export type PoolWorker = { send(task: PoolTask): void; end(): void };

export type PoolWorkerListener = {
  readonly onAnswer: (answer: PoolAnswer) => void;
  /** It will give no answer any more. */
  readonly onDeath: () => void;
};

/** Blocks that all workers together have use for. */
const IN_HAND_MAX = 64;
/** Tasks that one worker is given at a time: the next one lies there when it is done with one. */
const TASKS_AT_ONCE = 2;
/** Workers that may die over one task: a block that ends them is left to whoever asked. */
const DEATHS_PER_TASK = 2;
/** Deaths with no answer between them after which nothing more is tried until the pool has rested. */
const DEATHS_IN_A_ROW = 8;

type Job = {
  readonly task: PoolTask;
  readonly subject: Uint8Array;
  readonly resolve: (found: CheckAhead | undefined) => void;
  deaths: number;
  isCancelled: boolean;
};

type Member = { readonly worker: PoolWorker; readonly jobs: Map<number, Job> };

/**
 * Checks blocks on several workers at once, each opened when there is work for it and ended at rest. An answer
 * counts for the very bytes that were asked about. A worker that dies, or answers about others, is replaced
 * and its work done again; what cannot be done is left to whoever asked.
 *
 * @param size - workers at most, at least 1. @param open - throws where there can be no worker.
 */
export function createVerifyPool(
  size: number,
  open: (listener: PoolWorkerListener) => PoolWorker,
  rules: Pick<Rules, "networkId">,
): BlockVerifier {
  const members = new Set<Member>();
  let queue: Job[] = [];
  let lastId = 0;
  let deathsInRow = 0;

  /** Give out what is waiting, as far as there is room. */
  function pump(): void {
    while (queue.length > 0) {
      if (deathsInRow >= DEATHS_IN_A_ROW) {
        for (const job of queue.splice(0)) job.resolve(undefined);
        return;
      }
      const member = findRoom();
      if (member === "none") return;
      if (member === "failed") {
        deathsInRow = DEATHS_IN_A_ROW;
        continue;
      }
      const job = queue.shift() as Job;
      member.jobs.set(job.task.id, job);
      member.worker.send(job.task);
    }
  }

  /** Whoever has least to do, a new one before anybody waits. */
  function findRoom(): Member | "none" | "failed" {
    const [least] = [...members].toSorted((a, b) => a.jobs.size - b.jobs.size);
    if (least?.jobs.size !== 0 && members.size < size) return recruit();
    return least !== undefined && least.jobs.size < TASKS_AT_ONCE ? least : "none";
  }

  function recruit(): Member | "failed" {
    try {
      const worker = open({
        onAnswer: (answer) => hear(member, answer),
        onDeath: () => replace(member),
      });
      const member: Member = { worker, jobs: new Map() };
      members.add(member);
      return member;
    } catch {
      // No worker can be opened here: whoever asks does without.
      return "failed";
    }
  }

  function hear(member: Member, { id, subject, held }: PoolAnswer): void {
    const job = member.jobs.get(id);
    if (!members.has(member)) return;
    if (job === undefined || !equalBytes(job.subject, subject)) {
      replace(member);
      return;
    }
    member.jobs.delete(id);
    deathsInRow = 0;
    job.resolve({ subject, held });
    pump();
  }

  /** Its tasks go to the next one, before all others. */
  function replace(member: Member): void {
    if (!members.delete(member)) return;
    member.worker.end();
    deathsInRow += 1;
    const left = [...member.jobs.values()].filter(({ isCancelled }) => !isCancelled);
    for (const job of left) {
      job.deaths += 1;
      if (job.deaths >= DEATHS_PER_TASK) job.resolve(undefined);
    }
    queue.unshift(...left.filter(({ deaths }) => deaths < DEATHS_PER_TASK));
    pump();
  }

  return {
    inHandMax: IN_HAND_MAX,

    check(task) {
      lastId += 1;
      let resolve: Job["resolve"] = () => undefined;
      const answer = new Promise<CheckAhead | undefined>((settle) => {
        resolve = settle;
      });
      const subject = nameSubject(task, rules);
      const own = { ...task, id: lastId };
      const job: Job = { task: own, subject, resolve, deaths: 0, isCancelled: false };
      queue.push(job);
      pump();
      return {
        answer,
        cancel() {
          job.isCancelled = true;
          queue = queue.filter((each) => each !== job);
          resolve(undefined);
        },
      };
    },

    rest() {
      deathsInRow = 0;
      for (const member of members) {
        if (![...member.jobs.values()].every(({ isCancelled }) => isCancelled)) continue;
        members.delete(member);
        member.worker.end();
      }
    },
  };
}
