import { type FormEvent, useState } from "react";
import { Button } from "../../parts/Button.tsx";
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
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const found = findPassphraseProblem(passphrase);
    setProblem(found);
    if (found === undefined) {
      void run(
        () => api.createKey(passphrase.first),
        "Key made. It is stored on this device only.",
      );
    }
  };
  return (
    <form className="door-form" onSubmit={submit}>
      <h2>Make a key</h2>
      <PassphraseFields value={passphrase} onChange={setPassphrase} problem={problem} />
      {failure !== undefined && <Note tone="danger">{failure}</Note>}
      <Button type="submit" look="primary" isBusy={isBusy}>
        Create key
      </Button>
    </form>
  );
}
