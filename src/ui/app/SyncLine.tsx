import type { NetworkView } from "../../workers/walletApi.ts";
import { Icon, type IconName } from "../parts/Icon.tsx";
import { useNow } from "../parts/useNow.ts";
import { describeSync } from "../words/network.ts";

const icons: Record<"safe" | "waiting" | "danger", IconName> = {
  safe: "verified",
  waiting: "pending",
  danger: "danger",
};

/** The state of sync in one line, with its age. */
export function SyncLine({ network }: { readonly network: NetworkView }) {
  const { tone, words } = describeSync(network, useNow());
  return (
    <p className="sync-line" data-tone={tone}>
      <Icon name={icons[tone]} />
      {words}
    </p>
  );
}
