import { useState } from "react";
import { Button } from "../../parts/Button.tsx";
import { Field } from "../../parts/Field.tsx";
import { Form } from "../../parts/Form.tsx";
import { useAction } from "../../parts/useAction.ts";
import { useWalletApi } from "../../walletContext.ts";
import { findUrlProblem } from "../../words/urlText.ts";

/** Follow the chain of an operator, by his address. */
export function AddChainForm() {
  const api = useWalletApi();
  const { isBusy, failure, run } = useAction();
  const [url, setUrl] = useState("");
  const [problem, setProblem] = useState<string>();
  const submit = async (): Promise<void> => {
    const found = findUrlProblem(url);
    setProblem(found);
    if (found !== undefined) return;
    const isDone = await run(
      () => api.addOperator(url.trim()),
      "Chain added. It is being checked from its first block.",
    );
    if (isDone) setUrl("");
  };
  return (
    <Form onSubmit={submit}>
      <Field
        label="Operator’s address"
        type="url"
        inputMode="url"
        autoComplete="off"
        spellCheck={false}
        placeholder="http://localhost:8090"
        value={url}
        onChange={setUrl}
        hint="The operator serves the blocks. Whether they are right is checked here."
        problem={problem ?? failure}
      />
      <Button type="submit" isBusy={isBusy}>
        Add chain
      </Button>
    </Form>
  );
}
