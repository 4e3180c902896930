import { useState } from "react";
import { Button } from "../../parts/Button.tsx";
import { Form } from "../../parts/Form.tsx";
import { Note } from "../../parts/Note.tsx";
import {
  findPassphraseProblem,
  type Passphrase,
  PassphraseFields,
} from "../../parts/PassphraseFields.tsx";
import { useAction } from "../../parts/useAction.ts";
import { useWalletApi } from "../../walletContext.ts";

export function CreateKeyForm() {
  const api = useWalletApi();
  const { isBusy, failure, run } = useAction();
  const [passphrase, setPassphrase] = useState<Passphrase>({ first: "", again: "" });
  const [problem, setProblem] = useState<string>();
  const submit = async (): Promise<void> => {
    const found = findPassphraseProblem(passphrase);
    setProblem(found);
    if (found === undefined) {
      await run(
        () => api.createKey(passphrase.first),
        "Key made. It is stored on this device only.",
      );
    }
  };
  return (
    <Form look="door" onSubmit={submit}>
      <h2>Make a key</h2>
      <PassphraseFields value={passphrase} onChange={setPassphrase} problem={problem} />
      {failure !== undefined && <Note tone="danger">{failure}</Note>}
      <Button type="submit" look="primary" isBusy={isBusy}>
        Create key
      </Button>
    </Form>
  );
}
