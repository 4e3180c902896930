import { computeTreesHash } from "../blocks/verifyFactEvidence.ts";
import { hashHeader } from "../chain/header/header.ts";
import type { HeaderState } from "../chain/header/headerState.ts";
import { validateHeader } from "../chain/header/validateHeader.ts";
import { equalBytes } from "../lib/bytes.ts";
import { formatHex } from "../lib/hex.ts";
import { demand, insist, judge, type Verdict } from "../lib/verdict.ts";
import type { Rules } from "../protocol/rules.ts";
import type { ProofFile } from "./proofFile.ts";
import { fillHeader } from "./slimHeader.ts";

/** What whoever checks files must know himself: the rules of his network, and its beginning. */
export type ProofTrust = { readonly rules: Rules; readonly genesis: HeaderState };

/**
 * The headers of a file, checked.
 *
 * - `states`: from the genesis, or from the header that the file begins at, whose work is not counted. - `isFromGenesis`
 *   says which.
 */
export type ShownHeaders = {
  readonly states: readonly [HeaderState, ...HeaderState[]];
  readonly tip: HeaderState;
  readonly isFromGenesis: boolean;
};

/** Check the headers of a file, one after another, and that the roots are those of the newest one's state. */
export function verifyProofHeaders(
  { start, headers, mapRoots }: Pick<ProofFile, "start" | "headers" | "mapRoots">,
  { rules, genesis }: ProofTrust,
): Verdict<ShownHeaders> {
  return judge(() => {
    const first =
      start === undefined ? genesis : { ...start, hash: hashHeader(start.header), work: 0n };
    const states: [HeaderState, ...HeaderState[]] = [first];
    const heights = new Map([[formatHex(first.hash), first]]);
    let tip = first;
    for (const slim of headers) {
      const parent = { hash: tip.hash, height: tip.header.height };
      const header = fillHeader(slim, parent, rules.parameters.periodTenths);
      tip = insist(
        validateHeader(
          header,
          tip,
          rules.parameters,
          (hash) => heights.get(formatHex(hash))?.header,
        ),
      );
      states.push(tip);
      heights.set(formatHex(tip.hash), tip);
    }
    demand(headers.length > 0, "NO_HEADERS", "the file shows no header of the main chain");
    demand(
      equalBytes(computeTreesHash(mapRoots), tip.header.treesHash),
      "ROOTS_NOT_OF_HEADER",
      "the map roots are not those that the newest header commits to",
    );
    return { states, tip, isFromGenesis: start === undefined };
  });
}
