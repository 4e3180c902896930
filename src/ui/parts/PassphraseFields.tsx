import { Field } from "./Field.tsx";

export type Passphrase = { readonly first: string; readonly again: string };

const LENGTH_MIN = 8;

/** What is wrong with a new passphrase, or undefined. */
export function findPassphraseProblem({ first, again }: Passphrase): string | undefined {
  if (first.length < LENGTH_MIN)
    return `Use at least ${LENGTH_MIN} characters. Several words are good.`;
  if (first !== again) return "The two passphrases are not the same. Type both again.";
  return undefined;
}

type PassphraseFieldsProps = {
  readonly value: Passphrase;
  readonly onChange: (value: Passphrase) => void;
  readonly problem: string | undefined;
};

/** A new passphrase, typed twice. */
export function PassphraseFields({ value, onChange, problem }: PassphraseFieldsProps) {
  return (
    <>
      <Field
        label="Passphrase"
        type="password"
        autoComplete="new-password"
        value={value.first}
        onChange={(first) => onChange({ ...value, first })}
        hint="It locks the key on this device. Nobody can recover it for you."
      />
      <Field
        label="Type it again"
        type="password"
        autoComplete="new-password"
        value={value.again}
        onChange={(again) => onChange({ ...value, again })}
        problem={problem}
      />
    </>
  );
}
