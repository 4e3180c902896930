import { computeClaimStart, drawPoint } from "../chain/settlement/draw.ts";
import type { ResultRecord } from "../chain/settlement/resultRecord.ts";
import type { SettledRecord } from "../chain/settlement/settledRecord.ts";
import { findClaimStart } from "../chain/settlement/settlementView.ts";
import { readChainRecord } from "../chain/state/chainRecord.ts";
import { equalBytes } from "../lib/bytes.ts";
import { formatHex } from "../lib/hex.ts";
import { LINE_MAX } from "../protocol/limits.ts";
import type { Rules } from "../protocol/rules.ts";
import type { MainChain } from "./mainChain.ts";
import type { OwnLeaf } from "./ownLeaves.ts";
import type { FollowedChain } from "./rows.ts";
import { readResults, readSettlement, readWorkHashes } from "./settlementView.ts";

/**
 * How a drawn chain stands.
 *
 * - `chainId`: the on-chain chain that holds the prize now, or held it last: the one at the top, or
 *   one that a timeout made of a contract further down.
 * - `depth`: how many of the chains from the top down have ended above it.
 * - `point`: what was drawn. - `results`: claimed in it so far. - `settled`: its end, once it came.
 * - `claimsEnd`: the main-chain height at which its claim window is over.
 */
export type SettlementStatus = {
  readonly chainId: Uint8Array;
  readonly depth: number;
  readonly point: bigint;
  readonly results: readonly ResultRecord[];
  readonly settled: SettledRecord | undefined;
  readonly claimsEnd: number;
};

/** A chain as its settlement is read: one that is followed, or an operator's own. */
type ChainInLine = Pick<FollowedChain, "facts" | "claimDelay">;

/**
 * Read from the main chain alone how a chain stands: its operator may be gone.
 *
 * @param chains - from the one on the main chain down to this one.
 * @returns undefined until the point is drawn.
 */
export async function readStatus(
  mainChain: MainChain,
  rules: Rules,
  chains: readonly [ChainInLine, ...ChainInLine[]],
): Promise<SettlementStatus | undefined> {
  const [{ facts, claimDelay }] = chains;
  const start = computeClaimStart(facts.expiry, rules.parameters);
  if (mainChain.tip().header.height < start - 1) return undefined;
  const hashes = await readWorkHashes(mainChain, rules, facts.expiry);
  const point = drawPoint(rules.networkId, facts, [...hashes.values()]);
  let chainId = facts.id;
  let depth = 0;
  while (depth < LINE_MAX) {
    const record = await readSettlement(mainChain, chainId);
    const settled = record.kind === "settled" ? record.settled : undefined;
    const winner = settled?.winner;
    const below = chains.findIndex(
      (chain, level) =>
        level > depth && winner !== undefined && equalBytes(chain.facts.id, winner.contractId),
    );
    if (winner?.becameChain !== undefined && below !== -1) {
      chainId = winner.becameChain;
      depth = below;
      continue;
    }
    const onChain = await mainChain.read("chains", chainId, readChainRecord);
    const results = await readResults(mainChain, chainId);
    const from = onChain === undefined ? start : findClaimStart(onChain, rules.parameters);
    return { chainId, depth, point, results, settled, claimsEnd: from + claimDelay };
  }
  return undefined;
}

/**
 * How the chain stands that an own sealed contract has become by winning: its owner need not follow it.
 *
 * @param chains - from the one on the main chain down to the one that the contract is in, which stands as `status` says.
 * @returns undefined where none of `own` has become a chain.
 */
export async function readOwnChain(
  mainChain: MainChain,
  rules: Rules,
  chains: readonly [ChainInLine, ...ChainInLine[]],
  status: SettlementStatus | undefined,
  own: ReadonlyMap<string, Pick<OwnLeaf, "leaf">>,
): Promise<SettlementStatus | undefined> {
  const winner = status?.settled?.winner;
  const leaf = winner && own.get(formatHex(winner.contractId))?.leaf;
  if (leaf === undefined || winner?.becameChain === undefined) return undefined;
  const { id, owner: operator, lo, hi } = leaf;
  const [{ facts, claimDelay }] = chains;
  const inside = { facts: { id, operator, lo, hi, expiry: facts.expiry }, claimDelay };
  return readStatus(mainChain, rules, [...chains, inside]);
}
