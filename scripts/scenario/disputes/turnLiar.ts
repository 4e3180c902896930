import { OPERATOR_PATHS } from "../../../src/api/operatorApi.ts";
import { decodeHoldingQuestion } from "../../../src/api/operatorApiHoldings.ts";
import { stateRequestForm } from "../../../src/api/operatorApiJson.ts";
import { encodeHolding } from "../../../src/blocks/holding.ts";
import { openNodeSocket } from "../../../src/headless/nodeSocket.ts";
import { addBlockRoutes } from "../../../src/http/blockRoutes.ts";
import { createApp, sendRefusal } from "../../../src/http/createApp.ts";
import { READER_LIMITS } from "../../../src/http/readerLimits.ts";
import { parseHex } from "../../../src/lib/hex.ts";
import { refuse } from "../../../src/lib/verdict.ts";
import { createOperatorSource } from "../../../src/network/operatorSource.ts";
import { createLiar, type LiarTerms } from "./liar.ts";
import type { Liar } from "./stage.ts";

const BODY_BYTES = 256 * 1024;

/**
 * End an operator, and go on in his place, at his address and with his key.
 *
 * @param options.end - ends his programs. @param options.atEnd - ends the liar's server when all is over.
 */
export async function turnLiar(
  options: Omit<LiarTerms, "blocks"> & {
    readonly url: string;
    readonly end: () => Promise<void>;
    readonly atEnd: (close: () => Promise<void>) => void;
  },
): Promise<Liar> {
  const { url, now } = options;
  const real = createOperatorSource(url, { openSocket: openNodeSocket });
  const said = await (await fetch(url + OPERATOR_PATHS.chain)).text();
  const { height } = await real.facts();
  const blocks: Uint8Array[] = [];
  while (blocks.length < height) blocks.push(...(await real.blocks(blocks.length + 1, 16)));
  await options.end();

  const { liar, shelf, holding, keepState } = createLiar({ ...options, blocks });
  const app = createApp({ ...READER_LIMITS, bodyBytes: BODY_BYTES }, () => now().nowMs, true);
  addBlockRoutes(app, "", () => shelf);
  app.get(OPERATOR_PATHS.chain, async (_, reply) => reply.type("application/json").send(said));
  app.get<{ Querystring: { sequence?: string; question?: string } }>(
    OPERATOR_PATHS.holdings,
    async ({ query }, reply) => {
      const question = decodeHoldingQuestion(parseHex(query.question ?? ""));
      const shown = question.ok ? holding(Number(query.sequence), question.value) : question;
      if (!shown.ok) return sendRefusal(reply, 404, shown);
      return reply.type("application/octet-stream").send(Buffer.from(encodeHolding(shown.value)));
    },
  );
  app.post(OPERATOR_PATHS.states, async (request, reply) => {
    const asked = stateRequestForm.read(request.body);
    if (!asked.ok) return sendRefusal(reply, 400, asked);
    keepState(asked.value);
    return sendRefusal(reply, 503, refuse("BUSY", "it is looked at later"));
  });
  const { hostname, port } = new URL(url);
  await app.listen({ host: hostname, port: Number(port) });
  options.atEnd(() => app.close());
  return liar;
}
