import { randomBytes } from "node:crypto";
import type { RawData, WebSocket } from "ws";
import { encodeSignIn, type TakerMessage } from "../../api/operatorApi.ts";
import { takerAnswerForm, takerMessageForm } from "../../api/operatorApiJson.ts";
import { createRateLimiter } from "../../http/rateLimiter.ts";
import { formatHex } from "../../lib/hex.ts";
import { accept, refuse, type Verdict } from "../../lib/verdict.ts";
import { isSignedBy } from "../../protocol/rules.ts";
import type { Operator } from "../operator.ts";
import { SERVER_LIMITS } from "./serverLimits.ts";

/**
 * The sockets of takers. Each signs a challenge of its own before anything it says counts; of two
 * sockets with one key the newer stays.
 */
export function createTradeSockets(
  operator: Operator,
  now: () => number,
): (socket: WebSocket) => void {
  const takers = new Map<string, WebSocket>();
  operator.onTakerMessage((taker, message) => {
    const socket = takers.get(formatHex(taker));
    if (socket !== undefined) say(socket, message);
  });

  return (socket) => {
    const { rules, chain } = operator.state;
    const challenge = new Uint8Array(randomBytes(32));
    const mayTalk = createRateLimiter(
      SERVER_LIMITS.messagesPerSecond,
      SERVER_LIMITS.messagesBurst,
      now,
    );
    let taker: Uint8Array | undefined;
    const impatience = setTimeout(() => {
      end(refuse("SIGN_IN_LATE", "expected the challenge to be signed by now"));
    }, SERVER_LIMITS.signInMs);

    function end({ code, message }: { readonly code: string; readonly message: string }): void {
      say(socket, { kind: "error", code, message });
      socket.close(1008, code);
    }

    function take(publicKey: Uint8Array): void {
      clearTimeout(impatience);
      taker = publicKey;
      const key = formatHex(publicKey);
      const older = takers.get(key);
      takers.set(key, socket);
      older?.close(1008, "REPLACED");
      operator.tell({ kind: "takerJoined", taker: publicKey });
      say(socket, { kind: "welcome" });
    }

    socket.on("message", (data, isBinary) => {
      if (!mayTalk("")) return end(refuse("TOO_FAST", "too many messages"));
      const parsed = parse(data, isBinary);
      const answer = parsed.ok ? takerAnswerForm.read(parsed.value) : parsed;
      if (!answer.ok) return end(answer);
      const said = answer.value;
      if (said.kind === "signIn") {
        if (taker !== undefined) return end(refuse("SIGNED_IN", "this socket is signed in"));
        const body = encodeSignIn(chain.id, challenge);
        if (!isSignedBy(rules, "signRequest", body, said.signature, said.publicKey)) {
          return end(refuse("BAD_SIGNATURE", "the challenge is not signed by this key"));
        }
        return take(said.publicKey);
      }
      if (taker === undefined) return end(refuse("NOT_SIGNED_IN", "sign the challenge first"));
      operator.tell({ kind: "quote", taker, id: said.proposalId, price: said.price });
    });

    socket.on("close", () => {
      clearTimeout(impatience);
      if (taker === undefined) return;
      const key = formatHex(taker);
      if (takers.get(key) !== socket) return;
      takers.delete(key);
      operator.tell({ kind: "takerLeft", taker });
    });

    say(socket, { kind: "challenge", chainId: chain.id, challenge });
  };
}

/** Say something; a reader who lets too much pile up is cut. */
function say(socket: WebSocket, message: TakerMessage): void {
  if (socket.readyState !== socket.OPEN) return;
  if (socket.bufferedAmount > SERVER_LIMITS.bufferedBytes) {
    socket.terminate();
    return;
  }
  socket.send(JSON.stringify(takerMessageForm.write(message)));
}

function parse(data: RawData, isBinary: boolean): Verdict<unknown> {
  if (isBinary) return refuse("NOT_JSON", "expected a text message");
  try {
    const json: unknown = JSON.parse(data.toString());
    return accept(json);
  } catch {
    return refuse("NOT_JSON", "expected JSON");
  }
}
