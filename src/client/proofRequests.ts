import { verifyServedProof } from "../blocks/servedData.ts";
import type { DataAnswer, DataResponse } from "../chain/requests/dataMessages.ts";
import { computeRequestId } from "../chain/requests/dataTarget.ts";
import { judgeResponse } from "../chain/requests/judgeResponse.ts";
import { equalBytes } from "../lib/bytes.ts";
import { decode, encode } from "../lib/codec.ts";
import { formatHex } from "../lib/hex.ts";
import { demand, refuse, type Verdict } from "../lib/verdict.ts";
import { hashLeaf } from "../protocol/leaf.ts";
import { ASKED_CONDITIONS_MAX } from "../protocol/limits.ts";
import type { AskedPath } from "../space/tree.ts";
import type { ChainTracker, TrackedChain } from "./chainTracker.ts";
import {
  draftRequest,
  type RequestTools,
  readRequestView,
  rehearseRequest,
} from "./draftRequest.ts";
import type { Entry } from "./entry.ts";
import { readMainBlock } from "./mainBlock.ts";
import type { OwnLeaf } from "./ownLeaves.ts";
import type { WalletStore } from "./ports.ts";

/**
 * What came of asking what stands in an own contract's place: it itself, nothing, or another contract; or nobody
 * has answered in time, or the request was never made.
 */
const OUTCOMES = ["asked", "stands", "nothing", "other", "silence"] as const;
export type ProofOutcome = (typeof OUTCOMES)[number];

/**
 * A proof that was asked for, the newest of its contract. `sequence`, `block`: of the post, in the chain's own count,
 * and the hash that it records. `nonce`: of the transaction that asks, made above main-chain height `from`. `height`: of the answer.
 */
export type AskedProof = {
  readonly sequence: number;
  readonly block: Uint8Array;
  readonly nonce: number;
  readonly from: number;
  readonly outcome: ProofOutcome;
  readonly height: number;
};

/**
 * Asking on the main chain what stands in the place of an own contract: under the post that nobody serves, or, where
 * nothing is missing, under its own first post. Shown there it counts even if that post becomes void.
 */
export type ProofRequests = {
  request(chain: TrackedChain, own: OwnLeaf): Promise<Verdict<null>>;
  /** Whether this wallet holds the answer itself, and hands it in with the request. */
  isAnswered(chain: TrackedChain, own: OwnLeaf): boolean;
  askedOf(contractId: Uint8Array): AskedProof | undefined;
  /** Look for the answers that have come. */
  refresh(): Promise<void>;
};

/** Rows of the `meta` table: what was asked, by the contract's hex id. */
const ROW = "askedProof:";

export async function createProofRequests(
  tools: Omit<RequestTools, "tracker"> & {
    readonly store: WalletStore;
    readonly tracker: Pick<ChainTracker, "anchors" | "targetOf" | "chains">;
    readonly note: (words: string) => Promise<void>;
  },
): Promise<ProofRequests> {
  const { rules, signer, outbox, mainChain, tracker, store, note } = tools;
  const asked = new Map<string, AskedProof>();
  for (const [key, bytes] of await store.rows("meta")) {
    const row = key.startsWith(ROW) ? decodeAskedProof(bytes) : undefined;
    if (row?.ok) asked.set(key.slice(ROW.length), row.value);
  }

  async function keep(id: string, row: AskedProof): Promise<void> {
    const value = encodeAskedProof(row);
    await store.commit([{ kind: "put", table: "meta", key: ROW + id, value }]);
    asked.set(id, row);
  }

  /** The answer that was kept with the leaf, where it is of the posted state itself. */
  function ownAnswer(
    chain: TrackedChain,
    { headers, rootsRoot, path }: OwnLeaf,
  ): DataAnswer | undefined {
    const [header, ...later] = headers;
    const isOnMainChain = chain.followed.nested === undefined;
    if (header === undefined || later.length > 0 || !isOnMainChain) return undefined;
    return chain.withheld === undefined ? { kind: "proof", header, rootsRoot, path } : undefined;
  }

  async function findOutcome(
    chain: TrackedChain,
    own: OwnLeaf,
    row: AskedProof,
  ): Promise<Pick<AskedProof, "outcome" | "height"> | undefined> {
    const id = computeRequestId(signer.publicKey, row.nonce);
    const tip = mainChain.tip().header.height;
    const isOpen = chain.asked.record.open.some(
      (open) => equalBytes(open.id, id) && open.due > tip,
    );
    // A transaction on its way is looked at again; one whose nonce is used up is done, or was given up.
    if (isOpen || outbox.account().nonce < row.nonce) return undefined;
    const last = Math.min(tip, row.from + rules.parameters.dataResponseDelay * 2);
    for (let height = row.from; height <= last; height++) {
      const state = mainChain.book().states[height];
      if (state === undefined) break;
      for (const { transaction } of (await readMainBlock(state, mainChain)).transactions) {
        const { body } = transaction;
        if (body.kind !== "data-response" || !equalBytes(body.response.requestId, id)) continue;
        const outcome = readOutcome(body.response, chain, own, row);
        if (outcome !== undefined) return { outcome, height };
      }
    }
    return { outcome: "silence", height: tip };
  }

  return {
    isAnswered: (chain, own) => ownAnswer(chain, own) !== undefined,
    askedOf: (contractId) => asked.get(formatHex(contractId)),

    async request(chain, own) {
      const entry: Entry | undefined = chain.withheld ?? own.post;
      if (entry === undefined) return refuse("NOT_POSTED", "the contract is not recorded yet");
      const subject = { kind: "proof", asked: pathOf(own) } as const;
      const request = draftRequest(chain, entry, subject, tracker);
      const view = await readRequestView(chain, { entry, request }, tools);
      const rehearsed = rehearseRequest(request, view, tools);
      if (!rehearsed.ok) return rehearsed;
      const nonce = outbox.nextNonce();
      const from = mainChain.tip().header.height + 1;
      const { sequence, record } = entry;
      const row = {
        sequence,
        block: record.hash,
        nonce,
        from,
        outcome: "asked",
        height: 0,
      } as const;
      const before = asked.get(formatHex(own.leaf.id));
      await keep(formatHex(own.leaf.id), row);
      const sent = await outbox.send({ kind: "data-request", request });
      if (!sent.ok) {
        await keep(formatHex(own.leaf.id), before ?? { ...row, outcome: "silence" });
        return sent;
      }
      const answer = ownAnswer(chain, own);
      if (answer === undefined) return sent;
      const requestId = computeRequestId(signer.publicKey, nonce);
      const response = { target: tracker.targetOf(chain), requestId, space: undefined, answer };
      const asks = { ...view, data: () => rehearsed.value.record };
      const judged = judgeResponse(response, signer.publicKey, asks);
      // The deposit pays for it.
      return judged.ok ? outbox.send({ kind: "data-response", response }, 0n) : sent;
    },

    async refresh() {
      for (const chain of tracker.chains()) {
        for (const [id, own] of chain.book.own) {
          const row = asked.get(id);
          if (row?.outcome !== "asked") continue;
          const found = await findOutcome(chain, own, row);
          if (found === undefined) continue;
          await keep(id, { ...row, ...found });
          await note(describeOutcome(found, row));
        }
      }
    },
  };
}

function pathOf({ leaf, place }: OwnLeaf): AskedPath {
  return { at: leaf.lo, conditions: place.conditions.slice(0, ASKED_CONDITIONS_MAX) };
}

function readOutcome(
  { answer }: DataResponse,
  { book }: TrackedChain,
  own: OwnLeaf,
  { block }: AskedProof,
): ProofOutcome | undefined {
  if (answer.kind !== "proof") return undefined;
  const shown = verifyServedProof(answer, block, book.chain, pathOf(own));
  if (!shown.ok) return undefined;
  const { found } = shown.value;
  if (found.kind === "free") return "nothing";
  const isSame = found.kind === "contract" && equalBytes(hashLeaf(found.leaf), hashLeaf(own.leaf));
  return isSame ? "stands" : "other";
}

function describeOutcome(
  { outcome, height }: Pick<AskedProof, "outcome" | "height">,
  { sequence }: AskedProof,
): string {
  const post = `post ${sequence}`;
  switch (outcome) {
    case "asked":
      return "";
    case "stands":
      return `Main-chain block ${height} shows that your contract stands after ${post}.`;
    case "nothing":
      return `Main-chain block ${height} shows that nothing stands in your contract's place after ${post}.`;
    case "other":
      return `Main-chain block ${height} shows that something else stands in your contract's place after ${post}.`;
    case "silence":
      return `Nobody has shown what stands in your contract's place after ${post}.`;
  }
}

/** Encode: sequence u32, block 32, nonce u32, from u32, outcome u8, height u32. */
function encodeAskedProof({
  sequence,
  block,
  nonce,
  from,
  outcome,
  height,
}: AskedProof): Uint8Array {
  return encode((writer) => {
    writer.u32(sequence).fixed(block, 32).u32(nonce).u32(from);
    writer.u8(OUTCOMES.indexOf(outcome)).u32(height);
  });
}

function decodeAskedProof(bytes: Uint8Array): Verdict<AskedProof> {
  return decode(bytes, (reader) => {
    const sequence = reader.u32();
    const block = reader.fixed(32);
    const nonce = reader.u32();
    const from = reader.u32();
    const outcome = OUTCOMES[reader.u8()];
    demand(outcome !== undefined, "UNKNOWN_KIND", "expected a known outcome");
    return { sequence, block, nonce, from, outcome: outcome as ProofOutcome, height: reader.u32() };
  });
}
