import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { makeBlocks } from "../../bench/longChain.ts";
import { OPERATOR_PATHS } from "../../src/api/operatorApi.ts";
import { encodeBlockFrames } from "../../src/api/operatorApiBlocks.ts";
import { factsForm } from "../../src/api/operatorFactsJson.ts";
import { createBlockStreams } from "../../src/http/blockStream.ts";
import { insist } from "../../src/lib/verdict.ts";

/**
 * The interface of an operator who has made many blocks: what he would have signed is made here at once, with his
 * key, and served as he serves it. His own process has made none.
 */
export async function startLongFront(
  operatorUrl: string,
  privateKey: Uint8Array,
  length: number,
): Promise<{ readonly url: string; readonly server: Server }> {
  const json = await (await fetch(operatorUrl + OPERATOR_PATHS.chain)).json();
  const { chainId: id, operator, lo, hi, expiry, ...facts } = insist(factsForm.read(json));
  const blocks: Uint8Array[] = [];
  for (const { bytes } of makeBlocks({ id, operator, lo, hi, expiry }, privateKey)) {
    if (blocks.push(bytes) === length) break;
  }
  const long = factsForm.write({ ...facts, chainId: id, operator, lo, hi, expiry, height: length });
  const server = createServer((request, answer) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", operatorUrl);
    answer.setHeader("access-control-allow-origin", "*");
    answer.setHeader("cross-origin-resource-policy", "cross-origin");
    if (pathname === OPERATOR_PATHS.chain) {
      answer.setHeader("content-type", "application/json");
      answer.end(JSON.stringify(long));
    } else if (pathname === OPERATOR_PATHS.blocks) {
      const from = Number(searchParams.get("from")) - 1;
      answer.end(encodeBlockFrames(blocks.slice(from, from + Number(searchParams.get("count")))));
    } else answer.writeHead(404).end();
  });
  const sockets = new WebSocketServer({ server, path: OPERATOR_PATHS.stream });
  const stream = createBlockStreams({
    block: async (height) => blocks[height - 1],
    publishedHeight: () => length,
    onBlock: () => () => undefined,
  });
  sockets.on("connection", (socket, request) => {
    const { searchParams } = new URL(request.url ?? "/", operatorUrl);
    const window = searchParams.get("window");
    stream(
      socket,
      Number(searchParams.get("from") ?? "1"),
      window === null ? undefined : Number(window),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}
