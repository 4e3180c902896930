import { encodeSignIn } from "../api/operatorApi.ts";
import { openNodeSocket } from "../headless/nodeSocket.ts";
import { formatHex } from "../lib/hex.ts";
import { createTraderSocket } from "../network/traderSocket.ts";
import { readAgentFlags } from "./agentFlags.ts";
import { createCounterparty } from "./counterparty.ts";
import { openAgent } from "./openAgent.ts";
import { runAgent } from "./runAgent.ts";

/**
 * The counterparty: buys space, takes the other side of bets, and buys positions back.
 * `counterparty --data DIR --node URL --operator URL --space SATOSHI --spread-bps N`
 */
const flags = readAgentFlags(process.argv.slice(2), ["operator", "space", "spread-bps"]);
const url = flags.text("operator");
const policy = {
  space: BigInt(flags.text("space")),
  yesBps: 5_000n,
  spreadBps: BigInt(flags.text("spread-bps")),
};
let nowMs = 0;
const now = () => (flags.manual ? nowMs : Date.now());
const agent = await openAgent({ ...flags, now });
const { wallet, signer } = agent;
const { chainId } = await agent.operatorAt(url).facts();
const counterparty = createCounterparty(wallet, chainId, policy);

const socket = createTraderSocket(
  url,
  { openSocket: openNodeSocket },
  {
    async signIn(id, challenge) {
      const signature = await signer.sign("signRequest", encodeSignIn(id, challenge));
      return { publicKey: signer.publicKey, signature };
    },
    onMessage(message) {
      void counterparty.answer(message).then((answer) => {
        if (answer?.kind === "quote") socket.answer(answer);
      });
    },
    onDown: () => undefined,
  },
);

async function work(): Promise<void> {
  const hands = wallet.hands();
  if (hands === undefined) return;
  if (hands.outbox.account().balance < policy.space) await wallet.requestCoins();
  else if (wallet.tracker.find(chainId) === undefined) await wallet.follow(url);
  else await counterparty.work();
}

runAgent(agent, {
  manual: flags.manual,
  work,
  onTime: (ms) => {
    nowMs = ms;
  },
  close: () => socket.close(),
});
process.send?.({ kind: "up", publicKey: formatHex(signer.publicKey) });
