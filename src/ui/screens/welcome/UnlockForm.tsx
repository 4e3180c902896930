import { useState } from "react";
import { Button } from "../../parts/Button.tsx";
import { Field } from "../../parts/Field.tsx";
import { Form } from "../../parts/Form.tsx";
import { useAction } from "../../parts/useAction.ts";
import { useWalletApi } from "../../walletContext.ts";
import { shorten } from "../../words/names.ts";

export function UnlockForm({ address }: { readonly address: string }) {
  const api = useWalletApi();
  const { isBusy, failure, run } = useAction();
  const [passphrase, setPassphrase] = useState("");
  const submit = async (): Promise<void> => {
    await run(() => api.unlock(passphrase));
  };
  return (
    <Form look="door" onSubmit={submit}>
      <h2>Your key is locked</h2>
      <p className="hint">
        Address <code title={address}>{shorten(address)}</code>
      </p>
      <Field
        label="Passphrase"
        type="password"
        autoComplete="current-password"
        value={passphrase}
        onChange={setPassphrase}
        problem={failure}
      />
      <Button type="submit" look="primary" isBusy={isBusy}>
        Unlock
      </Button>
    </Form>
  );
}
