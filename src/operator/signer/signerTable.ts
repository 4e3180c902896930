import { readClaimBody } from "../../chain/settlement/claim.ts";
import { readMoveBody } from "../../chain/settlement/slash.ts";
import { concatBytes, equalBytes } from "../../lib/bytes.ts";
import { decode } from "../../lib/codec.ts";
import { sha256 } from "../../lib/hash.ts";
import { formatHex } from "../../lib/hex.ts";
import { accept, demand, insist, judge, refuse, type Verdict } from "../../lib/verdict.ts";
import { readBlockHeader } from "../../protocol/blockHeader.ts";
import { type ExactClose, encodeExactClose, readExactClose } from "../../protocol/contractClose.ts";
import { readContractState } from "../../protocol/contractState.ts";
import { encodePost, readPost } from "../../protocol/post.ts";
import { readSeal } from "../../protocol/seal.ts";
import { readSwitch } from "../../protocol/switch.ts";
import type { RowOperation } from "../engine/engineEvent.ts";
import type { RowStore } from "../store/rowStore.ts";

/** What the signer is asked for: the whole body, never a digest, so that it knows what it signs. */
export type SigningRequest = {
  readonly purpose:
    | "signBlock"
    | "signPost"
    | "signSwitch"
    | "signState"
    | "signTransaction"
    | "signClose"
    | "signSeal"
    | "signClaim"
    | "signMove";
  readonly body: Uint8Array;
};

/**
 * What has been signed: one block of a chain and height, one block of a chain and post, in whatever place it is posted,
 * one switch of a chain, one state of a contract and nonce, none below the highest, one close or seal of a contract on a block. The same
 * request again is allowed, another one is refused. Of claims only those that say one thing alone are signed: with sealed
 * contracts, which have no terms, carried by the key's own account. Of moves those of an operator, without evidence, carried by the same;
 * of one result none with older terms than before.
 */
export type SignerTable = {
  /**
   * Judge requests in order and keep what they allow; resolves when that is on disk, so only then
   * may any signature be made.
   */
  admit(requests: readonly SigningRequest[]): Promise<Verdict<null>[]>;
  /** Whether this very thing is known as signed; of a state, or a later one. */
  remembers(request: SigningRequest): boolean;
};

type Mark = { readonly key: string; readonly number: number; readonly digest: Uint8Array };

const NUMBER_BYTES = 4;
/** The row that says whose table it is: network id 32, public key 33. */
const OWNER_KEY = "owner";
/** What a mark is kept under; of a state, or a move with one, only the highest nonce is kept. */
const MARK_KEY =
  /^(?:(?:block|post):[0-9a-f]{64}:([0-9]+)|(?:state|switch|move):[0-9a-f]{64}|close:[0-9a-f]{64}:[0-9a-f]{64})$/;

/**
 * Open the table of one key on one network; a new one is written down as theirs first. Throws if a row is
 * damaged, or if the table is another's: without its own memory nothing may be signed.
 */
export async function openSignerTable(
  store: RowStore,
  networkId: Uint8Array,
  publicKey: Uint8Array,
): Promise<SignerTable> {
  const digests = new Map<string, Uint8Array>();
  const highest = new Map<string, number>();
  const rows = new Map(await store.rows());
  const owner = concatBytes(networkId, publicKey);
  if (rows.size === 0) await store.commit([{ kind: "put", key: OWNER_KEY, value: owner }]);
  else if (!equalBytes(rows.get(OWNER_KEY) ?? new Uint8Array(), owner)) {
    throw new Error("the signer's table belongs to another key or another network");
  }
  rows.delete(OWNER_KEY);
  for (const [key, value] of rows) {
    const number = readMark(key, value);
    if (isRising(key)) highest.set(key, number);
    digests.set(key, value);
  }

  function judgeMark({ key, number, digest }: Mark): Verdict<null> {
    const known = digests.get(key);
    if (known === undefined) return accept(null);
    const last = highest.get(key);
    if (last !== undefined && number > last) return accept(null);
    if (last !== undefined && number < last) {
      return refuse("OLDER_STATE", `state ${last} is signed already, asked for ${number}`);
    }
    if (equalBytes(known, encodeMark(number, digest))) return accept(null);
    return refuse("OTHER_SIGNED", `another body is signed already as ${key} number ${number}`);
  }

  return {
    async admit(requests) {
      const verdicts: Verdict<null>[] = [];
      const operations: RowOperation[] = [];
      for (const request of requests) {
        const mark = computeMark(request, publicKey);
        const verdict = mark.ok && mark.value !== undefined ? judgeMark(mark.value) : mark;
        verdicts.push(verdict.ok ? accept(null) : verdict);
        if (!verdict.ok || !mark.ok || mark.value === undefined) continue;
        const { key, number, digest } = mark.value;
        const value = encodeMark(number, digest);
        const known = digests.get(key);
        if (known !== undefined && equalBytes(known, value)) continue;
        digests.set(key, value);
        if (isRising(key)) highest.set(key, number);
        operations.push({ kind: "put", key, value });
      }
      if (operations.length > 0) await store.commit(operations);
      return verdicts;
    },

    remembers(request) {
      const mark = computeMark(request, publicKey);
      if (!mark.ok || mark.value === undefined) return false;
      const { key, number, digest } = mark.value;
      const known = digests.get(key);
      const isLater = (highest.get(key) ?? 0) > number;
      return isLater || (known !== undefined && equalBytes(known, encodeMark(number, digest)));
    },
  };
}

/** Under what a body is kept; undefined for a purpose that may sign different things. */
function computeMark(
  { purpose, body }: SigningRequest,
  publicKey: Uint8Array,
): Verdict<Mark | undefined> {
  return judge(() => {
    const digest = sha256(body);
    switch (purpose) {
      case "signBlock": {
        const header = insist(decode(body, readBlockHeader));
        const key = `block:${formatHex(header.chainId)}:${header.height}`;
        return { key, number: header.height, digest };
      }
      case "signPost": {
        const post = insist(decode(body, readPost));
        const key = `post:${formatHex(post.chainId)}:${post.sequence}`;
        // After a switch the same post is said again in another place: it is the block that may not be another.
        const placeless = encodePost({ ...post, place: { kind: "mainChain" } });
        return { key, number: post.sequence, digest: sha256(placeless) };
      }
      case "signSwitch": {
        const { chainId, first } = insist(decode(body, readSwitch));
        return { key: `switch:${formatHex(chainId)}`, number: first, digest };
      }
      case "signState": {
        const state = insist(decode(body, readContractState));
        demand(state.nonce > 0, "NONCE_ZERO", "a state's nonce starts at 1");
        return { key: `state:${formatHex(state.contractId)}`, number: state.nonce, digest };
      }
      case "signClose": {
        const close = insist(decode(body, readExactClose));
        // How long it stays good may change from one signature to the next, what it does may not.
        const timeless = encodeExactClose({ ...close, heightMax: 0 });
        return { key: keyOnBlock(close), number: 0, digest: sha256(timeless) };
      }
      case "signSeal": {
        const seal = insist(decode(body, readSeal));
        return { key: keyOnBlock(seal), number: 0, digest };
      }
      case "signClaim": {
        const { stateNonce, scriptSigHash, carrier } = insist(decode(body, readClaimBody));
        const isOwn = equalBytes(carrier, publicKey);
        demand(isOwn, "OTHER_CARRIER", "a claim is carried by the key's own account");
        const hasTerms = stateNonce > 0 || !equalBytes(scriptSigHash, sha256(new Uint8Array()));
        demand(
          !hasTerms,
          "HAS_TERMS",
          "only what has no terms, a sealed contract, is claimed here",
        );
        // Chain and line are all that is left to be said: no two claims of one line can be signed.
        return undefined;
      }
      case "signMove": {
        const move = insist(decode(body, readMoveBody));
        const isOwn = equalBytes(move.carrier, publicKey);
        demand(isOwn, "OTHER_CARRIER", "a move is carried by the key's own account");
        demand(move.side === "operator", "OTHER_SIDE", "a move is made as the operator alone");
        const isBare = equalBytes(move.scriptSigHash, sha256(new Uint8Array()));
        demand(isBare, "HAS_EVIDENCE", "a move shows newer terms, and no evidence");
        const key = `move:${formatHex(move.resultKey)}`;
        return { key, number: move.stateNonce, digest };
      }
      case "signTransaction":
        // The main chain itself takes one transaction of an account and nonce.
        return undefined;
    }
  });
}

/** Whether numbers under a key only rise. */
function isRising(key: string): boolean {
  return key.startsWith("state:") || key.startsWith("move:");
}

/** Of one contract only one thing is signed on a block, whether it is given up or sealed. */
function keyOnBlock({ contractId, seenBlock }: Pick<ExactClose, "contractId" | "seenBlock">) {
  return `close:${formatHex(contractId)}:${formatHex(seenBlock)}`;
}

/** Encode: number u32, SHA-256 of the body 32. */
function encodeMark(number: number, digest: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(NUMBER_BYTES + digest.length);
  new DataView(bytes.buffer).setUint32(0, number);
  bytes.set(digest, NUMBER_BYTES);
  return bytes;
}

/** The number of a kept mark. */
function readMark(key: string, value: Uint8Array): number {
  const named = MARK_KEY.exec(key);
  const isWhole = named !== null && value.length === NUMBER_BYTES + 32;
  const number = isWhole ? new DataView(value.buffer, value.byteOffset).getUint32(0) : -1;
  if (!isWhole || Number(named[1] ?? number) !== number) {
    throw new Error(`a mark of the signer's table is damaged: ${key}`);
  }
  return number;
}
