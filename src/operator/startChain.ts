import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { OperatorFacts } from "../api/operatorApi.ts";
import type { ChainFacts } from "../blocks/applyTransactions.ts";
import type { Wallet } from "../client/wallet.ts";
import { openStore } from "../disk/openStore.ts";
import { openWallet } from "../headless/openWallet.ts";
import type { ServedChains } from "../http/chainRoutes.ts";
import { assert } from "../lib/assert.ts";
import { demand } from "../lib/verdict.ts";
import { openArchive } from "../mirror/archive.ts";
import { createMirroredChains } from "../mirror/mirroredChains.ts";
import type { PostPlace } from "../protocol/anchor.ts";
import type { Rules } from "../protocol/rules.ts";
import { createAnswerLink } from "./answerLink.ts";
import type { AnswerPort } from "./answerRequests.ts";
import { type ChainEnd, createChainEnd } from "./chainEnd.ts";
import { createDefence, type Defence } from "./defence.ts";
import { rowKey } from "./engine/rowKey.ts";
import type { createHttpNode } from "./httpNode.ts";
import { createMainChainDefence } from "./mainChainDefence.ts";
import { createMainChainLink } from "./mainChainLink.ts";
import type { MainChainPort } from "./mainChainPort.ts";
import type { InsideFlags } from "./nested/insideFlags.ts";
import { createNestedAnswers } from "./nested/nestedAnswers.ts";
import { createNestedDefence } from "./nested/nestedDefence.ts";
import { createNestedEnd } from "./nested/nestedEnd.ts";
import { createNestedLink } from "./nested/nestedLink.ts";
import { openNested } from "./nested/openNested.ts";
import { createSwitchingLink } from "./nested/switchingLink.ts";
import { createWalletSigner } from "./nested/walletSigner.ts";
import { openChain } from "./openChain.ts";
import type { OperatorFlags } from "./parseFlags.ts";
import type { RunningSigner } from "./signer/startSigner.ts";
import type { RowStore } from "./store/rowStore.ts";
import type { Turns } from "./turns.ts";

/** A chain that an operator can run: its facts, where it posts, and how. */
export type StartedChain = {
  readonly chain: ChainFacts;
  readonly place: PostPlace;
  readonly mainChain: MainChainPort;
  readonly answers: AnswerPort;
  readonly end: ChainEnd;
  readonly defence: Defence;
  /** The chain that it is inside of, and where that is served; undefined for one on the main chain. */
  readonly parent: OperatorFacts["parent"];
  /** The chains above with their blocks, which need none of their own operators to be read; undefined as before. */
  readonly above: ServedChains | undefined;
  close(): Promise<void>;
};

/** What the start of a chain needs; `say` is told in words what is waited for. */
export type ChainStart = {
  readonly flags: OperatorFlags;
  readonly rules: Rules;
  readonly store: RowStore;
  readonly signer: RunningSigner;
  readonly node: ReturnType<typeof createHttpNode>;
  readonly turns: Turns;
  readonly now: () => number;
  readonly say: (words: string) => void;
};

/** Open the chain of this data directory, or make it. Throws a `Refusal` in words a person can act on. */
export async function startChain(start: ChainStart): Promise<StartedChain> {
  const { flags, rules, store, signer, node, turns } = start;
  await turns.ready;
  const own: MainChainPort = {
    ...createMainChainLink(node, signer.publicKey, rules.parameters.confirmations),
    follow: turns.follow,
  };
  if (flags.inside !== undefined) return startInside(start, flags.inside, own);
  const isNested = (await store.get(rowKey.nested)) !== undefined;
  demand(
    !isNested,
    "FLAG_MISSING",
    "this data directory has a chain inside another: give --parent",
  );
  const operator = signer.publicKey;
  const chain = await openChain({
    store,
    node,
    signer,
    operator,
    create: flags.create,
    nextTip: turns.nextTip,
    requestCoins: flags.faucet ? () => node.requestCoins(operator) : undefined,
  });
  const place = { kind: "mainChain" } as const;
  const target = { topId: chain.id, chainId: chain.id, operator };
  const answers = createAnswerLink(node, rules, target, randomBytes(32));
  const { say } = start;
  const end = createChainEnd({ node, rules, signer, chain, say });
  const port = createMainChainDefence(node, signer, chain);
  const defence = createDefence({ port, signer, say });
  const close = async () => undefined;
  const outermost = { parent: undefined, above: undefined };
  return { chain, place, mainChain: own, answers, end, defence, ...outermost, close };
}

async function startInside(
  { flags, rules, store, signer, turns, now, say }: ChainStart,
  inside: InsideFlags,
  own: MainChainPort,
): Promise<StartedChain> {
  const isOnMain = (await store.get(rowKey.chain)) !== undefined;
  demand(!isOnMain, "BAD_FLAG", "this data directory has a chain on the main chain: no --parent");
  const blocks = await openStore(join(flags.data, "above"));
  const archive = await openArchive(blocks);
  const client = await openWallet({
    directory: join(flags.data, "client"),
    node: flags.node,
    signer: createWalletSigner(signer),
    now,
    archive,
  });
  const { wallet } = client;
  const close = () => client.close().finally(() => blocks.close());
  try {
    const { faucet } = flags;
    const { nextTip } = turns;
    const nested = await openNested({ wallet, store, inside, faucet, nextTip, say });
    const { chain, place } = nested;
    const mainChain =
      place.kind === "mainChain"
        ? syncWith(wallet, own)
        : createSwitchingLink({
            wallet,
            anchored: createNestedLink({ wallet, node: own, chain, anchorId: place.id }),
            own,
          });
    const parent = wallet.tracker.find(nested.parent.chainId);
    const [top] = parent === undefined ? [] : wallet.tracker.withAncestors(parent);
    assert(top !== undefined, "the chain above is followed");
    const { id: topId } = top.followed.facts;
    const target = { topId, chainId: chain.id, operator: chain.operator };
    const answers = createNestedAnswers(wallet, target);
    const { chainId: parentId } = nested.parent;
    const end = createNestedEnd({ wallet, rules, chain, parentId, faucet, say });
    const port = createNestedDefence(wallet, rules, chain, parentId);
    const defence = createDefence({ port, signer, say });
    const above = createMirroredChains(wallet, rules.networkId, archive);
    return { ...nested, mainChain, answers, end, defence, above, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Who posts on the main chain still needs his light client for what is asked of him, and for the end. */
function syncWith(wallet: Wallet, own: MainChainPort): MainChainPort {
  return {
    ...own,
    async readView(state) {
      await wallet.sync();
      return own.readView(state);
    },
  };
}
