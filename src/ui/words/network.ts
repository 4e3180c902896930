import type { NetworkView, NodeView } from "../../workers/walletApi.ts";
import { groupThousands } from "./amount.ts";
import { formatAge, formatDuration } from "./time.ts";

export type SyncWords = { readonly tone: "safe" | "waiting" | "danger"; readonly words: string };

/** The state of sync in one line, with the age of the newest checked block. */
export function describeSync(network: NetworkView, nowMs: number): SyncWords {
  const live = network.nodes.filter((node) => node.state === "live").length;
  const known = `block ${groupThousands(network.height)}, ${formatAge(network.tipTimeMs, nowMs)}`;
  if (network.nodes.length === 0) {
    return { tone: "waiting", words: `No node is set. Last checked: ${known}.` };
  }
  if (live === 0) {
    const has = (state: NodeView["state"]) => network.nodes.some((node) => node.state === state);
    const why = has("connecting")
      ? "Connecting to the main chain"
      : has("behind")
        ? "No node has caught up with what was checked before"
        : "No node answers";
    return { tone: "waiting", words: `${why}. Shown as of ${known}.` };
  }
  if (network.isStale) {
    return {
      tone: "danger",
      words: `The main chain has not moved for ${formatDuration(nowMs - network.tipTimeMs)}. Nothing new is accepted until it does.`,
    };
  }
  const nodes = `${live} of ${network.nodes.length} ${network.nodes.length === 1 ? "node" : "nodes"}`;
  return { tone: "safe", words: `Checked up to ${known}, from ${nodes}.` };
}
