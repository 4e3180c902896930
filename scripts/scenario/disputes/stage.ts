import type { CounterpartyPolicy } from "../../../src/agents/counterparty.ts";
import type { Market } from "../../../src/api/marketApi.ts";
import type { Wallet } from "../../../src/client/wallet.ts";

/** A chain on the main chain as an attack has it made, with an honest operator of its own. */
export type Exchange = {
  readonly url: string;
  readonly chainId: Uint8Array;
  /** Main-chain height from which on nothing recorded counts. */
  readonly expiry: number;
  /** The operator ends without a word, and nobody answers in his place. */
  kill(): Promise<void>;
};

/** Who takes part, with a key of his own. */
export type Person = { readonly name: string; readonly wallet: Wallet };

/** Where an attack is played: in processes, or in one. Everybody has his turn until nobody has anything to do. */
export type DisputeStage = {
  height(): number;
  mine(count: number): Promise<void>;
  /** Wait for something that others have a part in, and for all that follows from it. */
  act<Value>(work: Promise<Value>): Promise<Value>;
  /** The exchange that was made for this attack. */
  readonly exchange: Exchange;
  /** What it asks, where it asks anything. */
  readonly market: Market | undefined;
  /** Somebody with a wallet and coins of his own, who follows the exchange. `isHonest`: his wallet defends him, where wallets do. */
  open(name: string, isHonest: boolean): Promise<Person>;
  /** From now on somebody takes bets and buys what others sell, until he is told to stop. */
  deal(person: Person, policy: CounterpartyPolicy): Promise<{ close(): void }>;
  /** The question's answer is recorded on the main chain. */
  answer(result: "true" | "false"): Promise<void>;
};

/** What an attack came to for who did nothing wrong, in satoshi of his account on the main chain. */
export type Judgement = {
  /** Where the point fell on nothing that the cheat could have. */
  readonly isIdle: boolean;
  /** What his wallet had shown as his when the point was drawn, less what a claim costs. */
  readonly shown: bigint;
  readonly ended: bigint;
  /** What the main chain decided, in words. */
  readonly court: readonly string[];
};

/** An attack: who cheats, how, and against whom. */
export type Attack = {
  /** How it is called on the command line. */
  readonly name: string;
  readonly title: string;
  /** What the cheat does, and what he hopes for, in words. */
  readonly idea: string;
  /** Basis points that the chain's question takes a `yes` to be worth; undefined for a chain without a question. */
  readonly yesBps: number | undefined;
  /** @param tell - told each step in words. */
  play(stage: DisputeStage, tell: (words: string) => void): Promise<Judgement>;
};
