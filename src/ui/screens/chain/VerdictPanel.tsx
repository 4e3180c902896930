import type { ChainView, CheckView } from "../../../workers/walletApi.ts";
import { Button } from "../../parts/Button.tsx";
import { Icon } from "../../parts/Icon.tsx";
import { Note } from "../../parts/Note.tsx";
import { Panel } from "../../parts/Panel.tsx";
import { saveFile } from "../../parts/saveFile.ts";
import { useAction } from "../../parts/useAction.ts";
import { useWalletApi } from "../../walletContext.ts";
import { groupThousands } from "../../words/amount.ts";
import { describeVerdict, writeReceipt } from "../../words/verdict.ts";
import { BreachFacts } from "./BreachFacts.tsx";

/** What this device found when it checked the chain; opens into the receipt. */
export function VerdictPanel({ chain }: { readonly chain: ChainView }) {
  const { verdict } = chain;
  const { tone, word, sentence } = describeVerdict(verdict);
  const saveReceipt = () => saveFile(`receipt-${chain.id.slice(0, 8)}.txt`, writeReceipt(chain));
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
      {verdict.kind === "broken" && (
        <>
          <BreachFacts chainId={chain.id} verdict={verdict} />
          <SaveEvidence chainId={verdict.culprit?.id ?? chain.id} block={verdict.blockHeight} />
        </>
      )}
      {verdict.kind === "honest" && <Receipt title="What was checked" checks={verdict.checks} />}
      {verdict.kind === "broken" && <Receipt title="What held before it" checks={verdict.checks} />}
      {verdict.kind !== "broken" && <ModeButton chain={chain} />}
      {(verdict.kind === "honest" || verdict.kind === "broken") && (
        <button type="button" className="link-button" onClick={saveReceipt}>
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
  const where = chain.ancestors.length > 0 ? "here and of the chains above" : "here";
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
              ? `From now on only your own share is checked ${where}.`
              : `Every block ${where} is checked again, from where this device stopped.`,
          )
        }
      >
        {isFull ? "Check only what is yours" : "Check every block"}
      </button>
      {failure !== undefined && <Note tone="danger">{failure}</Note>}
    </>
  );
}

/** The breach as a file that anybody can judge for himself. */
function SaveEvidence({ chainId, block }: { readonly chainId: string; readonly block: number }) {
  const api = useWalletApi();
  const { isBusy, failure, run } = useAction();
  const save = () =>
    run(async () => {
      const bytes = await api.exportEvidence(chainId);
      if (bytes === undefined) {
        return { ok: false, code: "NO_EVIDENCE", message: "The evidence is not on this device." };
      }
      saveFile(`evidence-${chainId.slice(0, 8)}-block-${block}.sortition`, new Uint8Array(bytes));
      return { ok: true };
    }, "Evidence saved. Whoever knows this chain can check it.");
  return (
    <div className="panel-actions">
      <Button onClick={() => void save()} isBusy={isBusy}>
        Save the evidence
      </Button>
      <p className="hint">
        It holds what the operator signed, so that nobody has to take your word for it.
      </p>
      {failure !== undefined && <Note tone="danger">{failure}</Note>}
    </div>
  );
}

type ReceiptProps = { readonly title: string; readonly checks: readonly CheckView[] };

function Receipt({ title, checks }: ReceiptProps) {
  return (
    <details className="receipt">
      <summary>{title}</summary>
      <ul className="checks">
        {checks.map((check) => (
          <li key={check.what}>
            <Icon name="done" />
            <span className="check-what">{check.what}</span>
            <span className="check-count">{groupThousands(check.count)}</span>
            <span className="check-up-to">up to {check.upTo}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
