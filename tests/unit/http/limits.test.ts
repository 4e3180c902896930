import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { createApp } from "../../../src/http/createApp.ts";
import { nameSource } from "../../../src/http/nameSource.ts";
import { serveStreams } from "../../../src/http/serveStreams.ts";

const LIMITS = {
  bodyBytes: 1_024,
  headerBytes: 4_096,
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 5_000,
  connectionsCheckingMs: 1_000,
  requestsPerSecond: 1_000,
  requestsBurst: 1_000,
  connections: { perSource: 3, total: 5 },
  streams: { perSource: 2, total: 4 },
  messageBytes: 64,
  pingMs: 10_000,
};

type Answer = { readonly status: string; readonly body: string };

const open: Socket[] = [];
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy();
  for (const close of closers.splice(0)) await close();
});

async function serve(limits = LIMITS, host = "0.0.0.0"): Promise<number> {
  const app = createApp(limits, () => 0);
  app.get("/here", async () => "here");
  serveStreams(app, limits, ({ pathname }) =>
    pathname === "/stream" ? (socket) => socket.send("welcome") : undefined,
  );
  await app.listen({ host, port: 0 });
  closers.push(() => app.close());
  const address = app.server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** A connection from one of this machine's own addresses, on which nothing is asked yet. */
async function dial(port: number, localAddress = "127.0.0.1"): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", localAddress });
  socket.on("error", () => undefined);
  open.push(socket);
  await once(socket, "connect");
  return socket;
}

/** Ask on a connection, and read all that comes until it is closed. */
async function ask(socket: Socket, path = "/here"): Promise<Answer> {
  let text = "";
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  socket.write(`GET ${path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n`);
  await once(socket, "close");
  const [head = "", body = ""] = text.split("\r\n\r\n");
  return { status: head.split(" ")[1] ?? "", body };
}

/** Open a stream: it, or the refusal. */
async function openStream(port: number, path = "/stream"): Promise<WebSocket | Answer> {
  const stream = new WebSocket(`ws://127.0.0.1:${port}${path}`);
  stream.on("error", () => undefined);
  closers.unshift(async () => stream.terminate());
  const refused = once(stream, "unexpected-response").then(async ([, answer]) => {
    let body = "";
    for await (const chunk of answer) body += String(chunk);
    return { status: String(answer.statusCode), body };
  });
  return Promise.race([once(stream, "message").then(() => stream), refused]);
}

const TOO_MANY = expect.stringContaining('"code":"TOO_MANY"');

describe("connections of one source", () => {
  it("are refused in words beyond their number, whether or not the others ask for anything", async () => {
    const port = await serve();
    const idle = [await dial(port), await dial(port), await dial(port)] as const;
    expect(await ask(await dial(port))).toEqual({ status: "503", body: TOO_MANY });
    // Another source has room, and so has this one again when one of its own is closed.
    expect(await ask(await dial(port, "127.0.0.2"))).toEqual({ status: "200", body: "here" });
    expect(await ask(idle[0])).toEqual({ status: "200", body: "here" });
    expect(await ask(await dial(port))).toEqual({ status: "200", body: "here" });
  });

  it("are refused beyond the number of all sources together", async () => {
    const port = await serve();
    for (const source of ["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"]) {
      await dial(port, source);
    }
    expect(await ask(await dial(port, "127.0.0.6"))).toEqual({ status: "503", body: TOO_MANY });
  });

  it("are limited by whatever name the server listens", async () => {
    const port = await serve({ ...LIMITS, connections: { perSource: 0, total: 5 } }, "localhost");
    const answers: string[] = [];
    for (const host of ["127.0.0.1", "::1"]) {
      const socket = connect({ port, host });
      open.push(socket);
      const isHeard = await once(socket, "connect").catch(() => undefined);
      if (isHeard !== undefined) answers.push((await ask(socket)).status);
    }
    expect(new Set(answers)).toEqual(new Set(["503"]));
  });

  it("are cut without a word where many are being refused already", async () => {
    const port = await serve({ ...LIMITS, connections: { perSource: 0, total: 0 } });
    const refused = Array.from({ length: 100 }, () => {
      const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
      open.push(socket);
      let heard = 0;
      socket
        .on("error", () => undefined)
        .on("data", (chunk: Buffer) => {
          heard += chunk.length;
        });
      return new Promise<number>((resolve) => {
        socket.on("end", () => resolve(heard)).on("close", () => resolve(heard));
      });
    });
    const heard = await Promise.all(refused);
    expect(heard.filter((bytes) => bytes > 0)).toHaveLength(64);
  });

  it("are closed when they are refused, though the other end keeps them open", async () => {
    const port = await serve({ ...LIMITS, connections: { perSource: 0, total: 5 } });
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    open.push(socket);
    socket.on("error", () => socket.destroy()).resume();
    await once(socket, "end");
    // It never closes, but what it says is soon heard by nobody.
    const talking = setInterval(() => socket.write("more"), 20);
    await new Promise((resolve) => socket.on("close", resolve));
    clearInterval(talking);
  });
});

describe("streams of one source", () => {
  it("are refused in words beyond their number, and counted down when they end", async () => {
    const port = await serve({ ...LIMITS, connections: { perSource: 20, total: 20 } });
    const [first] = [await openStream(port), await openStream(port)];
    expect(await openStream(port)).toEqual({ status: "503", body: TOO_MANY });
    expect(await openStream(port, "/other")).toEqual({
      status: "404",
      body: expect.stringContaining('"code":"NO_SUCH_PATH"'),
    });
    if (!(first instanceof WebSocket)) throw new Error("the first stream was refused");
    first.close();
    await once(first, "close");
    expect(await openStream(port)).toBeInstanceOf(WebSocket);
  });

  it("count as connections too", async () => {
    const port = await serve();
    await openStream(port);
    await openStream(port);
    await dial(port);
    expect(await ask(await dial(port))).toEqual({ status: "503", body: TOO_MANY });
  });
});

it("names all addresses of one subscriber's network the same", () => {
  expect(nameSource("192.0.2.7")).toBe("192.0.2.7");
  expect(nameSource("::ffff:192.0.2.7")).toBe("192.0.2.7");
  expect(nameSource("2001:db8:1:2:3:4:5:6")).toBe(nameSource("2001:DB8:1:2::9"));
  expect(nameSource("2001:db8:1:2::1")).not.toBe(nameSource("2001:db8:1:3::1"));
  expect(nameSource("2001:db8::1")).toBe("2001:db8:0:0::/64");
  expect(nameSource("::1")).toBe("0:0:0:0::/64");
  expect(nameSource(undefined)).toBe("");
});
