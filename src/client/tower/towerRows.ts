import { type Receipt, readReceipt, writeReceipt } from "../../api/towerApi.ts";
import { decode, encode } from "../../lib/codec.ts";
import { sha256 } from "../../lib/hash.ts";
import { formatHex, parseHex } from "../../lib/hex.ts";
import { encodeUtf8 } from "../../lib/utf8.ts";
import type { Verdict } from "../../lib/verdict.ts";
import type { StoreOperation } from "../ports.ts";
import { readText } from "../rows.ts";

const URL_BYTES_MAX = 512;

/**
 * A tower that the holder uses, or has taken off.
 *
 * - `token`: 32 bytes, who this wallet is to it. - `key`: 33 bytes, the key that it signed with first; no other is taken.
 */
export type TowerRow = {
  readonly url: string;
  readonly isUsed: boolean;
  readonly token: Uint8Array;
  readonly key: Uint8Array | undefined;
};

/** A receipt for evidence of a mark, hex. */
export type KeptReceipt = { readonly mark: string; readonly receipt: Receipt };

/**
 * That a tower has not done what it signed for.
 *
 * - `receipt`: its word. - `resultKey`: the result that stood. - `height`: main-chain height at which it still did.
 */
export type Neglect = {
  readonly receipt: Receipt;
  readonly resultKey: Uint8Array;
  readonly height: number;
};

const TOWER = "tower:";
const RECEIPT = "receipt:";
const NEGLECT = "neglect:";

/** Whom rows of a tower belong to: its address, hashed, as an address may be long. */
export function nameTower(url: string): string {
  return formatHex(sha256(encodeUtf8(url)).slice(0, 16));
}

function encodeTowerRow({ url, isUsed, token, key }: TowerRow): Uint8Array {
  return encode((writer) => {
    writer.bytes(encodeUtf8(url), URL_BYTES_MAX).flag(isUsed).fixed(token, 32);
    writer.flag(key !== undefined);
    if (key !== undefined) writer.fixed(key, 33);
  });
}

function decodeTowerRow(bytes: Uint8Array): Verdict<TowerRow> {
  return decode(bytes, (reader) => {
    const url = readText(reader, URL_BYTES_MAX);
    const isUsed = reader.flag();
    const token = reader.fixed(32);
    return { url, isUsed, token, key: reader.flag() ? reader.fixed(33) : undefined };
  });
}

/** Encode: mark 32, receipt. */
function encodeKeptReceipt({ mark, receipt }: KeptReceipt): Uint8Array {
  return encode((writer) => writeReceipt(writer.fixed(parseHex(mark), 32), receipt));
}

function decodeKeptReceipt(bytes: Uint8Array): Verdict<KeptReceipt> {
  return decode(bytes, (reader) => ({
    mark: formatHex(reader.fixed(32)),
    receipt: readReceipt(reader),
  }));
}

/** Encode: receipt, result key 32, height u32. */
function encodeNeglect({ receipt, resultKey, height }: Neglect): Uint8Array {
  return encode((writer) => {
    writeReceipt(writer, receipt);
    writer.fixed(resultKey, 32).u32(height);
  });
}

function decodeNeglect(bytes: Uint8Array): Verdict<Neglect> {
  return decode(bytes, (reader) => ({
    receipt: readReceipt(reader),
    resultKey: reader.fixed(32),
    height: reader.u32(),
  }));
}

/** What the wallet keeps of one tower. */
export type TowerAccount = {
  row: TowerRow;
  /** By hex locator. */
  readonly receipts: Map<string, KeptReceipt>;
  /** By hex result key. */
  readonly neglects: Map<string, Neglect>;
};

/** All towers of the rows of a store, by name. */
export function readTowerRows(
  rows: readonly (readonly [key: string, value: Uint8Array])[],
): Map<string, TowerAccount> {
  const accounts = new Map<string, TowerAccount>();
  for (const [key, bytes] of rows) {
    const row = key.startsWith(TOWER) ? decodeTowerRow(bytes) : undefined;
    if (row?.ok !== true) continue;
    const account = { row: row.value, receipts: new Map(), neglects: new Map() };
    accounts.set(key.slice(TOWER.length), account);
  }
  for (const [key, bytes] of rows) {
    const [kind = "", name = "", about = ""] = key.split(":");
    const account = accounts.get(name);
    if (account === undefined) continue;
    if (`${kind}:` === RECEIPT) {
      const receipt = decodeKeptReceipt(bytes);
      if (receipt.ok) account.receipts.set(about, receipt.value);
    } else if (`${kind}:` === NEGLECT) {
      const neglect = decodeNeglect(bytes);
      if (neglect.ok) account.neglects.set(about, neglect.value);
    }
  }
  return accounts;
}

export function putTower(row: TowerRow): StoreOperation {
  const key = TOWER + nameTower(row.url);
  return { kind: "put", table: "towers", key, value: encodeTowerRow(row) };
}

export function putReceipt(url: string, kept: KeptReceipt): StoreOperation {
  const key = `${RECEIPT}${nameTower(url)}:${formatHex(kept.receipt.locator)}`;
  return { kind: "put", table: "towers", key, value: encodeKeptReceipt(kept) };
}

export function dropReceipt(url: string, locator: string): StoreOperation {
  return { kind: "delete", table: "towers", key: `${RECEIPT}${nameTower(url)}:${locator}` };
}

export function putNeglect(url: string, neglect: Neglect): StoreOperation {
  const key = `${NEGLECT}${nameTower(url)}:${formatHex(neglect.resultKey)}`;
  return { kind: "put", table: "towers", key, value: encodeNeglect(neglect) };
}
