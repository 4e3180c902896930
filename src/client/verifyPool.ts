import type { Header } from "../chain/header/header.ts";
import { equalBytes } from "../lib/bytes.ts";
import type { Rules } from "../protocol/rules.ts";
import { type CheckAhead, nameSubject, type ServedBlock } from "./checkAhead.ts";
import type { CheckedBlock } from "./checkBlock.ts";
import { findNamedHeaders } from "./namedHeaders.ts";
import type { BlockVerifier, PendingCheck } from "./ports.ts";
import { nameClaims, type SignatureTask } from "./signatureTask.ts";
import { spreadCheck } from "./spreadCheck.ts";

/** A block to be checked elsewhere. `mainHeaders`: those that its void closes name, as far as they are known. */
type BlockTask = Pick<ServedBlock, "bytes" | "chain"> & { readonly mainHeaders: readonly Header[] };

/** What a worker is asked, and what it answers: plain data that survives structured cloning. */
export type PoolTask = (BlockTask | SignatureTask) & { readonly id: number };
export type PoolAnswer = CheckAhead<CheckedBlock | true> & { readonly id: number };

/** A worker as the pool sees it: it answers each task once, in any order, or dies. */
export type PoolWorker = { send(task: PoolTask): void; end(): void };

export type PoolWorkerListener = {
  readonly onAnswer: (answer: PoolAnswer) => void;
  /** It will give no answer any more. */
  readonly onDeath: () => void;
};

/** Blocks that all workers together have use for. */
const IN_HAND_MAX = 64;
/** Blocks that one worker is given at a time: the next one lies there when it is done with one. */
const BLOCKS_AT_ONCE = 2;
/** Bytes from which on a block that is alone is worked on by all: some seventy trades. */
const SPREAD_BYTES_MIN = 32 * 1024;
/** Workers that may die over one task: a block that ends them is left to whoever asked. */
const DEATHS_PER_TASK = 2;
/** Deaths with no answer between them after which nothing more is tried until the pool has rested. */
const DEATHS_IN_A_ROW = 8;

type Job = {
  readonly task: PoolTask;
  readonly subject: Uint8Array;
  readonly resolve: (answer: PoolAnswer | undefined) => void;
  deaths: number;
  isCancelled: boolean;
};

type Member = { readonly worker: PoolWorker; readonly jobs: Map<number, Job> };

/**
 * Checks blocks on several workers at once, each opened when there is work for it and ended at rest. Many blocks are checked one by each,
 * the signatures of a large one that is alone by all of them, the rest of it here meanwhile. An answer
 * counts for the very bytes that were asked about. A worker that dies, or answers about others, is replaced
 * and its work done again; what cannot be done is left to whoever asked.
 *
 * @param size - workers at most, at least 1. @param open - throws where there can be no worker.
 */
export function createVerifyPool(
  size: number,
  open: (listener: PoolWorkerListener) => PoolWorker,
  rules: Rules,
): BlockVerifier {
  const members = new Set<Member>();
  let queue: Job[] = [];
  let lastId = 0;
  let deathsInRow = 0;

  /** Give out what is waiting, as far as there is room. */
  function pump(): void {
    for (let [job] = queue; job !== undefined; [job] = queue) {
      if (deathsInRow >= DEATHS_IN_A_ROW) {
        for (const each of queue.splice(0)) each.resolve(undefined);
        return;
      }
      const member = findRoom(job.task);
      if (member === "none") return;
      if (member === "failed") {
        deathsInRow = DEATHS_IN_A_ROW;
        continue;
      }
      queue.shift();
      member.jobs.set(job.task.id, job);
      member.worker.send(job.task);
    }
  }

  /** Whoever has least to do, a new one before anybody waits. */
  function findRoom(task: PoolTask): Member | "none" | "failed" {
    const [least] = [...members].toSorted((a, b) => a.jobs.size - b.jobs.size);
    if (least?.jobs.size !== 0 && members.size < size) return recruit();
    // Who asks for signatures is busy himself meanwhile, and cannot hand out the next ones later.
    const isRoom = least !== undefined && ("claims" in task || least.jobs.size < BLOCKS_AT_ONCE);
    return isRoom ? least : "none";
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

  function hear(member: Member, answer: PoolAnswer): void {
    const job = member.jobs.get(answer.id);
    if (!members.has(member)) return;
    if (job === undefined || !equalBytes(job.subject, answer.subject)) {
      replace(member);
      return;
    }
    member.jobs.delete(answer.id);
    deathsInRow = 0;
    job.resolve(answer);
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

  /** @param read - what an answer says, if it is one to such a task. */
  function give<Found>(
    task: BlockTask | SignatureTask,
    subject: Uint8Array,
    read: (answer: PoolAnswer) => Found | undefined,
  ): PendingCheck<Found> {
    lastId += 1;
    let resolve: Job["resolve"] = () => undefined;
    const answer = new Promise<Found | undefined>((settle) => {
      resolve = (said) => settle(said && read(said));
    });
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
  }

  const checkSignatures = (task: SignatureTask) =>
    give(task, nameClaims(task), ({ subject, held }) =>
      held === true || held === undefined ? { subject, held } : undefined,
    );

  return {
    inHandMax: IN_HAND_MAX,

    check(block, isAlone) {
      const { bytes, chain, mainHeader } = block;
      if (isAlone && size > 1 && bytes.length >= SPREAD_BYTES_MIN) {
        return spreadCheck(block, rules, checkSignatures);
      }
      const task = { bytes, chain, mainHeaders: findNamedHeaders(bytes, mainHeader) };
      return give(task, nameSubject(task, rules), ({ subject, held }) =>
        held === true ? undefined : { subject, held },
      );
    },

    rest(isHurried) {
      deathsInRow = 0;
      if (isHurried) return;
      for (const member of members) {
        if (![...member.jobs.values()].every(({ isCancelled }) => isCancelled)) continue;
        members.delete(member);
        member.worker.end();
      }
    },
  };
}
