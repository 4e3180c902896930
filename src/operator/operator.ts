import type { TakerMessage } from "../api/operatorApi.ts";
import { decodeBlock } from "../blocks/block.ts";
import { createHolding, type Holding, type HoldingQuestion } from "../blocks/holding.ts";
import { decode } from "../lib/codec.ts";
import { insist, refuse, type Verdict } from "../lib/verdict.ts";
import { hashCondition } from "../protocol/condition.ts";
import { type AnswerPort, answerRequests } from "./answerRequests.ts";
import type { ChainEnd } from "./chainEnd.ts";
import type { Defence } from "./defence.ts";
import { nextBlockAt } from "./engine/blockTimes.ts";
import { isHeldByOthers } from "./engine/contractIndex.ts";
import type {
  Answer,
  Effect,
  EngineEvent,
  RowOperation,
  SignSubject,
  TraderRequest,
} from "./engine/engineEvent.ts";
import type { EngineState } from "./engine/engineState.ts";
import { handle, nextDeadline, resume } from "./engine/handle.ts";
import { rowKey } from "./engine/rowKey.ts";
import type { MainChainPort } from "./mainChainPort.ts";
import type { SignerService } from "./signer/signerService.ts";
import type { RowStore } from "./store/rowStore.ts";

/** Unix milliseconds, and a call back at a time: the system's clock, or one that is moved by hand. */
export type OperatorClock = {
  now(): number;
  /** Call back at `ms` or soon after; the call before it is forgotten. */
  wakeAt(ms: number | undefined, wake: () => void): void;
};

type WithoutRequest<Event> = Event extends unknown ? Omit<Event, "request"> : never;

type MarketNews = Extract<Effect, { kind: "book" | "trade" }>;

/** A running operator: the engine with its disk, its signer and its main-chain node. */
export type Operator = {
  readonly state: EngineState;
  /** Resolves when the engine has answered; what the answer says is on disk by then. */
  ask(request: WithoutRequest<TraderRequest>): Promise<Verdict<Answer>>;
  tell(event: Exclude<EngineEvent, TraderRequest>): void;
  /** The bytes of a published block. */
  block(height: number): Promise<Uint8Array | undefined>;
  /** The bytes of the published block of a hash. */
  findBlock(hash: Uint8Array): Promise<Uint8Array | undefined>;
  /** The encoded orders that a published block was cleared from, while they are kept. */
  batch(height: number): Promise<Uint8Array | undefined>;
  /** What the state after the block of a post says of what is asked. */
  holding(sequence: number, question: HoldingQuestion): Promise<Verdict<Holding>>;
  /** Height up to which blocks are published. */
  publishedHeight(): number;
  onBlock(listener: (height: number, bytes: Uint8Array) => void): () => void;
  onTakerMessage(listener: (taker: Uint8Array, message: TakerMessage) => void): void;
  /** Calls back when something in a book has changed, or a batch was cleared. */
  onMarket(listener: (news: MarketNews) => void): () => void;
  /** Nothing is under way to disk, to the signer or from the main chain, and nobody waits for an answer. */
  isAtRest(): boolean;
  /** Rejects on the first failure that an operator may not survive: of disk, signer, or himself. */
  readonly failed: Promise<never>;
  close(): Promise<void>;
};

/** Run an engine whose rows have been replayed. */
export function runOperator(options: {
  readonly state: EngineState;
  readonly store: RowStore;
  readonly signer: SignerService;
  readonly mainChain: MainChainPort;
  /** Where what is asked of this chain on the main chain is answered. */
  readonly answers: AnswerPort;
  /** Where the prize is collected, as far as it is this operator's. */
  readonly end: ChainEnd;
  /** What false claims of this chain's contracts are answered with; undefined where that is left to others. */
  readonly defence?: Defence | undefined;
  readonly clock: OperatorClock;
  /** A failure that is tried again by itself, for the log. */
  readonly onTrouble: (what: string, error: unknown) => void;
}): Operator {
  const { state, store, signer, mainChain, answers, end, defence, clock, onTrouble } = options;
  const replies = new Map<number, (answer: Verdict<Answer>) => void>();
  const blockListeners = new Set<(height: number, bytes: Uint8Array) => void>();
  const takerListeners = new Set<(taker: Uint8Array, message: TakerMessage) => void>();
  const marketListeners = new Set<(news: MarketNews) => void>();
  let requestCount = 0;
  let sending = 0;
  let published = state.tip.height;
  let pending: Effect[] = [];
  let draining: Promise<void> | undefined;
  let isClosed = false;
  let reading: Promise<void> | undefined;
  let isReadingWanted = false;

  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  // Whoever does not look at it must not be ended by it.
  failed.catch(() => undefined);

  function stop(error: unknown): void {
    isClosed = true;
    clock.wakeAt(undefined, () => undefined);
    for (const reply of replies.values()) reply(refuse("STOPPED", "the operator has stopped"));
    replies.clear();
    fail(error);
  }

  function happen(event: EngineEvent): void {
    if (isClosed) return;
    try {
      run(handle(state, event, clock.now()));
      clock.wakeAt(nextDeadline(state), () => happen({ kind: "tick" }));
    } catch (error) {
      stop(error);
    }
  }

  function run(effects: readonly Effect[]): void {
    pending.push(...effects);
    if (draining !== undefined || pending.length === 0) return;
    draining = drain()
      .catch(stop)
      .finally(() => {
        draining = undefined;
        if (pending.length > 0 && !isClosed) run([]);
      });
  }

  /** Everything that has gathered shares one commit; only when it is on disk is the rest done, in order. */
  async function drain(): Promise<void> {
    while (pending.length > 0 && !isClosed) {
      const effects = pending;
      pending = [];
      const operations: RowOperation[] = [];
      for (const effect of effects) {
        if (effect.kind === "commit") operations.push(...effect.operations);
      }
      if (operations.length > 0) await store.commit(operations);
      for (const effect of effects) perform(effect);
    }
  }

  function perform(effect: Effect): void {
    switch (effect.kind) {
      case "commit":
        return;
      case "reply": {
        const reply = replies.get(effect.request);
        replies.delete(effect.request);
        reply?.(effect.answer);
        return;
      }
      case "publish":
        published = effect.height;
        for (const listener of blockListeners) listener(effect.height, effect.bytes);
        return;
      case "tell":
        for (const listener of takerListeners) listener(effect.taker, effect.message);
        return;
      case "book":
      case "trade":
        for (const listener of marketListeners) listener(effect);
        return;
      case "sign":
        sign(effect.subject, effect.body);
        return;
      case "signPostTransaction":
        signPost(effect);
        return;
      case "send":
        send(effect.bytes);
        return;
      case "fetchEvidence":
        fetchEvidence(effect);
        return;
    }
  }

  function sign(subject: SignSubject, body: Uint8Array): void {
    const purposes = {
      block: "signBlock",
      post: "signPost",
      switch: "signSwitch",
      state: "signState",
    } as const;
    signer
      .sign({ purpose: purposes[subject.kind], body })
      .then((signature) => happen({ kind: "signed", subject, signature }))
      .catch(stop);
  }

  function signPost(effect: Effect & { kind: "signPostTransaction" }): void {
    const { sequence, nonce, word, signature } = effect;
    const draft = mainChain.draft(nonce, word, signature);
    if (draft instanceof Uint8Array) {
      happen({ kind: "transactionSigned", sequence, nonce, bytes: draft });
      return;
    }
    signer
      .sign({ purpose: "signTransaction", body: draft.body })
      .then((signed) => {
        if (!signed.ok) throw new Error(`the signer refused a transaction: ${signed.message}`);
        const bytes = draft.finish(signed.value);
        happen({ kind: "transactionSigned", sequence, nonce, bytes });
      })
      .catch(stop);
  }

  function send(bytes: Uint8Array): void {
    sending += 1;
    mainChain
      .send(bytes)
      .then(
        (sent) => {
          if (!sent.ok) onTrouble("a post was refused", sent);
        },
        (error) => onTrouble("a post was not taken", error),
      )
      .finally(() => {
        sending -= 1;
      });
  }

  function fetchEvidence({ condition }: Effect & { kind: "fetchEvidence" }): void {
    const conditionHash = hashCondition(condition);
    mainChain.readEvidence(condition).then(
      (proven) => happen({ kind: "evidence", conditionHash, proven }),
      (error) => {
        onTrouble("the main-chain node proved no facts", error);
        happen({ kind: "evidence", conditionHash, proven: undefined });
      },
    );
  }

  async function attempt(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      onTrouble(what, error);
    }
  }

  async function readTip(): Promise<void> {
    do {
      isReadingWanted = false;
      await attempt("where the posts are taken could not be read", async () => {
        happen({ kind: "mainTip", view: await mainChain.readView(state) });
      });
      // What is asked of us is asked on the main chain, whether or not the ancestor that takes our posts is there.
      await attempt("what is asked for could not be answered", () =>
        answerRequests(state, store, answers),
      );
      let isAnswering = false;
      await attempt("a false claim could not be answered", async () => {
        isAnswering = (await defence?.advance(state, store)) ?? false;
      });
      // What is answered is not ended yet, and both would take the account's next nonce.
      if (isAnswering) continue;
      await attempt("the prize could not be collected", () =>
        end.advance((point) => isHeldByOthers(state.index, state.chain.operator, point)),
      );
    } while (isReadingWanted && !isClosed);
    reading = undefined;
  }

  async function block(height: number): Promise<Uint8Array | undefined> {
    return height > published ? undefined : store.get(rowKey.block(height));
  }

  function look(): void {
    isReadingWanted = true;
    reading ??= readTip();
  }

  const unfollow = mainChain.follow(look);
  run(resume(state));

  return {
    state,
    failed,
    publishedHeight: () => published,

    ask(request) {
      if (isClosed) return Promise.resolve(refuse("STOPPED", "the operator has stopped"));
      requestCount += 1;
      const id = requestCount;
      return new Promise((resolve) => {
        replies.set(id, resolve);
        happen({ ...request, request: id });
        // What its oracles say is read now, not with the next tip.
        if (request.kind === "market") look();
      });
    },

    tell: happen,

    block,

    async findBlock(hash) {
      const height = await store.get(rowKey.blockHash(hash));
      return height && block(insist(decode(height, (reader) => reader.u32())));
    },

    async batch(height) {
      return height > published ? undefined : store.get(rowKey.batch(height));
    },

    async holding(sequence, question) {
      const post = state.posts[sequence - 1];
      const content = state.contents.get(sequence);
      const bytes = post && (await store.get(rowKey.block(post.height)));
      if (bytes === undefined || content === undefined) {
        return refuse("NO_SUCH_POST", `post ${sequence} is not made yet, or too old to be shown`);
      }
      const block = decodeBlock(bytes);
      return block.ok ? createHolding(block.value, content, question) : block;
    },

    onBlock(listener) {
      blockListeners.add(listener);
      return () => blockListeners.delete(listener);
    },

    onTakerMessage(listener) {
      takerListeners.add(listener);
    },

    onMarket(listener) {
      marketListeners.add(listener);
      return () => marketListeners.delete(listener);
    },

    isAtRest: () =>
      pending.length === 0 &&
      draining === undefined &&
      reading === undefined &&
      sending === 0 &&
      replies.size === 0 &&
      state.sealing === undefined &&
      state.posting.size === 0 &&
      state.fetching.size === 0 &&
      state.stateRequests.size === 0 &&
      state.queue.length === 0 &&
      (nextBlockAt(state) ?? Number.POSITIVE_INFINITY) > clock.now(),

    async close() {
      isClosed = true;
      unfollow();
      clock.wakeAt(undefined, () => undefined);
      await reading;
      await draining;
      for (const reply of replies.values()) reply(refuse("STOPPED", "the operator has stopped"));
      replies.clear();
    },
  };
}
