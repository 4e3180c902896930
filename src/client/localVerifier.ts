import type { Rules } from "../protocol/rules.ts";
import { checkAhead } from "./checkAhead.ts";
import type { BlockVerifier } from "./ports.ts";

/** Checks every block right here, when it is wanted: where there are no workers, or no need of them. */
export function createLocalVerifier(rules: Rules): BlockVerifier {
  return {
    inHandMax: 1,
    check: (block) => ({
      answer: Promise.resolve(checkAhead(block, rules)),
      cancel: () => undefined,
    }),
    rest: () => undefined,
  };
}
