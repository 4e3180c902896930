import { computeRequestFee } from "../../chain/requests/judgeRequest.ts";
import type { TrackedChain } from "../../client/chainTracker.ts";
import { formatHex } from "../../lib/hex.ts";
import type { NetworkParameters } from "../../protocol/network.ts";
import type { WithheldView } from "../walletApi.ts";

/**
 * What a chain waits for that nobody serves, in itself or in a chain that takes its posts, and how far asking for
 * it has come; undefined where nothing is missing.
 *
 * @param chains - the chain, then those that its posts go through, the nearest first. @param height - of the
 *   best main-chain header.
 */
export function describeWithheld(
  chains: readonly TrackedChain[],
  height: number,
  parameters: NetworkParameters,
): WithheldView | undefined {
  const chain = chains.find(({ asked, withheld }) => (asked.voided ?? withheld) !== undefined);
  if (chain === undefined) return undefined;
  const { asked, withheld, followed } = chain;
  const { open } = asked.record;
  const by = { chainId: formatHex(followed.facts.id), operatorUrl: followed.url };
  if (asked.voided !== undefined) {
    const { sequence } = asked.voided;
    return { ...by, kind: "void", sequence, isOpen: open.some(({ due }) => due <= height) };
  }
  const since = withheld?.record.height ?? 0;
  const request = open.find(
    ({ awaited, sequence }) => awaited.kind === "blocks" && sequence === withheld?.sequence,
  );
  if (request !== undefined) {
    return { ...by, kind: "asked", since, due: request.due, blocksLeft: request.due - height };
  }
  return {
    ...by,
    kind: "withheld",
    since,
    fee: computeRequestFee(open.length, parameters),
    deposit: parameters.dataRequestDeposit,
    answerWithin: parameters.dataResponseDelay,
  };
}
