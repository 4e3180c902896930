/** Why a stranger's input was refused: a stable code, and one sentence with what was expected and got. */
export type Failure<Code extends string = string> = {
  readonly ok: false;
  readonly code: Code;
  readonly message: string;
};

/** A judged input: the value, or why not. Data, never an exception. */
export type Verdict<Value, Code extends string = string> =
  | { readonly ok: true; readonly value: Value }
  | Failure<Code>;

export function accept<Value>(value: Value): { readonly ok: true; readonly value: Value } {
  return { ok: true, value };
}

export function refuse<Code extends string>(code: Code, message: string): Failure<Code> {
  return { ok: false, code, message };
}

/**
 * A refusal on its way up through code that reads better with early exit by exception. It never
 * leaves the room: `judge` turns it into a `Failure` at the room's public door.
 */
export class Refusal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "Refusal";
    this.code = code;
  }
}

/** Run `work`; a `Refusal` thrown inside becomes a `Failure`, any other error rises. */
export function judge<Value>(work: () => Value): Verdict<Value> {
  try {
    return accept(work());
  } catch (error) {
    if (error instanceof Refusal) return refuse(error.code, error.message);
    throw error;
  }
}

/** Refuse the input unless `condition` holds. */
export function demand(condition: boolean, code: string, message: string): asserts condition {
  if (!condition) throw new Refusal(code, message);
}

/** The value of a verdict, or its refusal thrown on, for code inside a `judge`. */
export function insist<Value>(verdict: Verdict<Value>): Value {
  if (!verdict.ok) throw new Refusal(verdict.code, verdict.message);
  return verdict.value;
}
