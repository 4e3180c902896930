import type { FastifyInstance } from "fastify";
import {
  decodeMineRequest,
  decodeProofRequest,
  encodeProofs,
  HEADERS_AT_ONCE_MAX,
  NODE_PATHS,
} from "../../api/mainChainApi.ts";
import { encodeHeader } from "../../chain/header/header.ts";
import { createApp, isLocal, parseNumber, sendRefusal } from "../../http/createApp.ts";
import { serveStreams } from "../../http/serveStreams.ts";
import { concatBytes } from "../../lib/bytes.ts";
import { encode } from "../../lib/codec.ts";
import { parseHex } from "../../lib/hex.ts";
import { refuse, type Verdict } from "../../lib/verdict.ts";
import type { MainNode } from "../node.ts";
import { NODE_LIMITS } from "./nodeLimits.ts";

/** What the server has beside the node, each only where it is offered. */
export type NodeServerOptions = {
  readonly now: () => number;
  /** Give coins to a 33-byte key: a local network's faucet. */
  readonly giveCoins: ((publicKey: Uint8Array) => Verdict<null>) | undefined;
  /** Mine on command: the scenario driver's clock. Such a node is for one driver, whom no rate holds back. */
  readonly mine: ((count: number, ms: number) => Promise<Verdict<null>>) | undefined;
};

const BINARY = "application/octet-stream";
const TRY_AGAIN = new Set(["BUSY"]);

/** The node's public interface over HTTP and WebSocket, open to every origin. */
export function createServer(node: MainNode, options: NodeServerOptions): FastifyInstance {
  const app = createApp(NODE_LIMITS, options.now, options.mine !== undefined);
  app.addContentTypeParser(BINARY, { parseAs: "buffer" }, (_, body, done) => done(null, body));

  app.get<{ Querystring: { from?: string; count?: string } }>(
    NODE_PATHS.headers,
    async (request, reply) => {
      const from = parseNumber(request.query.from ?? "");
      const count = parseNumber(request.query.count ?? "");
      if (from === undefined || count === undefined || count > HEADERS_AT_ONCE_MAX) {
        const what = `expected from, and count of at most ${HEADERS_AT_ONCE_MAX}`;
        return sendRefusal(reply, 400, refuse("NOT_A_NUMBER", what));
      }
      const headers: Uint8Array[] = [];
      for (let height = from; height < from + count; height++) {
        const at = node.headerAt(height);
        if (at === undefined) break;
        headers.push(encodeHeader(at.header.header));
      }
      return reply.type(BINARY).send(Buffer.from(concatBytes(...headers)));
    },
  );

  app.get<{ Params: { hash: string } }>(`${NODE_PATHS.blocks}/:hash`, async (request, reply) => {
    const { hash } = request.params;
    const found = /^[0-9a-f]{64}$/.test(hash) ? node.find(parseHex(hash)) : undefined;
    if (found === undefined) {
      return sendRefusal(reply, 404, refuse("NO_SUCH_BLOCK", "no block of this hash is known"));
    }
    return reply.type(BINARY).send(Buffer.from(node.encode(found)));
  });

  app.post(NODE_PATHS.proofs, async (request, reply) => {
    const asked = decodeProofRequest(bytesOf(request.body));
    if (!asked.ok) return sendRefusal(reply, 400, asked);
    const proofs = node.prove(asked.value);
    if (!proofs.ok) return sendRefusal(reply, 404, proofs);
    return reply.type(BINARY).send(Buffer.from(encodeProofs(proofs.value)));
  });

  app.post(NODE_PATHS.transactions, async (request, reply) => {
    const taken = node.submitTransaction(bytesOf(request.body));
    if (taken.ok) return reply.code(204).send();
    return sendRefusal(reply, TRY_AGAIN.has(taken.code) ? 503 : 409, taken);
  });

  const { giveCoins, mine } = options;
  if (giveCoins !== undefined) {
    app.post(NODE_PATHS.coins, async (request, reply) => {
      const given = giveCoins(bytesOf(request.body));
      return given.ok ? reply.code(204).send() : sendRefusal(reply, 409, given);
    });
  }
  if (mine !== undefined) {
    app.post(NODE_PATHS.mine, async (request, reply) => {
      if (!isLocal(request.ip)) {
        return sendRefusal(reply, 403, refuse("NOT_LOCAL", "only this machine mines on command"));
      }
      const asked = decodeMineRequest(bytesOf(request.body));
      if (!asked.ok) return sendRefusal(reply, 400, asked);
      const mined = await mine(asked.value.count, asked.value.ms);
      if (!mined.ok) return sendRefusal(reply, 409, mined);
      const { height } = node.tip().header.header;
      return reply.type(BINARY).send(Buffer.from(encode((writer) => writer.u32(height))));
    });
  }

  serveTips(app, node);
  return app;
}

/** The body as bytes; anything else that fastify may have parsed counts as none. */
function bytesOf(body: unknown): Uint8Array {
  return body instanceof Uint8Array ? new Uint8Array(body) : new Uint8Array();
}

/** Announce the tip at once and after each change. A reader who takes nothing off his socket is cut. */
function serveTips(app: FastifyInstance, node: MainNode): void {
  const encodeTip = () => encodeHeader(node.tip().header.header);
  const sockets = serveStreams(app, NODE_LIMITS, ({ pathname }) =>
    pathname === NODE_PATHS.stream ? (socket) => socket.send(encodeTip()) : undefined,
  );
  const unfollow = node.onTip(() => {
    const tip = encodeTip();
    for (const socket of sockets) {
      if (socket.bufferedAmount > NODE_LIMITS.bufferedBytes) socket.terminate();
      else socket.send(tip);
    }
  });
  // What a hook resolves with would be taken for an error.
  app.addHook("preClose", async () => {
    unfollow();
  });
}
