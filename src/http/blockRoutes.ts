import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { BLOCKS_AT_ONCE_MAX, BLOCKS_BYTES_MAX, OPERATOR_PATHS } from "../api/operatorApi.ts";
import { encodeBlockFrames } from "../api/operatorApiBlocks.ts";
import { parseHex } from "../lib/hex.ts";
import { refuse } from "../lib/verdict.ts";
import { parseNumber, sendRefusal } from "./createApp.ts";

/** The blocks of a chain, by whoever has them: what is asked for is on disk. */
export type ServedBlocks = {
  /** The bytes of a block, from height 1. */
  block(height: number): Promise<Uint8Array | undefined>;
  /** Height up to which all blocks are there. */
  publishedHeight(): number;
  onBlock(listener: (height: number, bytes: Uint8Array) => void): () => void;
};

/** What blocks are looked up in, by one request. */
export type BlockShelf = Pick<ServedBlocks, "block"> & {
  /** The bytes of the block of a 32-byte hash. */
  findBlock(hash: Uint8Array): Promise<Uint8Array | undefined>;
};

const NAME = /^(?:[0-9]{1,10}|[0-9a-f]{64})$/;

/** The blocks that a request asks for; undefined where there are none of that chain. */
type FindShelf = (request: FastifyRequest) => BlockShelf | undefined;

/** Serve blocks below `at`, by height, by hash and by the page. */
export function addBlockRoutes(app: FastifyInstance, at: string, find: FindShelf): void {
  addBlockRoute(app, at, find);
  addPageRoute(app, at, find);
}

/** Serve single blocks below `at`, by height and by hash. */
export function addBlockRoute(app: FastifyInstance, at: string, find: FindShelf): void {
  app.get(`${at}${OPERATOR_PATHS.blocks}/:name`, async (request, reply) => {
    const shelf = find(request);
    if (shelf === undefined) return sendUnknownChain(reply);
    const name = readParam(request, "name");
    const height = parseNumber(name);
    if (!NAME.test(name) || height === 0) {
      const what = "expected a height from 1, or a hash in hex";
      return sendRefusal(reply, 400, refuse("NOT_A_NUMBER", what));
    }
    const bytes =
      height === undefined ? await shelf.findBlock(parseHex(name)) : await shelf.block(height);
    if (bytes === undefined) {
      return sendRefusal(reply, 404, refuse("NO_SUCH_BLOCK", `no block ${name} is made yet`));
    }
    return sendBytes(reply, bytes);
  });
}

function addPageRoute(app: FastifyInstance, at: string, find: FindShelf): void {
  app.get<{ Querystring: { from?: string; count?: string } }>(
    `${at}${OPERATOR_PATHS.blocks}`,
    async (request, reply) => {
      const shelf = find(request);
      if (shelf === undefined) return sendUnknownChain(reply);
      const from = parseNumber(request.query.from ?? "");
      const count = parseNumber(request.query.count ?? String(BLOCKS_AT_ONCE_MAX));
      if (from === undefined || from < 1 || count === undefined || count > BLOCKS_AT_ONCE_MAX) {
        const what = `expected from, from 1, and count, at most ${BLOCKS_AT_ONCE_MAX}`;
        return sendRefusal(reply, 400, refuse("NOT_A_NUMBER", what));
      }
      const blocks: Uint8Array[] = [];
      let length = 0;
      for (let height = from; height < from + count && length < BLOCKS_BYTES_MAX; height++) {
        const bytes = await shelf.block(height);
        if (bytes === undefined) break;
        blocks.push(bytes);
        length += bytes.length;
      }
      return sendBytes(reply, encodeBlockFrames(blocks));
    },
  );
}

export function sendUnknownChain(reply: FastifyReply): FastifyReply {
  return sendRefusal(reply, 404, refuse("NO_SUCH_CHAIN", "no blocks of this chain are kept here"));
}

/** A part of a request's path; empty where it has none of this name. */
export function readParam({ params }: FastifyRequest, name: string): string {
  const all = new Map(Object.entries(params ?? {}));
  return String(all.get(name) ?? "");
}

function sendBytes(reply: FastifyReply, bytes: Uint8Array): FastifyReply {
  return reply.type("application/octet-stream").send(Buffer.from(bytes));
}
