import { WebSocket } from "ws";
import { decodeProofs, encodeProofRequest, NODE_PATHS, splitHeaders } from "../api/mainChainApi.ts";
import { refusalForm } from "../api/refusalForm.ts";
import { decodeHeader, hashHeader } from "../chain/header/header.ts";
import { verifyMapProof } from "../lib/map/mapProof.ts";
import { accept, insist, refuse, type Verdict } from "../lib/verdict.ts";
import { STATE_MAPS } from "../protocol/factEvidence.ts";
import type { MainHeader, NodePort } from "./nodePort.ts";

const REQUEST_MS = 10_000;
/** Pause before a lost stream is opened again. */
const RETRY_MS = 500;

/** The operator's own node over HTTP and WebSocket. */
export function createHttpNode(url: string): NodePort & {
  requestCoins(key: Uint8Array): Promise<Verdict<null>>;
  /** Requests that the node has not answered yet. */
  pendingCount(): number;
} {
  let tip: MainHeader | undefined;
  let pending = 0;

  async function ask(path: string, body?: Uint8Array): Promise<Response> {
    pending += 1;
    const answer = fetch(url + path, {
      ...(body === undefined
        ? {}
        : {
            method: "POST",
            headers: { "content-type": "application/octet-stream" },
            body: Buffer.from(body),
          }),
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    return answer.finally(() => {
      pending -= 1;
    });
  }

  async function askBytes(path: string, body?: Uint8Array): Promise<Uint8Array> {
    const answer = await ask(path, body);
    if (!answer.ok) throw new Error(`the node answered ${answer.status} to ${path}`);
    return new Uint8Array(await answer.arrayBuffer());
  }

  async function handIn(path: string, body: Uint8Array): Promise<Verdict<null>> {
    const answer = await ask(path, body);
    if (answer.ok) return accept(null);
    const refusal = refusalForm.read(await answer.json());
    if (!refusal.ok) throw new Error(`the node answered ${answer.status} to ${path}`);
    return refuse(refusal.value.code, refusal.value.message);
  }

  return {
    async tip() {
      if (tip === undefined) throw new Error("the node has not announced its tip yet");
      return tip;
    },

    async headerAt(height) {
      const headers = splitHeaders(await askBytes(`${NODE_PATHS.headers}?from=${height}&count=1`));
      const bytes = headers.ok ? headers.value[0] : undefined;
      if (bytes === undefined) throw new Error(`the node has no header at height ${height}`);
      return readHeader(bytes);
    },

    async read(keys, header) {
      const request = encodeProofRequest({ at: header.hash, keys });
      const evidence = insist(decodeProofs(await askBytes(NODE_PATHS.proofs, request)));
      const values = keys.map(({ map, key }, index) => {
        const root = evidence.mapRoots[STATE_MAPS.indexOf(map)] ?? new Uint8Array();
        return insist(verifyMapProof(root, key, evidence.proofs[index] ?? new Uint8Array()));
      });
      return { values, evidence };
    },

    send: (transaction) => handIn(NODE_PATHS.transactions, transaction),
    pendingCount: () => pending,
    requestCoins: (key) => handIn(NODE_PATHS.coins, key),

    follow(onTip) {
      let isClosed = false;
      let timer: NodeJS.Timeout | undefined;
      let socket: WebSocket | undefined;
      const connect = () => {
        if (isClosed) return;
        socket = new WebSocket(url.replace(/^http/, "ws") + NODE_PATHS.stream, {
          maxPayload: 4_096,
          handshakeTimeout: REQUEST_MS,
        });
        socket.on("message", (data: Buffer) => {
          tip = readHeader(new Uint8Array(data));
          onTip();
        });
        // A failed socket closes, and closing is what tries again.
        socket.on("error", () => undefined);
        socket.on("close", () => {
          timer = setTimeout(connect, RETRY_MS);
        });
      };
      connect();
      return () => {
        isClosed = true;
        clearTimeout(timer);
        socket?.terminate();
      };
    },
  };
}

function readHeader(bytes: Uint8Array): MainHeader {
  const header = insist(decodeHeader(bytes));
  return { ...header, hash: hashHeader(header) };
}
