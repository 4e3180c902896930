import type { WalletSnapshot } from "../../../workers/walletApi.ts";
import { isInPlay } from "../../figures/outcomes.ts";
import { Note } from "../../parts/Note.tsx";
import { Panel } from "../../parts/Panel.tsx";
import { Switch } from "../../parts/Switch.tsx";
import { useAction } from "../../parts/useAction.ts";
import { useWalletApi } from "../../walletContext.ts";
import { describeWatch } from "../../words/dispute.ts";

/** How far the watch has looked, and whether it may act by itself. */
export function WatchPanel({ wallet }: { readonly wallet: WalletSnapshot }) {
  const api = useWalletApi();
  const { isBusy, failure, run } = useAction();
  const { watch, network, key, contracts } = wallet;
  const { tone, words } = describeWatch(watch, network, key.kind, contracts.some(isInPlay));
  return (
    <Panel title="The watch">
      <Note tone={tone}>
        <p>{words}</p>
      </Note>
      <Switch
        label="Answer without asking me"
        hint="While the key is unlocked, the wallet sends an answer as soon as it has tried it out and it succeeds. An answer costs fees, and a claim a deposit that comes back."
        isOn={watch.isAutomatic}
        isBusy={isBusy}
        onChange={(isOn) => void run(() => api.setAutoDefence(isOn))}
      />
      {failure !== undefined && <Note tone="danger">{failure}</Note>}
    </Panel>
  );
}
