import type { ChainView, CheckView } from "../../../workers/walletApi.ts";
import { Note } from "../../parts/Note.tsx";
import { Panel } from "../../parts/Panel.tsx";
import { saveText } from "../../parts/saveText.ts";
import { useAction } from "../../parts/useAction.ts";
import { useWalletApi } from "../../walletContext.ts";
import { groupThousands } from "../../words/amount.ts";
import { describeVerdict, writeReceipt } from "../../words/verdict.ts";

/** What this device found when it checked the chain; opens into the receipt. */
export function VerdictPanel({ chain }: { readonly chain: ChainView }) {
  const { verdict } = chain;
  const { tone, word, sentence } = describeVerdict(verdict);
  return (
    <Panel title="Verdict">
      <Note tone={tone}>
        <p>
          <strong>{word}.</strong> {sentence}
        </p>
      </Note>
      {verdict.kind === "checking" && (
        <progress
          aria-label="Blocks checked"
          value={verdict.done}
          max={Math.max(1, verdict.total)}
        />
      )}
      {verdict.kind === "honest" && <Receipt checks={verdict.checks} />}
      {verdict.kind !== "broken" && <ModeButton chain={chain} />}
      {(verdict.kind === "honest" || verdict.kind === "broken") && (
        <button type="button" className="link-button" onClick={() => saveReceipt(chain)}>
          Save the receipt
        </button>
      )}
    </Panel>
  );
}

/** Check more, or less. */
function ModeButton({ chain }: { readonly chain: ChainView }) {
  const api = useWalletApi();
  const { isBusy, failure, run } = useAction();
  const isFull = chain.mode === "full";
  return (
    <>
      <button
        type="button"
        className="link-button"
        disabled={isBusy}
        onClick={() =>
          void run(
            () => api.setCheckMode(chain.id, isFull ? "ownShare" : "full"),
            isFull
              ? "From now on only your own share is checked here."
              : "Every block is checked again, from where this device stopped.",
          )
        }
      >
        {isFull ? "Check only what is yours" : "Check every block"}
      </button>
      {failure !== undefined && <Note tone="danger">{failure}</Note>}
    </>
  );
}

function Receipt({ checks }: { readonly checks: readonly CheckView[] }) {
  return (
    <details className="receipt">
      <summary>What was checked</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">Check</th>
            <th scope="col" className="column-figure">
              Times
            </th>
            <th scope="col">Up to</th>
          </tr>
        </thead>
        <tbody>
          {checks.map((check) => (
            <tr key={check.what}>
              <td>{check.what}</td>
              <td className="column-figure">{groupThousands(check.count)}</td>
              <td>{check.upTo}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function saveReceipt(chain: ChainView): void {
  saveText(`receipt-${chain.id.slice(0, 8)}.txt`, writeReceipt(chain));
}
