import { createServer, type IncomingMessage, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { OPERATOR_PATHS } from "../../src/api/operatorApi.ts";
import { decodeBlockFrames, encodeBlockFrames } from "../../src/api/operatorApiBlocks.ts";
import { insist } from "../../src/lib/verdict.ts";

/** What is served in place of a block; the same bytes where he does not lie. */
type Replace = (height: number, bytes: Uint8Array) => Uint8Array;

/**
 * An operator's interface with a lie in it: all goes through to the real one, and of the blocks that he
 * serves some are replaced. The stream only says that there is something new, so its bytes are left alone.
 *
 * @param operatorUrl - of the real operator. @returns the front's own address.
 */
export async function startLyingFront(
  operatorUrl: string,
  replace: Replace,
): Promise<{ readonly url: string; readonly server: Server }> {
  const { hostname, port } = new URL(operatorUrl);
  const passOn = (incoming: IncomingMessage) => ({
    hostname,
    port,
    method: incoming.method,
    path: incoming.url,
    headers: incoming.headers,
  });
  const server = createServer((incoming, answer) => {
    const { pathname, searchParams } = new URL(incoming.url ?? "/", operatorUrl);
    const outgoing = request(passOn(incoming), (real) => {
      const chunks: Buffer[] = [];
      real.on("data", (chunk: Buffer) => chunks.push(chunk));
      real.on("end", () => {
        const body = Buffer.concat(chunks);
        const isBlocks = pathname === OPERATOR_PATHS.blocks && real.statusCode === 200;
        const from = Number(searchParams.get("from") ?? "1");
        const said = isBlocks ? replaceBlocks(body, from, replace) : body;
        const { "content-length": _, "transfer-encoding": __, ...headers } = real.headers;
        answer.writeHead(real.statusCode ?? 502, headers).end(said);
      });
    });
    outgoing.on("error", () => answer.writeHead(502).end());
    incoming.pipe(outgoing);
  });
  server.on("upgrade", (incoming, client, head) => {
    const outgoing = request(passOn(incoming));
    outgoing.on("upgrade", (real, socket) => {
      const lines = Object.entries(real.headers).map(([name, value]) => `${name}: ${value}`);
      client.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join("\r\n")}\r\n\r\n`);
      socket.write(head);
      for (const [from, to] of [
        [socket, client],
        [client, socket],
      ] as const) {
        from.pipe(to);
        from.on("error", () => to.destroy());
        from.on("close", () => to.destroy());
      }
    });
    outgoing.on("error", () => client.destroy());
    outgoing.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

function replaceBlocks(body: Uint8Array, from: number, replace: Replace): Uint8Array {
  const blocks = insist(decodeBlockFrames(new Uint8Array(body)));
  return encodeBlockFrames(blocks.map((bytes, index) => replace(from + index, bytes)));
}
