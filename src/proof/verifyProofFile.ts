import type { AnchoredCell, Rank } from "../blocks/anchoredProof.ts";
import { descend, type Lineage } from "../blocks/lineage.ts";
import { computeUnixMs } from "../chain/header/headerTime.ts";
import { type ContractRun, runTerms, SEALED_RUN } from "../chain/settlement/contractRun.ts";
import { judgeState } from "../chain/settlement/judgeClaim.ts";
import { judgeCloseProof } from "../chain/settlement/judgeSlash.ts";
import { computeResultKey } from "../chain/settlement/line.ts";
import { judgeBodies } from "../chain/settlement/pathConditions.ts";
import { createOrder } from "../chain/settlement/resultOrder.ts";
import { linesOf, type ResultRecord, resultKeyOf } from "../chain/settlement/resultRecord.ts";
import {
  findChain,
  findClaimStart,
  findPoint,
  readOutcome,
} from "../chain/settlement/settlementView.ts";
import { showLevel } from "../chain/settlement/showLevel.ts";
import {
  lastLeaf,
  leavesOf,
  type ShownLeaf,
  type ShownLine,
} from "../chain/settlement/shownLine.ts";
import { type ChainRecord, lineageOf } from "../chain/state/chainRecord.ts";
import { equalBytes } from "../lib/bytes.ts";
import { demand, insist, judge, Refusal, type Verdict } from "../lib/verdict.ts";
import type { Condition } from "../protocol/condition.ts";
import type { Leaf } from "../protocol/leaf.ts";
import { LINE_MAX } from "../protocol/limits.ts";
import type { Place } from "../protocol/place.ts";
import { hashScript } from "../protocol/script.ts";
import { decodeProofFile, type ProofFile } from "./proofFile.ts";
import { type ProofTrust, type ShownHeaders, verifyProofHeaders } from "./proofHeaders.ts";
import { createProofView, type OnLook, type ProofView } from "./proofView.ts";
import { judgeShownEvidence, type ShownBreach } from "./shownEvidence.ts";

/**
 * How a condition on a path comes out. `isFinal`: no later block of the main chain can change it. `questions`: of the oracles
 * that it reads.
 */
export type ShownCondition = {
  readonly condition: Condition;
  readonly questions: readonly string[];
  readonly side: boolean;
  readonly isTrue: boolean;
  readonly isFinal: boolean;
};

/** One level of the line: whose chain it is, and the leaf that stood in it. */
export type ShownLevel = {
  readonly chainId: Uint8Array;
  readonly operator: Uint8Array;
  readonly leaf: Leaf;
  readonly place: Place;
  readonly rank: Rank;
  /** Of its own chain's post, under which it stood. */
  readonly sequence: number;
  readonly conditions: readonly ShownCondition[];
};

/** A close that counts, in the chain of a level: what was given up, and what was made in its place. */
export type GivenUp = {
  readonly level: number;
  readonly rank: Rank;
  readonly closed: readonly Leaf[];
  readonly made: readonly Leaf[];
};

/**
 * What a file proves.
 *
 * - `asOf`: the newest header that it shows, how many there are, from which height on, and their work: expected hashes.
 * - `chain`: the on-chain chain that holds the money. - `claimsFrom`: first height of a claim; `claimsEnd`: first
 *   height above them.
 * - `terms`: the newest terms shown, and what they say with no evidence. `nonce` 0: the leaf's own script.
 * - `point`: what was drawn; undefined before that, or where the headers of the draw are not all shown.
 * - `claims`: lines claimed in the chain so far; `own`: this one's result; `above`: standing ones that outrank it, where
 *   all claims are shown.
 */
export type ProofFacts = {
  readonly network: string;
  readonly asOf: {
    readonly height: number;
    readonly hash: Uint8Array;
    readonly timeMs: number;
    readonly headers: number;
    readonly from: number;
    readonly isFromGenesis: boolean;
    readonly work: bigint;
  };
  readonly chain: ChainRecord;
  readonly claimsFrom: number;
  readonly claimsEnd: number;
  readonly levels: readonly [ShownLevel, ...ShownLevel[]];
  readonly terms: {
    readonly nonce: number;
    readonly script: Uint8Array;
    readonly run: ContractRun;
  };
  readonly point: bigint | undefined;
  readonly claims: {
    readonly count: number;
    readonly own: ResultRecord | undefined;
    readonly above: number | undefined;
  };
  readonly closes: readonly GivenUp[];
  readonly breaches: readonly ShownBreach[];
};

/** Claims that a file shows all of; of a chain with more it shows its own line's only. */
const CLAIMS_SHOWN_MAX = 16;

/**
 * Check a proof file from a stranger, with no connection: by the main chain's own functions, over nothing but what the
 * file proves under headers whose work is checked from the genesis on, or from where the file begins.
 *
 * @param onLook - told of everything that the file has to show of the main chain.
 * @returns what it proves, or the first thing that does not hold.
 * @see docs/PROTOCOL.md section 9
 */
export function verifyProofFile(
  bytes: Uint8Array,
  trust: ProofTrust,
  onLook: OnLook = () => undefined,
): Verdict<ProofFacts> {
  return judge(() => {
    const file = insist(decodeProofFile(bytes));
    demand(
      equalBytes(file.networkId, trust.rules.networkId),
      "OTHER_NETWORK",
      `the file is not of the network "${trust.rules.parameters.name}"`,
    );
    const shown = insist(verifyProofHeaders(file, trust));
    const view = insist(createProofView(file, shown, trust.rules, onLook));
    const chain = insist(findChain(view, file.chainId));
    const levels = showLevels(file, chain, view);
    const lineages = levels.map(({ lineage }) => lineage);
    const line = levels.map(({ cell: { cell, rank } }): ShownLeaf => ({ leaf: cell.leaf, rank }));
    const whole: ShownLine = [line[0] as ShownLeaf, ...line.slice(1)];
    const { parameters } = trust.rules;
    const claimsFrom = findClaimStart(chain, parameters);
    const found = levels.map((level) => describeLevel(level, chain, view));
    return {
      network: parameters.name,
      asOf: describeHeaders(shown),
      chain,
      claimsFrom,
      claimsEnd: claimsFrom + chain.claimDelay,
      levels: [found[0] as ShownLevel, ...found.slice(1)],
      terms: showTerms(file, chain, whole, view),
      point: showPoint(chain, view),
      claims: showClaims(chain, whole, view),
      closes: showCloses(file, lineages, chain, view),
      breaches: insist(judgeShownEvidence(file.evidence, lineages, view)),
    };
  });
}

function describeHeaders({ states, tip, isFromGenesis }: ShownHeaders): ProofFacts["asOf"] {
  return {
    height: tip.header.height,
    hash: tip.hash,
    timeMs: computeUnixMs(tip.header.time),
    headers: states.length - 1,
    from: states[0].header.height,
    isFromGenesis,
    work: tip.work,
  };
}

/** A level with its lineage: of the chain that its leaf stands in. */
type CheckedLevel = {
  readonly lineage: Lineage;
  readonly cell: AnchoredCell;
  readonly conditions: readonly Condition[];
};

function showLevels(
  { line }: Pick<ProofFile, "line">,
  chain: ChainRecord,
  view: ProofView,
): CheckedLevel[] {
  let lineage = lineageOf(chain);
  const depth = lineage.length - 1 + line.length;
  demand(depth <= LINE_MAX, "TOO_DEEP", `expected at most ${LINE_MAX} levels, got ${depth}`);
  return line.map(({ proof, conditions }, level) => {
    const standsIn = lineage;
    const cell = insist(showLevel(proof, standsIn, view));
    const { leaf, place } = cell.cell;
    insist(judgeBodies(place.conditions, conditions));
    if (level < line.length - 1 || leaf.sealed) lineage = insist(descend(standsIn, leaf));
    return { lineage: standsIn, cell, conditions };
  });
}

function describeLevel(
  { lineage, cell: { cell, rank, posts }, conditions }: CheckedLevel,
  chain: ChainRecord,
  view: ProofView,
): ShownLevel {
  const { id: chainId, operator } = lineage.at(-1) ?? lineage[0];
  return {
    chainId,
    operator,
    leaf: cell.leaf,
    place: cell.place,
    rank,
    sequence: posts.at(-1)?.sequence ?? 0,
    conditions: conditions.map((condition, index) => ({
      condition,
      side: cell.place.conditions[index]?.side ?? true,
      questions: condition.facts.flatMap((fact) => {
        const recorded = view.fact(fact);
        return recorded.kind === "oracle" ? (recorded.record?.question ?? []) : [];
      }),
      ...readOutcome(view, chain, condition),
    })),
  };
}

function showTerms(
  { script, state }: Pick<ProofFile, "script" | "state">,
  chain: ChainRecord,
  line: ShownLine,
  view: ProofView,
): ProofFacts["terms"] {
  const leaf = lastLeaf(line);
  demand(
    equalBytes(hashScript(script), leaf.scriptHash),
    "OTHER_SCRIPT",
    "the script shown is not the contract's",
  );
  if (leaf.sealed) {
    demand(state === undefined, "SEALED", "a contract that is a chain has no terms");
    return { nonce: 0, script, run: SEALED_RUN };
  }
  if (state !== undefined) insist(judgeState(state, chain, line, view));
  const nonce = state?.state.nonce ?? 0;
  const newest = state?.state.script ?? script;
  return { nonce, script: newest, run: runTerms(nonce, newest, new Uint8Array(), view.gas) };
}

/** The drawn point; undefined before the draw, and where the file begins above it. */
function showPoint(chain: ChainRecord, view: ProofView): bigint | undefined {
  const found = findPoint(view, chain);
  return found.ok ? found.value : undefined;
}

function showClaims(chain: ChainRecord, line: ShownLine, view: ProofView): ProofFacts["claims"] {
  const settlement = view.settlement(chain.id);
  const count = settlement.kind === "open" ? settlement.count : 0;
  if (count === 0) return { count, own: undefined, above: 0 };
  if (count > CLAIMS_SHOWN_MAX) {
    return {
      count,
      own: view.result(computeResultKey(chain.id, leavesOf(line))),
      above: undefined,
    };
  }
  const results = view.results(chain.id);
  const key = computeResultKey(chain.id, leavesOf(line));
  const own = results.find((result) => equalBytes(resultKeyOf(result), key));
  const outranks = createOrder([...linesOf(results), line]);
  const standing = results.filter(({ removal }) => removal === undefined);
  const above = standing.filter((each) => outranks(each.line, own?.line ?? line)).length;
  return { count, own, above };
}

function showCloses(
  { closes }: Pick<ProofFile, "closes">,
  lineages: readonly Lineage[],
  chain: ChainRecord,
  view: ProofView,
): GivenUp[] {
  return closes.map(({ level, close }) => {
    const lineage = lineages[level];
    if (lineage === undefined) {
      throw new Refusal(
        "NO_SUCH_LEVEL",
        `the line has ${lineages.length} levels, not ${level + 1}`,
      );
    }
    const { rank, closed, successors } = insist(judgeCloseProof(close, lineage, chain, view));
    return {
      level,
      rank,
      closed: closed.map(({ leaf }) => leaf),
      made: successors.map(({ leaf }) => leaf),
    };
  });
}
