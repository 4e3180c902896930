import { useState } from "react";
import type { ContractView, FileAnswer } from "../../../workers/walletApi.ts";
import { Button } from "../../parts/Button.tsx";
import { Note } from "../../parts/Note.tsx";
import { Panel } from "../../parts/Panel.tsx";
import { saveFile } from "../../parts/saveFile.ts";
import { useAction } from "../../parts/useAction.ts";
import { QrPlayer } from "../../proof/QrPlayer.tsx";
import { useWalletApi } from "../../walletContext.ts";

type Made = FileAnswer & { readonly ok: true };

/** A contract as a file that proves it to anybody. */
export function ProofPanel({ contract }: { readonly contract: ContractView }) {
  const api = useWalletApi();
  const { isBusy, failure, run } = useAction();
  const [shown, setShown] = useState<Uint8Array>();

  /** Each time anew: what stood when the page was opened may be old. */
  async function make(use: (made: Made) => void): Promise<FileAnswer> {
    const made = await api.exportProof(contract.id);
    if (made.ok) use(made);
    return made;
  }
  const save = () =>
    make(({ bytes }) => saveFile(`contract-${contract.id.slice(0, 12)}.sortproof`, bytes));

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
      {shown !== undefined && <QrPlayer bytes={shown} />}
      <div className="button-row">
        <Button isBusy={isBusy} onClick={() => void run(save, "The proof file is saved.")}>
          Save the proof file
        </Button>
        {shown === undefined ? (
          <Button
            look="quiet"
            isBusy={isBusy}
            onClick={() => void run(() => make(({ bytes }) => setShown(bytes)))}
          >
            Show as QR codes
          </Button>
        ) : (
          <Button look="quiet" onClick={() => setShown(undefined)}>
            Close the QR codes
          </Button>
        )}
      </div>
    </Panel>
  );
}
