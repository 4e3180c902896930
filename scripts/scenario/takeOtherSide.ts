import { type CounterpartyPolicy, createCounterparty } from "../../src/agents/counterparty.ts";
import type { Agent } from "../../src/agents/openAgent.ts";
import { encodeSignIn } from "../../src/api/operatorApi.ts";
import { openNodeSocket } from "../../src/headless/nodeSocket.ts";
import { createTraderSocket } from "../../src/network/traderSocket.ts";

/** Let a wallet of the driver's answer at an operator's trade socket: it takes bets, and buys what others sell. */
export async function takeOtherSide(
  { wallet, signer }: Agent,
  url: string,
  chainId: Uint8Array,
  policy: CounterpartyPolicy,
): Promise<{ close(): void }> {
  const counterparty = createCounterparty(wallet, chainId, policy);
  let welcome = () => {};
  const isWelcome = new Promise<void>((resolve) => {
    welcome = resolve;
  });
  const socket = createTraderSocket(
    url,
    { openSocket: openNodeSocket },
    {
      async signIn(id, challenge) {
        const signature = await signer.sign("signRequest", encodeSignIn(id, challenge));
        return { publicKey: signer.publicKey, signature };
      },
      onMessage(message) {
        if (message.kind === "welcome") welcome();
        void counterparty.answer(message).then((answer) => {
          if (answer?.kind === "quote") socket.answer(answer);
        });
      },
      onDown: () => undefined,
    },
  );
  await isWelcome;
  return socket;
}
