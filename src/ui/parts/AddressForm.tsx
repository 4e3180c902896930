import { useState } from "react";
import type { ActionResult } from "../../workers/walletApi.ts";
import { findUrlProblem } from "../words/urlText.ts";
import { Button } from "./Button.tsx";
import { Field } from "./Field.tsx";
import { Form } from "./Form.tsx";
import { useAction } from "./useAction.ts";

/**
 * Add a server by its address.
 *
 * @param props.add - is given the address, trimmed, once it looks like one. @param props.done - said once it is added.
 */
export function AddressForm(props: {
  readonly label: string;
  readonly placeholder: string;
  readonly hint: string;
  readonly button: string;
  readonly done: string;
  readonly add: (url: string) => Promise<ActionResult>;
}) {
  const { label, placeholder, hint, button, done, add } = props;
  const { isBusy, failure, run } = useAction();
  const [url, setUrl] = useState("");
  const [problem, setProblem] = useState<string>();
  const submit = async (): Promise<void> => {
    const found = findUrlProblem(url);
    setProblem(found);
    if (found !== undefined) return;
    if (await run(() => add(url.trim()), done)) setUrl("");
  };
  return (
    <Form onSubmit={submit}>
      <Field
        label={label}
        type="url"
        inputMode="url"
        autoComplete="off"
        spellCheck={false}
        placeholder={placeholder}
        value={url}
        onChange={setUrl}
        hint={hint}
        problem={problem ?? failure}
      />
      <Button type="submit" isBusy={isBusy}>
        {button}
      </Button>
    </Form>
  );
}
