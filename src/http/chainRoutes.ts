import type { FastifyInstance } from "fastify";
import type { WebSocket } from "ws";
import { OPERATOR_PATHS, type OperatorFacts } from "../api/operatorApi.ts";
import { factsForm } from "../api/operatorFactsJson.ts";
import {
  addBlockRoutes,
  type BlockShelf,
  readParam,
  type ServedBlocks,
  sendUnknownChain,
} from "./blockRoutes.ts";
import { type BlockStream, createBlockStreams, readStreamStart } from "./blockStream.ts";

const STREAM_PATH = new RegExp(`^${OPERATOR_PATHS.chains}/([0-9a-f]{64})${OPERATOR_PATHS.stream}$`);

/** The chains that a server has the blocks of, by hex id. */
export type ServedChains = {
  facts(id: string): OperatorFacts | undefined;
  blocks(id: string): (ServedBlocks & BlockShelf) | undefined;
};

/** Serve what a reader of these chains asks for below `/chains/ID`, over HTTP. */
export function addChainRoutes(app: FastifyInstance, chains: ServedChains): void {
  const at = `${OPERATOR_PATHS.chains}/:chain`;
  app.get(`${at}${OPERATOR_PATHS.chain}`, async (request, reply) => {
    const facts = chains.facts(readParam(request, "chain"));
    return facts === undefined ? sendUnknownChain(reply) : factsForm.write(facts);
  });
  addBlockRoutes(app, at, (request) => chains.blocks(readParam(request, "chain")));
}

/** Who takes the socket that is asked for with the address of the stream of one of these chains; undefined for any other. */
export function createChainStreams(
  chains: ServedChains,
): (url: URL) => ((socket: WebSocket) => void) | undefined {
  const streams = new Map<string, BlockStream>();
  return (url) => {
    const id = STREAM_PATH.exec(url.pathname)?.[1] ?? "";
    const blocks = chains.blocks(id);
    if (blocks === undefined) return undefined;
    const stream = streams.get(id) ?? createBlockStreams(blocks);
    streams.set(id, stream);
    return readStreamStart(stream, url);
  };
}
