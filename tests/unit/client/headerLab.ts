import { computeNextDifficulty } from "../../../src/chain/header/difficulty.ts";
import { encodeHeader, type Header } from "../../../src/chain/header/header.ts";
import { createGenesisState, type HeaderState } from "../../../src/chain/header/headerState.ts";
import { computeUnixMs } from "../../../src/chain/header/headerTime.ts";
import { mineHeader } from "../../../src/chain/header/proofOfWork.ts";
import { validateHeader } from "../../../src/chain/header/validateHeader.ts";
import { encodeAccountRecord } from "../../../src/chain/state/accountRecord.ts";
import {
  computeMapRoots,
  computeStateHash,
  EMPTY_STATE,
  type MainState,
  putRecord,
} from "../../../src/chain/state/mainState.ts";
import type { MainChainSource, StoreOperation, WalletStore } from "../../../src/client/ports.ts";
import { SourceError } from "../../../src/client/ports.ts";
import { sha256 } from "../../../src/lib/hash.ts";
import { proveKey } from "../../../src/lib/map/mapProof.ts";
import { accept } from "../../../src/lib/verdict.ts";
import { LOCAL_NETWORK } from "../../../src/protocol/network.ts";

export const RULES = LOCAL_NETWORK;
/** A key that stands in the state that every header of the lab commits to, and one that does not. */
export const PRESENT_KEY = sha256(Uint8Array.of(1));
export const ABSENT_KEY = sha256(Uint8Array.of(2));
export const STATE: MainState = putRecord(
  EMPTY_STATE,
  "accounts",
  PRESENT_KEY,
  encodeAccountRecord({ balance: 5n, nonce: 2 }),
);

/** Tenths between headers: at the first nothing gets harder, at the second each block is, a little. */
export const EASY = 40;
export const HARD = 7;

export function makeGenesis(change: Partial<Header> = {}): HeaderState {
  return createGenesisState({
    previousHash: new Uint8Array(32),
    height: 0,
    time: 250_000_000,
    version: 3,
    treesHash: computeStateHash(STATE),
    txsProofHash: new Uint8Array(32),
    difficulty: RULES.initialDifficulty,
    nonce: new Uint8Array(32),
    period: RULES.periodTenths,
    ...change,
  });
}

export const GENESIS = makeGenesis();

/**
 * `count` honest headers more on a chain, `spacing` tenths apart.
 *
 * @param salt - gives other headers on the same parent.
 */
export function extend(
  chain: readonly HeaderState[],
  count: number,
  spacing: number,
  salt = 0,
): HeaderState[] {
  const states = [...chain];
  const getHeader = (hash: Uint8Array) =>
    states.findLast((state) => Buffer.compare(state.hash, hash) === 0)?.header;
  while (count-- > 0) {
    const parent = states.at(-1) as HeaderState;
    const mined = mineNext(parent, spacing, salt, getHeader);
    const checked = validateHeader(mined, parent, RULES, getHeader);
    if (!checked.ok) throw new Error(`an honest header is refused: ${checked.message}`);
    states.push(checked.value);
  }
  return states;
}

function mineNext(
  parent: HeaderState,
  spacing: number,
  salt: number,
  getHeader: (hash: Uint8Array) => Header | undefined,
): Header {
  const time = parent.header.time + spacing;
  const next = computeNextDifficulty(parent, time, RULES, getHeader);
  if (!next.ok) throw new Error(next.message);
  return mine({
    ...GENESIS.header,
    previousHash: parent.hash,
    height: parent.header.height + 1,
    time,
    txsProofHash: new Uint8Array(32).fill(salt),
    difficulty: next.value.difficulty,
  });
}

/** The header with a nonce that has the work it names. */
export function mine(header: Header): Header {
  const mined = mineHeader(header, 0n, 10_000_000, RULES);
  if (mined === undefined) throw new Error("no nonce found");
  return mined;
}

/** The time at which a chain's tip was made, in unix milliseconds, and a second more. */
export function timeAfter(chain: readonly HeaderState[]): number {
  return computeUnixMs((chain.at(-1) as HeaderState).header.time) + 1_000;
}

/** A node that serves a chain of the lab truthfully, as far as `change` does not say otherwise. */
export function createSource(
  url: string,
  chain: () => readonly HeaderState[],
  change: Partial<MainChainSource> = {},
): MainChainSource {
  return {
    url,
    headers: async (from, count) =>
      chain()
        .slice(from, from + count)
        .map(({ header }) => encodeHeader(header)),
    block: () => Promise.reject(new SourceError("REFUSED", "no blocks are kept here")),
    async prove(map, key, headerHash) {
      if (!chain().some(({ hash }) => Buffer.compare(hash, headerHash) === 0)) {
        throw new SourceError("REFUSED", "the state of that header is not kept here");
      }
      const proof = proveKey(STATE[map], key);
      return { headerHash, mapRoots: computeMapRoots(STATE), proof };
    },
    send: async () => accept(null),
    requestCoins: async () => accept(null),
    follow: () => () => undefined,
    ...change,
  };
}

/** A wallet's store in memory. */
export function createMemoryStore(): WalletStore {
  const tables = new Map<string, Map<string, Uint8Array>>();
  const table = (name: string) => {
    const rows = tables.get(name) ?? new Map<string, Uint8Array>();
    tables.set(name, rows);
    return rows;
  };
  return {
    rows: async (name) => [...table(name)],
    async commit(operations: readonly StoreOperation[]) {
      for (const operation of operations) {
        if (operation.kind === "put") table(operation.table).set(operation.key, operation.value);
        else table(operation.table).delete(operation.key);
      }
    },
  };
}
