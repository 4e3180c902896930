import { useState } from "react";
import { Button } from "../../parts/Button.tsx";
import { Field } from "../../parts/Field.tsx";
import { Form } from "../../parts/Form.tsx";
import { useAction } from "../../parts/useAction.ts";
import { useWalletApi } from "../../walletContext.ts";
import { findUrlProblem } from "../../words/urlText.ts";

/** Hand evidence to a watchtower, by its address. */
export function AddTowerForm() {
  const api = useWalletApi();
  const { isBusy, failure, run } = useAction();
  const [url, setUrl] = useState("");
  const [problem, setProblem] = useState<string>();
  const submit = async (): Promise<void> => {
    const found = findUrlProblem(url);
    setProblem(found);
    if (found !== undefined) return;
    const isDone = await run(
      () => api.addTower(url.trim()),
      "Watchtower added. It is handed the evidence, and signs for it.",
    );
    if (isDone) setUrl("");
  };
  return (
    <Form onSubmit={submit}>
      <Field
        label="Watchtower’s address"
        type="url"
        inputMode="url"
        autoComplete="off"
        spellCheck={false}
        placeholder="http://localhost:8095"
        value={url}
        onChange={setUrl}
        hint="It pays the fees itself and keeps what the slash brings. It learns your address when you use it."
        problem={problem ?? failure}
      />
      <Button type="submit" isBusy={isBusy}>
        Add watchtower
      </Button>
    </Form>
  );
}
