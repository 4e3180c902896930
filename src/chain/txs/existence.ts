import { encode } from "../../lib/codec.ts";
import { demand, judge, type Verdict } from "../../lib/verdict.ts";
import { writeSecretRecord } from "../../protocol/facts.ts";
import { computePlainKey, computeSecretKey } from "../../protocol/keys.ts";
import { computePostKey, encodePost, writeExistenceRecord } from "../../protocol/post.ts";
import { isSignedBy } from "../../protocol/rules.ts";
import { hasRecord, type MainState, putRecord } from "../state/mainState.ts";
import type { ExistenceEntry, TransactionBody } from "../transaction.ts";
import type { TxContext, TxOutcome } from "./txContext.ts";

/** Record a post, plain bytes or a secret at this height: once, for ever. */
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
    }
  });
}

/** Sequences have no gap and no repeat, so that the absence of the next one is provable. */
function recordPost(
  state: MainState,
  { post, signer, signature }: ExistenceEntry & { kind: "post" },
  context: TxContext,
): MainState {
  const { place, chainId, sequence, blockHash } = post;
  demand(place.kind === "mainChain", "OTHER_PLACE", "the post belongs into another chain's map");
  demand(
    isSignedBy(context.rules, "signPost", encodePost(post), signature, signer),
    "BAD_SIGNATURE",
    "the post is not signed by the signer it names",
  );
  demand(
    sequence === 1 || hasRecord(state, "existence", computePostKey(signer, chainId, sequence - 1)),
    "SEQUENCE_GAP",
    `expected post ${sequence - 1} to be recorded before post ${sequence}`,
  );
  return recordHash(state, computePostKey(signer, chainId, sequence), blockHash, context);
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
