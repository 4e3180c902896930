import { computeRequestFee } from "../../chain/requests/requestFee.ts";
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
  const chain =
    chains.find(({ asked, withheld }) => (asked.voided ?? withheld) !== undefined) ??
    chains.find(({ asked, answered }) => (asked.awaited ?? answered) !== undefined);
  if (chain === undefined) return undefined;
  const { asked, answered, withheld, followed } = chain;
  const { open } = asked.record;
  const by = { chainId: formatHex(followed.facts.id), operatorUrl: followed.url };
  const answerWithin = parameters.dataResponseDelay;
  if (asked.voided !== undefined) {
    const { sequence } = asked.voided;
    return { ...by, kind: "void", sequence, isOpen: open.some(({ due }) => due <= height) };
  }
  if (withheld === undefined) {
    if (asked.awaited === undefined) return { ...by, kind: "answered", sequence: answered ?? 0 };
    const sequence = asked.awaited;
    const due = Math.min(...open.flatMap((each) => (each.sequence === sequence ? each.due : [])));
    return { ...by, kind: "doubted", sequence, due, answerWithin };
  }
  const { sequence } = withheld;
  const since = withheld.record.height;
  const request = open.find((each) => each.awaited.kind === "blocks" && each.sequence === sequence);
  if (request !== undefined) {
    return { ...by, kind: "asked", sequence, since, due: request.due, answerWithin };
  }
  return {
    ...by,
    kind: "withheld",
    sequence,
    since,
    fee: computeRequestFee(open.length, parameters),
    deposit: parameters.dataRequestDeposit,
    answerWithin,
  };
}
