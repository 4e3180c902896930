import type { FeedMessage } from "../api/marketApi.ts";
import type { Wallet } from "../client/wallet.ts";
import { formatHex } from "../lib/hex.ts";
import type { AgentFlags } from "./agentFlags.ts";
import { openAgent } from "./openAgent.ts";
import type { Stock } from "./ownSpace.ts";
import { runAgent } from "./runAgent.ts";

/** The flags of every program that trades in the books of one operator. */
export const TRADER_FLAGS = ["operator", "until", "seed", "size", "pieces", "width"] as const;

/** What such a program does in a chain that its wallet follows. */
export type Trader = {
  /** Called before the wallet checks what is new. `height`: of the operator's newest block, as he says. */
  readonly prepare?: (height: number) => Promise<void>;
  readonly work: () => Promise<void>;
  readonly hear?: (message: FeedMessage) => void;
};

/** What a trader is made with. `now`: unix milliseconds. */
export type TraderTools = {
  readonly wallet: Wallet;
  readonly chainId: Uint8Array;
  readonly now: () => number;
};

/** The flags that have one meaning for all traders. */
export function readTraderFlags(flags: AgentFlags): {
  readonly until: number;
  readonly stock: Stock;
} {
  return {
    until: Number(flags.amount("until", String(Number.MAX_SAFE_INTEGER))),
    stock: {
      pieces: Number(flags.amount("pieces", "6")),
      width: flags.amount("width", "500000000"),
    },
  };
}

/**
 * Let a trader live: get coins, follow the operator's chain, and then work at each block of his and of the main
 * chain, over the same interface that any wallet uses.
 */
export async function runTrader(
  flags: AgentFlags,
  { pieces, width }: Stock,
  create: (tools: TraderTools) => Trader,
): Promise<void> {
  const url = flags.text("operator");
  let nowMs = 0;
  const now = () => (flags.manual ? nowMs : Date.now());
  const agent = await openAgent({ ...flags, now });
  const { wallet, signer } = agent;
  const operator = agent.operatorAt(url);
  const { chainId } = await operator.facts();
  const { prepare, work, hear } = create({ wallet, chainId, now });
  const closers: (() => void)[] = [];
  if (hear !== undefined) closers.push(operator.followFeed(hear, () => undefined));
  const isFollowed = () => wallet.tracker.find(chainId) !== undefined;

  runAgent(agent, {
    manual: flags.manual,
    async prepare() {
      if (prepare !== undefined && isFollowed()) await prepare((await operator.facts()).height);
    },
    async work() {
      const balance = wallet.hands()?.outbox.account().balance ?? 0n;
      if (isFollowed()) await work();
      else if (balance < width * BigInt(pieces)) await wallet.requestCoins();
      else await wallet.follow(url);
    },
    follow: (onNews) => closers.push(operator.follow(onNews, () => undefined)),
    onTime: (ms) => {
      nowMs = ms;
    },
    close: () => {
      for (const close of closers) close();
    },
  });
  process.send?.({ kind: "up", publicKey: formatHex(signer.publicKey) });
}
