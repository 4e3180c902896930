import type { Condition } from "../protocol/condition.ts";
import type { StateMap } from "../protocol/factEvidence.ts";
import type { FactKey } from "../protocol/facts.ts";
import type { ProvenFacts } from "./engine/engineEvent.ts";
import type { NodePort } from "./nodePort.ts";

const MAP_OF_FACT: Record<FactKey["kind"], StateMap> = {
  oracle: "oracles",
  payment: "payments",
  secret: "secrets",
};

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
