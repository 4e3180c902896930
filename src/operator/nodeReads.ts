import type { SettlementReads } from "../client/settlementView.ts";
import { decode } from "../lib/codec.ts";
import { insist } from "../lib/verdict.ts";
import type { MainHeader, NodePort } from "./nodePort.ts";

/** The operator's own node, believed, under one tip. */
export function createReads(node: NodePort, tip: MainHeader): SettlementReads {
  return {
    tip: () => ({ header: tip }),
    headerAt: (height) => node.headerAt(height),
    async read(map, key, read) {
      const { values } = await node.read([{ map, key }], tip);
      const [bytes] = values;
      return bytes === undefined ? undefined : insist(decode(bytes, read));
    },
  };
}
