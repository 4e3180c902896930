import type { ContractView } from "../../../workers/walletApi.ts";
import { Button } from "../../parts/Button.tsx";
import { Note } from "../../parts/Note.tsx";
import { Panel } from "../../parts/Panel.tsx";
import { saveFile } from "../../parts/saveFile.ts";
import { useAction } from "../../parts/useAction.ts";
import { useWalletApi } from "../../walletContext.ts";

/** A contract as a file that proves it to anybody. */
export function ProofPanel({ contract }: { readonly contract: ContractView }) {
  const api = useWalletApi();
  const { isBusy, failure, run } = useAction();

  async function save() {
    const made = await api.exportProof(contract.id);
    if (!made.ok) return made;
    saveFile(`contract-${contract.id.slice(0, 12)}.sortproof`, made.bytes);
    return { ok: true } as const;
  }

  return (
    <Panel title="Proof">
      <p>
        One file with all that shows this contract to anybody, from the main chain’s work down to
        its terms. Whoever gets it asks neither you nor the operator.{" "}
        <a href="#/proof">Check a proof</a>
      </p>
      {failure !== undefined && (
        <Note tone="danger">
          <p>{failure}</p>
        </Note>
      )}
      <div className="panel-actions">
        <Button isBusy={isBusy} onClick={() => void run(save, "The proof file is saved.")}>
          Save the proof file
        </Button>
      </div>
    </Panel>
  );
}
