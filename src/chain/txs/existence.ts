import { encode } from "../../lib/codec.ts";
import { demand, judge, Refusal, type Verdict } from "../../lib/verdict.ts";
import { writeSecretRecord } from "../../protocol/facts.ts";
import { computePlainKey, computeSecretKey } from "../../protocol/keys.ts";
import {
  computePostKey,
  encodePost,
  type Post,
  writeExistenceRecord,
} from "../../protocol/post.ts";
import { isSignedBy } from "../../protocol/rules.ts";
import {
  computeSwitchedPostKey,
  computeSwitchKey,
  encodeSwitch,
  readSwitchRecord,
  writeSwitchRecord,
} from "../../protocol/switch.ts";
import { getRecord, hasRecord, type MainState, putRecord } from "../state/mainState.ts";
import type { ExistenceEntry, TransactionBody } from "../transaction.ts";
import type { TxContext, TxOutcome } from "./txContext.ts";

/** Record a post, plain bytes, a secret or a switch at this height: once, for ever. */
export function applyExistence(
  state: MainState,
  { entry }: TransactionBody & { kind: "existence" },
  context: TxContext,
): Verdict<TxOutcome> {
  return judge(() => {
    switch (entry.kind) {
      case "post":
        return { state: recordPost(state, entry, context), minerFee: 0n };
      case "plain": {
        const key = computePlainKey(context.from, entry.hash);
        return { state: recordHash(state, key, entry.hash, context), minerFee: 0n };
      }
      case "secret": {
        const key = computeSecretKey(entry.secret);
        demandNew(state, "secrets", key);
        const value = encode((writer) => writeSecretRecord(writer, { height: context.height }));
        return { state: putRecord(state, "secrets", key, value), minerFee: 0n };
      }
      case "switch":
        return { state: recordSwitch(state, entry, context), minerFee: 0n };
    }
  });
}

/** Sequences have no gap and no repeat, so that the absence of the next one is provable. */
function recordPost(
  state: MainState,
  { post, signer, signature }: ExistenceEntry & { kind: "post" },
  context: TxContext,
): MainState {
  const { sequence, blockHash } = post;
  const { first, keyOf } = findSequences(state, post, signer);
  demand(
    isSignedBy(context.rules, "signPost", encodePost(post), signature, signer),
    "BAD_SIGNATURE",
    "the post is not signed by the signer it names",
  );
  demand(
    sequence === first || hasRecord(state, "existence", keyOf(sequence - 1)),
    "SEQUENCE_GAP",
    `expected post ${first}, or the post before to be recorded, got post ${sequence}`,
  );
  return recordHash(state, keyOf(sequence), blockHash, context);
}

/** With which sequence a chain's posts on the main chain begin, and their keys. */
function findSequences(state: MainState, { place, chainId }: Post, signer: Uint8Array) {
  switch (place.kind) {
    case "chain":
      throw new Refusal("OTHER_PLACE", "the post belongs into another chain's map");
    case "mainChain":
      return { first: 1, keyOf: (sequence: number) => computePostKey(signer, chainId, sequence) };
    case "switched": {
      const key = computeSwitchKey(signer, chainId);
      const switched = getRecord(state, "existence", key, readSwitchRecord);
      if (switched === undefined) {
        throw new Refusal("NOT_SWITCHED", "the chain has not switched to the main chain");
      }
      return {
        first: switched.first,
        keyOf: (sequence: number) => computeSwitchedPostKey(signer, chainId, sequence),
      };
    }
  }
}

/** A chain goes over to the main chain once, by its operator's word. Whether it is one, no record here can say. */
function recordSwitch(
  state: MainState,
  { switch: own, signer, signature }: ExistenceEntry & { kind: "switch" },
  { rules, height, index }: TxContext,
): MainState {
  demand(
    isSignedBy(rules, "signSwitch", encodeSwitch(own), signature, signer),
    "BAD_SIGNATURE",
    "the switch is not signed by the signer it names",
  );
  const { chainId, first } = own;
  const key = computeSwitchKey(signer, chainId);
  demandNew(state, "existence", key);
  const value = encode((writer) => writeSwitchRecord(writer, { height, index, first }));
  return putRecord(state, "existence", key, value);
}

function recordHash(
  state: MainState,
  key: Uint8Array,
  hash: Uint8Array,
  { height, index }: TxContext,
): MainState {
  demandNew(state, "existence", key);
  const value = encode((writer) => writeExistenceRecord(writer, { height, index, hash }));
  return putRecord(state, "existence", key, value);
}

function demandNew(state: MainState, map: "existence" | "secrets", key: Uint8Array): void {
  demand(!hasRecord(state, map, key), "RECORDED_ALREADY", "this is recorded already");
}
