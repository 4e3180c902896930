import { OPERATOR_PATHS, type TakerAnswer, type TakerMessage } from "../api/operatorApi.ts";
import { takerAnswerForm, takerMessageForm } from "../api/operatorApiJson.ts";
import { openLiveSocket, type SocketOptions, socketUrl } from "./liveSocket.ts";

/** A taker's side of an operator's trade socket: signs in again after every cut. */
export function createTraderSocket(
  url: string,
  options: SocketOptions,
  taker: {
    readonly signIn: (
      chainId: Uint8Array,
      challenge: Uint8Array,
    ) => Promise<{ readonly publicKey: Uint8Array; readonly signature: Uint8Array }>;
    readonly onMessage: (message: TakerMessage) => void;
    readonly onDown: () => void;
  },
): { answer(answer: TakerAnswer): void; close(): void } {
  const answer = (said: TakerAnswer) => socket.send(JSON.stringify(takerAnswerForm.write(said)));

  function onMessage(data: string | Uint8Array): void {
    const message = readMessage(data);
    if (message === undefined) return;
    if (message.kind === "challenge") {
      void taker
        .signIn(message.chainId, message.challenge)
        .then((signed) => answer({ kind: "signIn", ...signed }));
      return;
    }
    taker.onMessage(message);
  }

  const trade = () => socketUrl(url, OPERATOR_PATHS.trade);
  const socket = openLiveSocket(trade, options, { onMessage, onDown: taker.onDown });
  return { answer, close: () => socket.close() };
}

/** What is no message of ours is as good as nothing. */
function readMessage(data: string | Uint8Array): TakerMessage | undefined {
  if (typeof data !== "string") return undefined;
  try {
    const read = takerMessageForm.read(JSON.parse(data));
    return read.ok ? read.value : undefined;
  } catch {
    return undefined;
  }
}
