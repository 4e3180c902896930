import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A request that went by: its path and its body. */
export type Tapped = { readonly path: string; readonly body: string };

/** A way to a server that passes all on and remembers what was posted there, whether or not an answer came back. */
export async function tapWire(target: string): Promise<{
  readonly url: string;
  posted(): Tapped[];
  close(): void;
}> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const sent: Buffer[][] = [];
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    const bytes: Buffer[] = [];
    sent.push(bytes);
    near.on("data", (chunk) => bytes.push(chunk));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    posted: () => sent.flatMap((bytes) => readPosted(Buffer.concat(bytes).toString("latin1"))),
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** The POST requests in what one connection has carried; one that was cut off in the middle is left out. */
function readPosted(text: string): Tapped[] {
  const found: Tapped[] = [];
  for (const head of text.matchAll(/POST ([^ ]+) HTTP\/1[.]1\r\n(?:[^\r]+\r\n)*\r\n/g)) {
    const length = Number(/content-length: ([0-9]+)/i.exec(head[0])?.[1] ?? 0);
    const from = head.index + head[0].length;
    if (text.length >= from + length) {
      found.push({ path: head[1] ?? "", body: text.slice(from, from + length) });
    }
  }
  return found;
}
