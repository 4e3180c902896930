import type { CounterpartyPolicy } from "../../../src/agents/counterparty.ts";
import type { Market } from "../../../src/api/marketApi.ts";
import type { StateRequest } from "../../../src/api/operatorApi.ts";
import type { BlockTransaction } from "../../../src/blocks/transaction.ts";
import type { Signer } from "../../../src/client/ports.ts";
import type { Wallet } from "../../../src/client/wallet.ts";
import type { SignatureTag } from "../../../src/protocol/tags.ts";
import type { ForgedBlock, Forger, Lie } from "./forger.ts";
import type { Spammer } from "./spam.ts";

/** A chain with an operator of its own. */
export type Exchange = {
  readonly url: string;
  readonly chainId: Uint8Array;
  /** The operator's key. */
  readonly operator: Uint8Array;
  /** Main-chain height from which on nothing recorded counts. */
  readonly expiry: number;
  /** The operator ends without a word, and nobody answers in his place. */
  kill(): Promise<void>;
};

/** An operator who does as he likes from now on: his programs are ended, and a cheat has his key and his address. */
export type Liar = {
  readonly forger: Forger;
  /** States that were proposed to him since: he answers none. */
  readonly states: readonly StateRequest[];
  /** Make the next block, and serve it unless it is `isHidden`. */
  forge(
    transactions: readonly BlockTransaction[],
    lie?: Lie & { readonly isHidden?: boolean },
  ): ForgedBlock;
  /** With the operator's key. */
  sign(tag: SignatureTag, body: Uint8Array): Uint8Array;
  /** Record the last block, where the chain posts. @returns the post's sequence. */
  post(): Promise<number>;
};

/** A watchtower in a process of its own. */
export type Guard = {
  readonly url: string;
  /** It ends without a word. */
  kill(): Promise<void>;
  /** It goes on from what it has on disk, at the same address. */
  restart(): Promise<void>;
};

/** Who takes part, with a key of his own. */
export type Person = { readonly name: string; readonly wallet: Wallet };

/** Where an attack is played: in processes, or in one. Everybody has his turn until nobody has anything to do. */
export type DisputeStage = {
  height(): number;
  nowMs(): number;
  mine(count: number): Promise<void>;
  /** Wait for something that others have a part in, and for all that follows from it. */
  act<Value>(work: Promise<Value>): Promise<Value>;
  /** The exchange that was made for this attack, on the main chain. */
  readonly exchange: Exchange;
  /** Run a chain inside a contract of the exchange, which posts there. `flags` say of which contract. */
  startInside(flags: readonly string[]): Promise<Exchange>;
  /** The key that `startInside` gives its operator. */
  readonly insideSigner: Signer;
  /** What it asks, where it asks anything. */
  readonly market: Market | undefined;
  /**
   * Somebody with a wallet and coins of his own, who follows the exchange, or another chain. `isHonest`: his wallet defends him,
   * where wallets do, and hands what it would show to `guards`.
   */
  open(
    name: string,
    isHonest: boolean,
    chain?: Exchange,
    guards?: readonly Guard[],
  ): Promise<Person>;
  /** Run a watchtower. */
  startTower(): Promise<Guard>;
  /** They look at the main chain no more when a block is mined, but only when somebody in this attack does something. */
  rest(...people: readonly Person[]): void;
  /** Somebody's wallet ends. Until it is opened again nobody acts for him. */
  close(person: Person): Promise<void>;
  /** The wallet goes on from what it has kept on disk. */
  reopen(person: Person): Promise<Person>;
  /** A closed wallet goes on in a process of its own, to which nobody says what to do. @returns what ends it in the middle of whatever it does. */
  leaveAlone(person: Person): Promise<() => Promise<void>>;
  /**
   * From here on another miner goes on by himself.
   *
   * @returns what has him mine so many blocks, and all go over to his branch: what was mined meanwhile is undone.
   */
  fork(): Promise<(count: number) => Promise<void>>;
  /** Somebody who has coins to fill blocks with. */
  openSpammer(): Promise<Spammer>;
  /** Everybody who takes part so far. */
  readonly people: readonly Person[];
  /** From now on somebody takes bets and buys what others sell in a chain, until he is told to stop. */
  deal(person: Person, chain: Exchange, policy: CounterpartyPolicy): Promise<{ close(): void }>;
  /** The operator of a chain turns liar. `user` knows what he has posted so far. */
  corrupt(user: Person, chain?: Exchange): Promise<Liar>;
  /** The question's answer is recorded on the main chain. */
  answer(result: "true" | "false"): Promise<void>;
};

/** What an attack came to for who did nothing wrong, in satoshi of his account on the main chain. */
export type Judgement = {
  /** Where the point fell on nothing that the cheat could have. */
  readonly isIdle: boolean;
  /** What his wallet, or an operator's book, had shown as his when the point was drawn, less what it says that a claim costs. */
  readonly shown: bigint;
  readonly ended: bigint;
  /** What the main chain decided, in words. */
  readonly court: readonly string[];
};

/** An attack: who cheats, how, and against whom. */
export type Attack = {
  /** Whether a user who only claims would lose by it. */
  readonly isCostly: boolean;
  /** How it is called on the command line. */
  readonly name: string;
  readonly title: string;
  /** Whether it is the operator who is cheated: then he, too, answers what is falsely claimed. */
  readonly isOperatorHonest?: boolean;
  /** Basis points of the prize that the operator loses if he is found lying; 0 unless told otherwise. */
  readonly depositBps?: number;
  /** Whether it is done to the main chain itself: it is played in a network apart. */
  readonly isRough?: boolean;
  /** What the cheat does, and what he hopes for, in words. */
  readonly idea: string;
  /** Basis points that the chain's question takes a `yes` to be worth; undefined for a chain without a question. */
  readonly yesBps: number | undefined;
  /** @param tell - told each step in words. */
  play(stage: DisputeStage, tell: (words: string) => void): Promise<Judgement>;
};
