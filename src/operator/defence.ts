import { decodeBlock } from "../blocks/block.ts";
import { isTimed } from "../blocks/history.ts";
import { postMapRoot } from "../blocks/postMap.ts";
import { createClaimedTip, validateBlock } from "../blocks/validateBlock.ts";
import { buildCloseProof } from "../chain/settlement/buildCloseProof.ts";
import { isRunTrue } from "../chain/settlement/contractRun.ts";
import { draftMove } from "../chain/settlement/draftMove.ts";
import { computeClaimStart } from "../chain/settlement/draw.ts";
import { type ResultRecord, resultKeyOf } from "../chain/settlement/resultRecord.ts";
import { isSameContract, leavesOf } from "../chain/settlement/shownLine.ts";
import { CLOSES_MAX, type Slash } from "../chain/settlement/slash.ts";
import { type ChainRecord, lineageOf, readChainRecord } from "../chain/state/chainRecord.ts";
import { type GrownSlash, growSlash, type ShownClosing } from "../client/disputes/growSlash.ts";
import { rehearseSlash } from "../client/rehearseSlash.ts";
import { readResults, type SettlementReads } from "../client/settlementView.ts";
import { equalBytes } from "../lib/bytes.ts";
import { formatHex } from "../lib/hex.ts";
import { insist } from "../lib/verdict.ts";
import type { Leaf } from "../protocol/leaf.ts";
import { decodeWitness } from "../space/witness.ts";
import type { EngineState } from "./engine/engineState.ts";
import { type OwnRows, readBlock, readOwnRun } from "./ownBlocks.ts";
import type { SignerService } from "./signer/signerService.ts";

/** The main chain, as an operator defends his chain on it. Both methods reject when the node fails. */
export type DefencePort = {
  /** The account that sends the answers, and gets what they bring: the operator's own. */
  readonly carrier: Uint8Array;
  /** Under the newest tip: its records, and the on-chain chain in which this one's contracts are claimed, once it is drawn. */
  open(): Promise<
    { readonly reads: SettlementReads; readonly chainId: Uint8Array | undefined } | undefined
  >;
  /** Hand in slashes in this order; how many were taken. */
  send(slashes: readonly Slash[]): Promise<number>;
};

/**
 * Answers what is falsely claimed of a chain's contracts: with the close by which one was given up, and with the newer
 * terms that its holder has signed, too. Two results that stand in one chain and cannot both be true take its operator's
 * share, whoever lied.
 */
export type Defence = {
  /** Answer whatever stands under the newest tip. True if anything was sent. Rejects when the node fails; the next tip tries again. */
  advance(state: EngineState, store: OwnRows): Promise<boolean>;
};

/**
 * What has to be answered follows from what stands on the main chain, and what it is answered with from the operator's own
 * blocks and states: so a crash, or a reorg that takes an answer away, loses nothing.
 */
export function createDefence(options: {
  readonly port: DefencePort;
  readonly signer: Pick<SignerService, "sign">;
  readonly say: (words: string) => void;
}): Defence {
  const { port, signer } = options;
  let said = "";

  return {
    async advance(state, store) {
      const opened = await port.open();
      if (opened?.chainId === undefined) return false;
      const { reads, chainId } = opened;
      const start = computeClaimStart(state.chain.expiry, state.rules.parameters);
      if (reads.tip().header.height + 1 < start) return false;
      const chain = await reads.read("chains", chainId, readChainRecord);
      if (chain === undefined) return false;
      const field: Field = { state, store, reads, chain, carrier: port.carrier, signer };
      const slashes: Slash[] = [];
      for (const result of await readResults(reads, chainId)) {
        if (result.removal !== undefined) continue;
        const slash = await findAnswer(result, field);
        if (slash !== undefined) slashes.push(slash);
      }
      if (slashes.length === 0) return false;
      const sent = await port.send(slashes);
      const words = `answered ${sent} false claims of this chain's contracts`;
      if (sent > 0 && words !== said) options.say(words);
      said = words;
      return sent > 0;
    },
  };
}

type Field = Pick<DefencePort, "carrier"> & {
  readonly state: EngineState;
  readonly store: OwnRows;
  readonly reads: SettlementReads;
  readonly chain: ChainRecord;
  readonly signer: Pick<SignerService, "sign">;
};

/** What a standing result is answered with; undefined where nothing holds against it by the main chain's own rules. */
async function findAnswer(result: ResultRecord, field: Field): Promise<Slash | undefined> {
  const level = findOwnLevel(result, field);
  const shown = level === undefined ? undefined : result.line[level];
  if (level === undefined || shown === undefined) return undefined;
  const grown = await findClosings(result, level, shown.leaf, field);
  if (grown?.effect.ok === true) return grown.slash;
  const isLast = level === result.line.length - 1;
  return isLast && !shown.leaf.sealed ? findMove(result, shown.leaf, field) : undefined;
}

/** Which leaf of a line stands in the operator's own chain. */
function findOwnLevel({ line }: ResultRecord, { state, chain }: Field): number | undefined {
  const { id, operator } = state.chain;
  const own = lineageOf(chain).at(-1);
  const isOnChain = own !== undefined && equalBytes(own.id, id);
  if (isOnChain) return equalBytes(own.operator, operator) ? 0 : undefined;
  const above = line.findIndex(
    ({ leaf }) => leaf.sealed && equalBytes(leaf.id, id) && equalBytes(leaf.owner, operator),
  );
  return above === -1 || above === line.length - 1 ? undefined : above + 1;
}

/** The closes in a row by which the contract was given up, and what came of it, as far as they count. */
async function findClosings(
  result: ResultRecord,
  level: number,
  leaf: Leaf,
  field: Field,
): Promise<GrownSlash | undefined> {
  const { state, reads, carrier } = field;
  const closings: ShownClosing[] = [];
  let grown: GrownSlash | undefined;
  let next: Leaf | undefined = leaf;
  while (next !== undefined && closings.length < CLOSES_MAX) {
    const closing = await proveClosing(next, field);
    if (closing === undefined) break;
    closings.push(closing);
    grown = await growSlash(result, level, closings, carrier, reads, state.rules);
    if (grown?.effect.ok !== true || grown.slash.closes.length < closings.length) break;
    const key = resultKeyOf(result);
    const removed = grown.effect.value.put.find((each) => equalBytes(resultKeyOf(each), key));
    next = removed?.removal?.successor?.leaf;
  }
  return grown;
}

/** The close, or match, by which a contract of ours was given up, from our own block and what it shows of the states around it. */
async function proveClosing(
  leaf: Leaf,
  { state, store }: Field,
): Promise<ShownClosing | undefined> {
  const { chain, rules, index } = state;
  const height = index.gone.get(formatHex(leaf.id));
  const placed = height === undefined ? undefined : await readOwnRun(state, store, height);
  if (height === undefined || placed === undefined) return undefined;
  const block = insist(decodeBlock(await readBlock(store, height)));
  const checked = {
    rules: { ...rules, verify: () => true },
    chain,
    mainHeader: "believed",
  } as const;
  const { effects } = insist(validateBlock(block, createClaimedTip(block.header), checked));
  const closed = effects.closed.filter(isTimed);
  const own = closed.find((each) => isSameContract(each.leaf, leaf));
  if (own === undefined) return undefined;
  const { entry, run, at, before } = placed;
  const proof = buildCloseProof({
    sequence: entry.sequence,
    hops: entry.hops,
    hopsBefore: entry.hopsBefore,
    before,
    run,
    at,
    transactions: block.transactions,
    close: own.index,
    conditions: [...index.conditions.values()],
    stateBefore: {
      rootsRoot: block.rootsRoot,
      tree: insist(decodeWitness(block.witness, chain.lo, chain.hi)),
    },
    stateAfter: { rootsRoot: postMapRoot(effects.posts), tree: effects.tree },
  });
  if (!proof.ok) return undefined;
  return { closed: closed.filter((each) => each.index === own.index), proof: proof.value };
}

/** The newest terms that both have signed, where by them the holder wins nothing. */
async function findMove(
  result: ResultRecord,
  leaf: Leaf,
  { state, reads, chain, carrier, signer }: Field,
): Promise<Slash | undefined> {
  const signed = state.states.get(formatHex(leaf.id));
  const isOlder = signed !== undefined && signed.state.nonce > result.run.stateNonce;
  if (!isOlder || !isRunTrue(result.run) || result.operatorMoves === 0) return undefined;
  const { move, body } = draftMove({
    chainId: chain.id,
    leaves: leavesOf(result.line),
    side: "operator",
    terms: { kind: "state", state: signed },
    scriptSig: new Uint8Array(),
    carrier,
  });
  const signature = insist(await signer.sign({ purpose: "signMove", body }));
  const slash = { ...move, signature };
  const effect = await rehearseSlash(slash, carrier, reads, state.rules);
  const changed = effect.ok ? effect.value.put[0] : undefined;
  return changed === undefined || isRunTrue(changed.run) ? undefined : slash;
}
