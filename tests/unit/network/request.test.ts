import { createServer, type Server } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createMainChainSource } from "../../../src/network/mainChainSource.ts";
import { createOperatorSource } from "../../../src/network/operatorSource.ts";

type Answer = { status: number; body: string | Uint8Array; type?: string };

let server: Server;
let url: string;
let answer: Answer | "cut";

beforeEach(async () => {
  server = createServer((_, response) => {
    if (answer === "cut") {
      response.writeHead(200, { "content-length": "1000" });
      response.write("half");
      response.destroy();
      return;
    }
    response.writeHead(answer.status).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

describe("what a server answers", () => {
  it("is headers of 143 bytes, or no answer", async () => {
    const source = createMainChainSource(url);
    answer = { status: 200, body: new Uint8Array(286) };
    expect(await source.headers(1, 2)).toHaveLength(2);
    answer = { status: 200, body: new Uint8Array(285) };
    await expect(source.headers(1, 2)).rejects.toMatchObject({ code: "BAD_ANSWER" });
  });

  it("is cut off where it is longer than anything honest", async () => {
    answer = { status: 200, body: new Uint8Array(400_000) };
    await expect(createMainChainSource(url).headers(1, 2)).rejects.toMatchObject({
      code: "BAD_ANSWER",
    });
  });

  it("is a refusal as data, or a failure", async () => {
    const source = createMainChainSource(url);
    answer = { status: 409, body: JSON.stringify({ code: "NONCE_USED", message: "it is used" }) };
    expect(await source.send(Uint8Array.of(1))).toMatchObject({ ok: false, code: "NONCE_USED" });
    await expect(source.headers(1, 2)).rejects.toMatchObject({ code: "REFUSED" });
    answer = { status: 502, body: JSON.stringify({ error: "bad gateway" }) };
    await expect(source.send(Uint8Array.of(1))).rejects.toMatchObject({ code: "DOWN" });
    answer = { status: 500, body: "<html>" };
    await expect(source.send(Uint8Array.of(1))).rejects.toMatchObject({ code: "BAD_ANSWER" });
  });

  it("counts for nothing when it stops in the middle, or nobody is there", async () => {
    answer = "cut";
    await expect(createMainChainSource(url).headers(1, 2)).rejects.toMatchObject({ code: "DOWN" });
    const nobody = createMainChainSource("http://127.0.0.1:9");
    await expect(nobody.headers(1, 2)).rejects.toMatchObject({ code: "DOWN" });
  });

  it("is an operator's JSON in its form, or no answer", async () => {
    const source = createOperatorSource(url);
    for (const body of ["", "null", "[]", '{"chainId":"00"}', "{", "\u0000"]) {
      answer = { status: 200, body };
      await expect(source.facts()).rejects.toMatchObject({ code: "BAD_ANSWER" });
    }
    answer = { status: 200, body: new Uint8Array([0, 1, 0, 0, 0, 9]) };
    await expect(source.blocks(1, 1)).rejects.toMatchObject({ code: "BAD_ANSWER" });
  });
});
