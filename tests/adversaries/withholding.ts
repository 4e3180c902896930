import { type OperatorFacts, SourceError } from "../../src/client/ports.ts";
import type { Adversary } from "./adversary.ts";
import { leavesOf } from "./forging.ts";
import type { Level, Recording } from "./recording.ts";

/** How an operator holds back the block of a height, and what comes after it. */
export const WITHHOLDINGS: Readonly<Record<string, (url: string, height: number) => Adversary>> = {
  "withheld: the block and all after it": (url, height) => ({
    blocks: (call, honest) =>
      call.url === url ? honest.slice(0, Math.max(0, height - call.from)) : [...honest],
  }),
  "withheld: no answer once it is asked for": (url, height) => ({
    blocks(call, honest) {
      if (call.url !== url || call.from + honest.length <= height) return [...honest];
      const known = honest.slice(0, Math.max(0, height - call.from));
      if (known.length === 0) throw new SourceError("DOWN", "the operator is silent");
      return known;
    },
  }),
  "withheld: bytes without end in its place": (url, height) => ({
    blocks(call, honest) {
      const index = height - call.from;
      if (call.url !== url || index < 0 || index >= honest.length) return [...honest];
      return [...honest.slice(0, index), new Uint8Array(100_000).fill(0xff)];
    },
  }),
};

/** What an operator may say of his chain that its parent's blocks do not bear out. */
export const FALSE_FACTS: Readonly<
  Record<string, (recording: Recording, level: Level) => Adversary | undefined>
> = {
  "an unsealed chain": ({ chains, user }, level) =>
    lieAboutFacts(chains[level].url, (facts) => {
      const content = chains.exchange.before.at(-1);
      const own = content && leavesOf(content).find((leaf) => !leaf.sealed);
      return { ...facts, chainId: own?.id ?? facts.chainId, operator: own?.owner ?? user };
    }),
  "a chain of no contract at all": ({ chains, user }, level) =>
    lieAboutFacts(chains[level].url, (facts) => ({ ...facts, chainId: user.slice(1) })),
  "another operator's chain": ({ chains, user }, level) =>
    lieAboutFacts(chains[level].url, (facts) => ({ ...facts, operator: user })),
  "another parent": ({ chains }, level) => {
    if (level !== "syndicate") return undefined;
    const { exchange } = chains;
    const parent = { chainId: exchange.chain.id, url: exchange.url };
    return lieAboutFacts(chains[level].url, (facts) => ({ ...facts, parent }));
  },
  "its own parent": ({ chains }, level) => {
    const { url, chain } = chains[level];
    return lieAboutFacts(url, (facts) => ({
      ...facts,
      chainId: chain.operator.slice(1),
      parent: { chainId: chain.id, url },
    }));
  },
};

function lieAboutFacts(url: string, lie: (facts: OperatorFacts) => OperatorFacts): Adversary {
  return { facts: (asked, honest) => (asked === url ? lie(honest) : honest) };
}
