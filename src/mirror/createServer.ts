import type { FastifyInstance } from "fastify";
import { OPERATOR_PATHS } from "../api/operatorApi.ts";
import { addBlockRoute } from "../http/blockRoutes.ts";
import { addChainRoutes, createChainStreams, type ServedChains } from "../http/chainRoutes.ts";
import { createApp, sendRefusal } from "../http/createApp.ts";
import { READER_LIMITS } from "../http/readerLimits.ts";
import { serveStreams } from "../http/serveStreams.ts";
import { refuse } from "../lib/verdict.ts";
import type { Archive } from "./archive.ts";

/** Readers have nothing to say in a body. */
const BODY_BYTES = 1024;

/**
 * The public interface of a mirror: below `/chains/ID` what a reader of that chain needs, and every block by its hash. To
 * all else that an operator is asked it says that it is none.
 *
 * @param now - unix milliseconds.
 */
export function createServer(
  archive: Archive,
  chains: ServedChains,
  now: () => number,
): FastifyInstance {
  const app = createApp({ ...READER_LIMITS, bodyBytes: BODY_BYTES }, now);
  addChainRoutes(app, chains);
  // By height nothing is served here: a height is of one chain, and none is a mirror's own.
  addBlockRoute(app, "", () => ({ block: async () => undefined, findBlock: archive.findBlock }));
  app.all("*", async (_, reply) => {
    const what = `a mirror serves blocks alone, below ${OPERATOR_PATHS.chains}/ID: ask the chain's operator`;
    return sendRefusal(reply, 404, refuse("NOT_THE_OPERATOR", what));
  });
  serveStreams(app, READER_LIMITS, createChainStreams(chains));
  return app;
}
