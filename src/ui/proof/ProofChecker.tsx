import { type ReactNode, useId, useState } from "react";
import {
  PROOF_FILE_BYTES_MAX,
  type ProofAnswer,
  type ProofView,
} from "../../workers/proofCheck.ts";
import { Button } from "../parts/Button.tsx";
import { Note } from "../parts/Note.tsx";
import { Empty, Panel } from "../parts/Panel.tsx";
import { ProofStrips } from "./ProofStrips.tsx";
import { QrScanner } from "./QrScanner.tsx";

type CheckerProps = {
  readonly check: (bytes: Uint8Array) => Promise<ProofAnswer>;
  /** What else is known of a file that holds. */
  readonly aside?: ((proof: ProofView) => ReactNode) | undefined;
};

type Checked =
  | { readonly kind: "nothing" }
  | { readonly kind: "checking"; readonly name: string }
  | { readonly kind: "unreadable"; readonly message: string }
  | { readonly kind: "answered"; readonly name: string; readonly answer: ProofAnswer };

/** Give it a file, and it says what the file proves. It knows neither keys nor networks. */
export function ProofChecker({ check, aside }: CheckerProps) {
  const [checked, setChecked] = useState<Checked>({ kind: "nothing" });

  async function take(name: string, bytes: Uint8Array): Promise<void> {
    setChecked({ kind: "checking", name });
    setChecked({ kind: "answered", name, answer: await check(bytes) });
  }

  async function takeFile(file: File): Promise<void> {
    if (file.size > PROOF_FILE_BYTES_MAX) {
      const message = `${file.name} is too long to be a proof file: it has ${file.size} bytes.`;
      return setChecked({ kind: "unreadable", message });
    }
    try {
      await take(file.name, new Uint8Array(await file.arrayBuffer()));
    } catch {
      const message = `${file.name} could not be read from this device.`;
      setChecked({ kind: "unreadable", message });
    }
  }

  return (
    <div className="proof-columns">
      <div className="column">
        <DropPanel
          isBusy={checked.kind === "checking"}
          onFile={(file) => void takeFile(file)}
          onScan={(bytes) => void take("What the camera read", bytes)}
        />
      </div>
      <div className="column" aria-live="polite">
        <Outcome checked={checked} aside={aside} />
      </div>
    </div>
  );
}

type DropPanelProps = {
  readonly isBusy: boolean;
  readonly onFile: (file: File) => void;
  readonly onScan: (bytes: Uint8Array) => void;
};

function DropPanel({ isBusy, onFile, onScan }: DropPanelProps) {
  const id = useId();
  const [isOver, setIsOver] = useState(false);
  const [isScanning, setIsScanning] = useState(false);
  if (isScanning) {
    return (
      <Panel title="The camera">
        <QrScanner
          onFile={(bytes) => {
            setIsScanning(false);
            onScan(bytes);
          }}
          onEnd={() => setIsScanning(false)}
        />
      </Panel>
    );
  }
  return (
    <Panel title="The file">
      <label
        htmlFor={id}
        className="drop"
        data-over={isOver || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setIsOver(true);
        }}
        onDragLeave={() => setIsOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setIsOver(false);
          const [file] = event.dataTransfer.files;
          if (file !== undefined && !isBusy) onFile(file);
        }}
      >
        <span className="drop-words">Choose a proof file, or drop it here</span>
        <span className="hint">It is read on this device and sent nowhere.</span>
        <input
          id={id}
          type="file"
          className="hidden-words"
          disabled={isBusy}
          onChange={(event) => {
            const [file] = event.target.files ?? [];
            event.target.value = "";
            if (file !== undefined) onFile(file);
          }}
        />
      </label>
      <div className="panel-actions">
        <Button onClick={() => setIsScanning(true)}>Read moving QR codes by camera</Button>
      </div>
    </Panel>
  );
}

function Outcome({ checked, aside }: { readonly checked: Checked } & Pick<CheckerProps, "aside">) {
  switch (checked.kind) {
    case "nothing":
      return (
        <Panel title="What it proves">
          <Empty>
            <p>
              A proof file shows one contract: the chain it is in, its place, its terms, and the
              work of the main chain above it. Who made it need not be trusted, and nobody is asked.
            </p>
          </Empty>
        </Panel>
      );
    case "checking":
      return (
        <Panel title="What it proves">
          <p role="status">Checking {checked.name}.</p>
        </Panel>
      );
    case "unreadable":
      return (
        <Panel title="What it proves">
          <Note tone="danger">
            <p>{checked.message}</p>
          </Note>
        </Panel>
      );
    case "answered":
      return checked.answer.kind === "proves" ? (
        <Proven name={checked.name} proof={checked.answer.proof} aside={aside} />
      ) : (
        <Panel title="What it proves">
          <Note tone="danger">
            <p>
              {checked.name} proves nothing: {checked.answer.message}.
            </p>
            <p className="hint">{explainRefusal(checked.answer.code)}</p>
          </Note>
        </Panel>
      );
  }
}

type ProvenProps = {
  readonly name: string;
  readonly proof: ProofView;
} & Pick<CheckerProps, "aside">;

function Proven({ name, proof, aside }: ProvenProps) {
  const { headline, proves, asOf, unknown } = proof.words;
  return (
    <>
      <Panel title="What it proves">
        <Note tone={proof.isLost ? "waiting" : "safe"}>
          <p>{headline}</p>
        </Note>
        <ProofStrips proof={proof} />
        <Lines lines={proves} />
        <p className="hint">{name}</p>
      </Panel>
      <Panel title="As of when">
        <Lines lines={asOf} />
        {aside?.(proof)}
      </Panel>
      <Panel title="What it cannot know">
        <Lines lines={unknown} />
      </Panel>
    </>
  );
}

function Lines({ lines }: { readonly lines: readonly string[] }) {
  return (
    <ul className="proof-lines">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

/** What a refusal means for who got the file. */
function explainRefusal(code: string): string {
  switch (code) {
    case "OTHER_FILE":
      return "It may be another file than you meant.";
    case "BAD_CHECKSUM":
    case "TRUNCATED":
      return "It was damaged on its way. Ask for it again.";
    case "NOT_SERVED":
      return "It was made by a newer or an older wallet than this page. Ask for it again, or get a newer page.";
    case "OTHER_NETWORK":
      return "It may hold elsewhere. Nothing is said of that here.";
    case "TOO_SLOW":
    case "GAS_USED_UP":
      return "An honest file takes a second or two.";
    default:
      return "Do not lean on it, whatever it is said to show.";
  }
}
