import type { NetworkView, NodeView } from "../../../workers/walletApi.ts";
import { Note } from "../../parts/Note.tsx";
import { useNow } from "../../parts/useNow.ts";
import { formatAge } from "../../words/time.ts";

/** The main chain goes on whether or not this device hears of it. */
export function DownNote({ network }: { readonly network: NetworkView }) {
  const nowMs = useNow();
  const has = (state: NodeView["state"]) => network.nodes.some((node) => node.state === state);
  const isLive = has("live");
  if ((isLive && !network.isStale) || (!isLive && has("connecting"))) return null;
  return (
    <Note tone="danger">
      <p>
        {isLive ? "The main chain seems to stand still" : "No main-chain node answers"}: you see
        what was so {formatAge(network.tipTimeMs, nowMs)}. Deadlines go on without you. Nothing can
        be sent from here until a node is live; if a deadline is near, use another connection.
      </p>
    </Note>
  );
}
