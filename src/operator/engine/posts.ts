import { encode, type Reader, type Writer } from "../../lib/codec.ts";
import type { Verdict } from "../../lib/verdict.ts";
import { encodePost, type Post } from "../../protocol/post.ts";
import { content } from "./blockQueue.ts";
import type { ChainWord, Effect, MainView } from "./engineEvent.ts";
import type { EngineState, PostEntry, SentPost } from "./engineState.ts";
import { rowKey } from "./rowKey.ts";

/** Transactions kept below the account's nonce: a reorg may need them again. */
const SENT_KEPT = 256;
/** Posts whose content is kept in memory. Neighbours share all that did not change between them. */
const CONTENTS_KEPT = 1_024;
/** Most bytes of a main-chain transaction that carries a post. */
const POST_TRANSACTION_BYTES_MAX = 1_024;

/**
 * Decide the next post when it is due, and see that every decided one gets recorded. Which block
 * stands at a sequence is on disk before it is signed, and never changes.
 *
 * @see docs/PROTOCOL.md section 4, posts and history
 */
export function advancePosts(state: EngineState): Effect[] {
  const { main } = state;
  // A post that could only be recorded at or after the expiry would not count.
  if (main === undefined || main.height + 1 >= state.chain.expiry) return [];
  const effects: Effect[] = [];
  const last = state.posts.at(-1);
  if (isPostDue(state, last)) {
    const post: PostEntry = {
      sequence: (last?.sequence ?? 0) + 1,
      height: state.tip.height,
      blockHash: state.tip.hash,
    };
    state.posts.push(post);
    keepContent(state, post.sequence);
    state.unpostedSinceMs = undefined;
    const value = encode((writer) => writePostEntry(writer, post));
    effects.push({
      kind: "commit",
      operations: [{ kind: "put", key: rowKey.post(post.sequence), value }],
    });
  }
  if (state.switched !== undefined && main.isSwitchRecorded !== true) return effects;
  for (const post of state.posts.slice(main.anchored?.taken ?? main.recorded)) {
    if (state.posting.has(post.sequence) || isOnItsWay(state, post.sequence)) continue;
    state.posting.add(post.sequence);
    effects.push(signPost(state, post));
  }
  return effects;
}

/** Keep what the tip's state holds under a sequence, and let the oldest go. */
export function keepContent(state: EngineState, sequence: number): void {
  state.contents.set(sequence, content(state));
  state.contents.delete(sequence - CONTENTS_KEPT);
}

/** A post is signed: now the transaction that carries it, under the account's next free nonce. */
export function handleSignedPost(
  state: EngineState,
  sequence: number,
  signature: Verdict<Uint8Array>,
): Effect[] {
  const entry = state.posts[sequence - 1];
  if (entry === undefined || !state.posting.has(sequence)) return [];
  if (!signature.ok || state.main === undefined) {
    state.posting.delete(sequence);
    return [];
  }
  const word = { kind: "post", post: createPost(state, entry) } as const;
  return [carry(state, state.main, sequence, word, signature.value)];
}

/** Have a signed word carried, under the account's next free nonce. */
export function carry(
  state: EngineState,
  { accountNonce }: MainView,
  sequence: number,
  word: ChainWord,
  signature: Uint8Array,
): Effect {
  const nonce = Math.max(...state.sent.keys(), accountNonce) + 1;
  // The nonce is taken from now on, so that two posts at the signer do not get the same.
  state.sent.set(nonce, { sequence, nonce, bytes: new Uint8Array() });
  return { kind: "signPostTransaction", sequence, nonce, word, signature };
}

/** A decided post as it is said now: in the place of the seal, or on the main chain since the switch. */
export function createPost(
  { place, switched, chain }: EngineState,
  { sequence, blockHash }: PostEntry,
): Post {
  const now = switched === undefined ? place : ({ kind: "switched" } as const);
  return { place: now, chainId: chain.id, sequence, blockHash };
}

/** The transaction is signed: kept, then sent. */
export function handleSignedTransaction(state: EngineState, sent: SentPost): Effect[] {
  if (!state.posting.delete(sent.sequence)) return [];
  state.sent.set(sent.nonce, sent);
  const value = encode((writer) => writeSentPost(writer, sent));
  return [
    { kind: "commit", operations: [{ kind: "put", key: rowKey.sent(sent.nonce), value }] },
    { kind: "send", bytes: sent.bytes },
  ];
}

/**
 * After every new main-chain block: send again what is not through, the same bytes in the order of
 * their nonces. After a reorg these are the posts that have to be recorded once more.
 */
export function resendPosts(state: EngineState): Effect[] {
  const { main } = state;
  if (main === undefined) return [];
  const pending = [...state.sent.values()]
    .filter(({ nonce, bytes }) => nonce > main.accountNonce && bytes.length > 0)
    .sort((a, b) => a.nonce - b.nonce);
  const old = [...state.sent.keys()].filter((nonce) => nonce + SENT_KEPT < main.accountNonce);
  for (const nonce of old) state.sent.delete(nonce);
  const operations = old.map((nonce) => ({ kind: "delete", key: rowKey.sent(nonce) }) as const);
  return [
    ...(operations.length > 0 ? [{ kind: "commit", operations } as const] : []),
    ...pending.map(({ bytes }) => ({ kind: "send", bytes }) as const),
  ];
}

/** Encode: sequence u32, block height u32, block hash 32. */
function writePostEntry(writer: Writer, post: PostEntry): void {
  writer.u32(post.sequence).u32(post.height).fixed(post.blockHash, 32);
}

export function readPostEntry(reader: Reader): PostEntry {
  return { sequence: reader.u32(), height: reader.u32(), blockHash: reader.fixed(32) };
}

/** Encode: sequence u32, account nonce u32, transaction bytes. */
function writeSentPost(writer: Writer, sent: SentPost): void {
  writer.u32(sent.sequence).u32(sent.nonce).bytes(sent.bytes, POST_TRANSACTION_BYTES_MAX);
}

export function readSentPost(reader: Reader): SentPost {
  const sequence = reader.u32();
  const nonce = reader.u32();
  return { sequence, nonce, bytes: reader.bytes(POST_TRANSACTION_BYTES_MAX) };
}

function isPostDue(state: EngineState, last: PostEntry | undefined): boolean {
  const waiting = state.tip.height - (last?.height ?? 0);
  if (waiting === 0) return false;
  if (waiting >= state.policy.runMax) return true;
  const isLastRecorded = (state.main?.recorded ?? 0) >= (last?.sequence ?? 0);
  return isLastRecorded && state.nowMs >= (state.unpostedSinceMs ?? 0) + state.policy.postMs;
}

/** Whether a transaction of ours that carries this post can still be taken by the main chain. */
export function isOnItsWay(state: EngineState, sequence: number): boolean {
  const nonceMin = state.main?.accountNonce ?? 0;
  for (const sent of state.sent.values()) {
    if (sent.sequence === sequence && sent.nonce > nonceMin) return true;
  }
  return false;
}

function signPost(state: EngineState, entry: PostEntry): Effect {
  const { sequence } = entry;
  const body = encodePost(createPost(state, entry));
  return { kind: "sign", subject: { kind: "post", sequence }, body };
}
