import { listOfferedOracles } from "../../api/marketApi.ts";
import { isRecordBuried } from "../../client/buried.ts";
import type { TrackedChain } from "../../client/chainTracker.ts";
import type { HistoryEntry } from "../../client/entry.ts";
import type { Wallet } from "../../client/wallet.ts";
import { assert } from "../../lib/assert.ts";
import { decode, encode } from "../../lib/codec.ts";
import { formatHex } from "../../lib/hex.ts";
import { insist } from "../../lib/verdict.ts";
import { type OracleResult, readOracleRecord } from "../../protocol/facts.ts";
import { computeDescendantKey, readSignedPost, writeSignedPost } from "../../protocol/post.ts";
import type { MainView } from "../engine/engineEvent.ts";
import type { ShownEntry } from "../engine/shownEntry.ts";
import type { MainChainPort } from "../mainChainPort.ts";

/**
 * The ancestor that takes a chain's posts, seen through the light client: what it has recorded is
 * what this operator has checked himself, never its operator's word. Facts come from `node`, his own.
 *
 * @param chain - the chain that posts. @param anchorId - the chain that it posts in, followed by `wallet`.
 */
export function createNestedLink(options: {
  readonly wallet: Wallet;
  readonly node: Pick<MainChainPort, "readEvidence" | "follow">;
  readonly chain: { readonly id: Uint8Array; readonly operator: Uint8Array };
  readonly anchorId: Uint8Array;
}): MainChainPort {
  const { wallet, node, chain, anchorId } = options;
  const key = formatHex(computeDescendantKey(chain.operator, chain.id));
  wallet.tracker.watch(anchorId, chain);

  function findAnchor() {
    const anchor = wallet.tracker.find(anchorId);
    if (anchor === undefined) throw new Error("the chain that takes the posts is not followed");
    return anchor;
  }

  /** Kept for ever, as the book lets go of old entries: without it a close could not be shown to the main chain. */
  function showEntry(entry: HistoryEntry, anchor: TrackedChain): ShownEntry {
    const above = wallet.tracker.postPath(anchor, entry.hops.length - 1);
    const path = above.map(({ followed }) => followed.facts);
    return {
      sequence: entry.top.sequence,
      isSwitched: above[0]?.followed.nested?.anchor.kind === "chain",
      path: [...path.map(({ id, operator }) => ({ id, operator })), chain],
      hops: entry.hops,
      hopsBefore: entry.hopsBefore,
    };
  }

  return {
    async readView(state): Promise<MainView> {
      await wallet.sync();
      const anchor = findAnchor();
      if (anchor.connection === "unread") {
        throw new Error(
          "no main-chain node proves what is recorded of the chain that takes the posts",
        );
      }
      const posts = anchor.book.descendants.get(key);
      if (posts === undefined) throw new Error("the chain that takes the posts is read once more");
      const { taken, recorded, entries } = posts;
      const oracles = new Map<string, OracleResult>();
      const resultHeights = new Map<string, number>();
      for (const oracleId of listOfferedOracles(state.markets)) {
        const record = await wallet.mainChain.read("oracles", oracleId, readOracleRecord);
        if (record === undefined) continue;
        oracles.set(formatHex(oracleId), record.result);
        resultHeights.set(formatHex(oracleId), record.resultHeight);
      }
      const { height } = wallet.mainChain.tip().header;
      const last = entries.at(-1);
      const isBuried = last === undefined || isRecordBuried(last.record, wallet.mainChain);
      // A post's sequence is its number among what the anchor has taken, so it serves as the nonce.
      const records = entries
        .filter(
          ({ sequence, record }) =>
            sequence > state.judged.sequence && isRecordBuried(record, wallet.mainChain),
        )
        .map((entry) => ({ ...entry, shown: showEntry(entry, anchor) }));
      const anchored = { taken, isBuried };
      return { height, accountNonce: taken, anchored, recorded, records, oracles, resultHeights };
    },

    readEvidence: node.readEvidence,

    draft(_, word, signature) {
      assert(word.kind === "post", "a switch is no word to an ancestor");
      const { post } = word;
      return encode((writer) =>
        writeSignedPost(writer, { post, signer: chain.operator, signature }),
      );
    },

    send: (carrier) =>
      wallet.tracker.operatorOf(findAnchor()).submitPost(insist(decode(carrier, readSignedPost))),

    follow: node.follow,
  };
}
