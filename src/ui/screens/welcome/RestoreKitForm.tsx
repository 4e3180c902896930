import { useId, useState } from "react";
import { Button } from "../../parts/Button.tsx";
import { Field } from "../../parts/Field.tsx";
import { Form } from "../../parts/Form.tsx";
import { Note } from "../../parts/Note.tsx";
import { useAction } from "../../parts/useAction.ts";
import { useWalletApi } from "../../walletContext.ts";

/** The key and the newest terms from a claim kit, on a device that has neither. */
export function RestoreKitForm() {
  const api = useWalletApi();
  const id = useId();
  const { isBusy, failure, run } = useAction();
  const [file, setFile] = useState<File>();
  const [passphrase, setPassphrase] = useState("");
  const [problem, setProblem] = useState<string>();
  const submit = async (): Promise<void> => {
    setProblem(file === undefined ? "Choose the file of the kit." : undefined);
    if (file === undefined) return;
    await run(async () => {
      const bytes = new Uint8Array(await file.arrayBuffer());
      return api.importKit(bytes, passphrase);
    }, "The kit is taken in. Your chains are checked anew.");
  };
  return (
    <Form look="door" onSubmit={submit}>
      <h2>Restore from a claim kit</h2>
      <div className="field">
        <label htmlFor={id}>Claim kit</label>
        <input
          id={id}
          type="file"
          aria-invalid={problem !== undefined || undefined}
          onChange={(event) => setFile(event.target.files?.[0])}
        />
        {problem !== undefined && (
          <p className="field-problem" role="alert">
            {problem}
          </p>
        )}
      </div>
      <Field
        label="Its passphrase"
        type="password"
        autoComplete="current-password"
        value={passphrase}
        onChange={setPassphrase}
      />
      {failure !== undefined && <Note tone="danger">{failure}</Note>}
      <Button type="submit" look="primary" isBusy={isBusy}>
        Restore
      </Button>
    </Form>
  );
}
