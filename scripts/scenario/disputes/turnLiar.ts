import { OPERATOR_PATHS, type StateRequest } from "../../../src/api/operatorApi.ts";
import { stateRequestForm } from "../../../src/api/operatorApiJson.ts";
import type { ChainFacts } from "../../../src/blocks/applyTransactions.ts";
import { openNodeSocket } from "../../../src/headless/nodeSocket.ts";
import { addBlockRoutes } from "../../../src/http/blockRoutes.ts";
import { createApp, sendRefusal } from "../../../src/http/createApp.ts";
import { READER_LIMITS } from "../../../src/http/readerLimits.ts";
import { equalBytes } from "../../../src/lib/bytes.ts";
import { refuse } from "../../../src/lib/verdict.ts";
import { createOperatorSource } from "../../../src/network/operatorSource.ts";
import type { NamedPlace } from "../../../src/protocol/anchor.ts";
import { hashBlockHeader } from "../../../src/protocol/blockHeader.ts";
import { encodePost, type SignedPost } from "../../../src/protocol/post.ts";
import type { Rules } from "../../../src/protocol/rules.ts";
import { computeDigest, signDigest } from "../../../src/protocol/signature.ts";
import type { SignatureTag } from "../../../src/protocol/tags.ts";
import { type ForgedBlock, Forger } from "./forger.ts";
import type { Liar } from "./stage.ts";

const BODY_BYTES = 256 * 1024;

/**
 * End an operator, and go on in his place, at his address and with his key.
 *
 * @param options.posted - posts of his that are recorded. @param options.record - sends a signed post to where the chain posts.
 */
export async function turnLiar(options: {
  readonly rules: Rules;
  readonly facts: ChainFacts;
  readonly posted: number;
  readonly url: string;
  readonly end: () => Promise<void>;
  readonly privateKey: Uint8Array;
  readonly now: () => { readonly mainHeight: number; readonly nowMs: number };
  readonly record: (signed: SignedPost) => Promise<void>;
  readonly place: NamedPlace;
  readonly atEnd: (close: () => Promise<void>) => void;
}): Promise<Liar> {
  const { rules, facts, url, privateKey, now, record, place } = options;
  const real = createOperatorSource(url, { openSocket: openNodeSocket });
  const said = await (await fetch(url + OPERATOR_PATHS.chain)).text();
  const { height } = await real.facts();
  const blocks: Uint8Array[] = [];
  while (blocks.length < height) blocks.push(...(await real.blocks(blocks.length + 1, 16)));
  await options.end();

  const sign = (tag: SignatureTag, body: Uint8Array) =>
    signDigest(computeDigest(tag, rules.networkId, body), privateKey);
  const forger = new Forger(rules, facts, privateKey, blocks);
  const hidden = new Set<ForgedBlock>();
  const states: StateRequest[] = [];
  let sequence = options.posted;
  const show = (forged: ForgedBlock | undefined) =>
    forged === undefined || hidden.has(forged) ? undefined : forged.bytes;
  const app = createApp({ ...READER_LIMITS, bodyBytes: BODY_BYTES }, () => now().nowMs, true);
  addBlockRoutes(app, "", () => ({
    block: async (at) => show(forger.blocks[at - 1]),
    findBlock: async (hash) =>
      show(forger.blocks.find(({ block }) => equalBytes(hashBlockHeader(block.header), hash))),
  }));
  app.get(OPERATOR_PATHS.chain, async (_, reply) => reply.type("application/json").send(said));
  app.post(OPERATOR_PATHS.states, async (request, reply) => {
    const asked = stateRequestForm.read(request.body);
    if (!asked.ok) return sendRefusal(reply, 400, asked);
    states.push(asked.value);
    return sendRefusal(reply, 503, refuse("BUSY", "it is looked at later"));
  });
  const { hostname, port } = new URL(url);
  await app.listen({ host: hostname, port: Number(port) });
  options.atEnd(() => app.close());

  return {
    forger,
    states,
    sign,

    forge(transactions, { isHidden = false, ...lie } = {}) {
      const forged = forger.make(transactions, now(), lie);
      if (isHidden) hidden.add(forged);
      return forged;
    },

    async post() {
      sequence += 1;
      const post = { place, chainId: facts.id, sequence, blockHash: forger.tip.hash };
      const signature = sign("signPost", encodePost(post));
      await record({ post, signer: facts.operator, signature });
      return sequence;
    },
  };
}
