import type { Condition } from "../protocol/condition.ts";
import { MAP_OF_FACT } from "../protocol/factEvidence.ts";
import type { ProvenFacts } from "./engine/engineEvent.ts";
import type { NodePort } from "./nodePort.ts";

/**
 * Prove a condition's facts under the newest header that has all its confirmations. Rejects if the
 * node fails.
 */
export async function readEvidence(
  node: NodePort,
  condition: Condition,
  confirmations: number,
): Promise<ProvenFacts> {
  const tip = await node.tip();
  const header = await node.headerAt(Math.max(0, tip.height - confirmations));
  const keys = condition.facts.map(({ kind, key }) => ({ map: MAP_OF_FACT[kind], key }));
  const { evidence } = await node.read(keys, header);
  const { height, treesHash } = header;
  return { evidence, header: { height, treesHash } };
}
