import { computeTreesHash } from "../../blocks/verifyFactEvidence.ts";
import { decode, type Reader } from "../../lib/codec.ts";
import {
  deleteValue,
  emptyMap,
  getValue,
  type MerkleMap,
  mapRoot,
  setValue,
} from "../../lib/map/merkleMap.ts";
import { STATE_MAPS, type StateMap } from "../../protocol/factEvidence.ts";
import { computeAccountKey } from "../../protocol/keys.ts";
import {
  type AccountRecord,
  EMPTY_ACCOUNT,
  encodeAccountRecord,
  readAccountRecord,
} from "./accountRecord.ts";

/**
 * The main chain's consensus state after a block: eight merkle maps, nothing else. It never changes;
 * a block gives a new one that shares all it did not touch, so undoing a block is taking the one before.
 *
 * @see docs/PROTOCOL.md section 6
 */
export type MainState = { readonly [Map in StateMap]: MerkleMap };

export const EMPTY_STATE: MainState = {
  accounts: emptyMap(),
  chains: emptyMap(),
  existence: emptyMap(),
  results: emptyMap(),
  payments: emptyMap(),
  secrets: emptyMap(),
  oracles: emptyMap(),
  requests: emptyMap(),
};

/** The eight map roots, in the order in which a header commits to them. */
export function computeMapRoots(state: MainState): Uint8Array[] {
  return STATE_MAPS.map((map) => mapRoot(state[map]));
}

/** The 32 bytes that a header's `treesHash` must be. */
export function computeStateHash(state: MainState): Uint8Array {
  return computeTreesHash(computeMapRoots(state));
}

export function putRecord(
  state: MainState,
  map: StateMap,
  key: Uint8Array,
  value: Uint8Array,
): MainState {
  return { ...state, [map]: setValue(state[map], key, value) };
}

export function dropRecord(state: MainState, map: StateMap, key: Uint8Array): MainState {
  return { ...state, [map]: deleteValue(state[map], key) };
}

/** A record of our own writing; bytes that do not decode are our own mistake. */
export function getRecord<Record>(
  state: MainState,
  map: StateMap,
  key: Uint8Array,
  read: (reader: Reader) => Record,
): Record | undefined {
  const bytes = getValue(state[map], key);
  if (bytes === undefined) return undefined;
  const record = decode(bytes, read);
  if (!record.ok) throw new Error(`the ${map} map holds no record: ${record.message}`);
  return record.value;
}

export function hasRecord(state: MainState, map: StateMap, key: Uint8Array): boolean {
  return getValue(state[map], key) !== undefined;
}

export function getAccount(state: MainState, owner: Uint8Array): AccountRecord {
  return getRecord(state, "accounts", computeAccountKey(owner), readAccountRecord) ?? EMPTY_ACCOUNT;
}

export function putAccount(state: MainState, owner: Uint8Array, account: AccountRecord): MainState {
  return putRecord(state, "accounts", computeAccountKey(owner), encodeAccountRecord(account));
}

/** Give satoshi to an account. Nothing is written for nothing given. */
export function credit(state: MainState, owner: Uint8Array, amount: bigint): MainState {
  if (amount === 0n) return state;
  const account = getAccount(state, owner);
  return putAccount(state, owner, { ...account, balance: account.balance + amount });
}
