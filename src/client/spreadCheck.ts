import type { Rules } from "../protocol/rules.ts";
import { checkAhead, type ServedBlock } from "./checkAhead.ts";
import type { PendingCheck } from "./ports.ts";
import {
  checkClaims,
  collectClaims,
  type SignatureCheck,
  type SignatureTask,
} from "./signatureTask.ts";

/**
 * Check one large block by itself, as `checkAhead` does, its signatures elsewhere meanwhile: they are nine tenths of the work, and nothing
 * else in it needs to know how they come out. The block holds where all of it does; what nobody else has found out of its signatures is
 * checked here.
 *
 * @param ask - has signatures checked.
 */
export function spreadCheck(
  block: ServedBlock,
  rules: Rules,
  ask: (task: SignatureTask) => PendingCheck<SignatureCheck>,
): PendingCheck {
  const parts: { readonly task: SignatureTask; readonly check: PendingCheck<SignatureCheck> }[] =
    [];
  const collected = collectClaims((part) => parts.push({ task: part, check: ask(part) }));
  const found = checkAhead(block, { ...rules, verify: collected.verify });
  collected.finish();
  let isOver = false;

  function cancel(): void {
    isOver = true;
    for (const { check } of parts) check.cancel();
  }

  async function settle(): Promise<boolean> {
    for (const { task: part, check } of parts) {
      const checked = await check.answer;
      if (isOver) return false;
      if ((checked ?? checkClaims(part, rules)).held === undefined) return false;
    }
    return found.held !== undefined;
  }

  // Where the rest of it does not hold, its signatures change nothing.
  if (found.held === undefined) cancel();
  const answer = settle().then((holds) => {
    if (!holds) cancel();
    return holds ? found : undefined;
  });
  return { answer, cancel };
}
