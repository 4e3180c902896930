import { useState } from "react";
import { Button } from "../../parts/Button.tsx";
import { Field } from "../../parts/Field.tsx";
import { Form } from "../../parts/Form.tsx";
import { Note } from "../../parts/Note.tsx";
import {
  findPassphraseProblem,
  type Passphrase,
  PassphraseFields,
} from "../../parts/PassphraseFields.tsx";
import { useAction } from "../../parts/useAction.ts";
import { useWalletApi } from "../../walletContext.ts";
import { findKeyProblem, normaliseKey } from "../../words/keyText.ts";

export function ImportKeyForm() {
  const api = useWalletApi();
  const { isBusy, failure, run } = useAction();
  const [key, setKey] = useState("");
  const [passphrase, setPassphrase] = useState<Passphrase>({ first: "", again: "" });
  const [problems, setProblems] = useState<{
    key?: string | undefined;
    passphrase?: string | undefined;
  }>({});
  const submit = async (): Promise<void> => {
    const found = { key: findKeyProblem(key), passphrase: findPassphraseProblem(passphrase) };
    setProblems(found);
    if (found.key === undefined && found.passphrase === undefined) {
      await run(
        () => api.importKey(normaliseKey(key), passphrase.first),
        "Key stored on this device.",
      );
    }
  };
  return (
    <Form look="door" onSubmit={submit}>
      <h2>Bring a key</h2>
      <Field
        label="Private key"
        type="password"
        autoComplete="off"
        spellCheck={false}
        value={key}
        onChange={setKey}
        hint="64 characters, 0 to 9 and a to f."
        problem={problems.key}
      />
      <PassphraseFields value={passphrase} onChange={setPassphrase} problem={problems.passphrase} />
      {failure !== undefined && <Note tone="danger">{failure}</Note>}
      <Button type="submit" look="primary" isBusy={isBusy}>
        Import key
      </Button>
    </Form>
  );
}
