import { isPlainText } from "../api/plainText.ts";
import { isRunTrue } from "../chain/settlement/contractRun.ts";
import { coversPoint } from "../chain/settlement/draw.ts";
import { equalBytes } from "../lib/bytes.ts";
import { formatHex } from "../lib/hex.ts";
import { formatRange, formatVeo, groupThousands } from "../protocol/amountWords.ts";
import { computeAddress } from "../protocol/amoveo/address.ts";
import type { ProofFacts, ShownCondition, ShownLevel } from "./verifyProofFile.ts";

const QUESTION_LETTERS_MAX = 256;

/**
 * What a file proves, for people: one sentence that sums it up, what it proves, as of when and by how much work, and
 * what no file can know.
 */
export type ProofWords = {
  readonly headline: string;
  readonly proves: readonly string[];
  readonly asOf: readonly string[];
  readonly unknown: readonly string[];
};

export function describeProof(facts: ProofFacts): ProofWords {
  return {
    headline: describeHeadline(facts),
    proves: [
      ...facts.levels.map((level, index) => describeLevel(level, index, facts)),
      ...facts.levels.flatMap(({ conditions }) => conditions.map(describeCondition)),
      describeTerms(facts),
      ...describeSettling(facts),
      ...facts.closes.map(({ closed, made, rank, level }) => {
        const gone = closed.map(({ id }) => nameId(id)).join(", ");
        const isOwn = made.some(({ id }) => equalBytes(id, facts.levels[level]?.leaf.id ?? id));
        const left = isOwn ? ", and this contract was made of it" : "";
        return `Who owned ${gone} before gave it up by his signature, recorded in block ${at(rank.height)}${left}.`;
      }),
      ...facts.breaches.map(
        ({ chainId, rule, blockHeight, message }) =>
          `The operator of chain ${nameId(chainId)} broke the rule ${rule} in block ${at(blockHeight)} of his chain: ${message}.`,
      ),
    ],
    asOf: describeTime(facts),
    unknown: describeUnknown(facts),
  };
}

/** Whether what is proven is that the contract wins nothing. */
export function isLost({ levels, point }: ProofFacts): boolean {
  const isOff = (level: ShownLevel) => point !== undefined && !coversPoint(level.leaf, point);
  return levels.some((level) => level.conditions.some(isAgainst) || isOff(level));
}

function last({ levels }: ProofFacts): ShownLevel {
  return levels.at(-1) ?? levels[0];
}

function describeHeadline(facts: ProofFacts): string {
  const { leaf } = last(facts);
  const what = leaf.sealed ? "The chain" : "The contract";
  const range = formatRange(leaf.lo, leaf.hi);
  const all = facts.levels.flatMap(({ conditions }) => conditions);
  if (all.some(isAgainst)) {
    return `${what} over ${range} was made, but what it hangs on came out against it: it wins nothing.`;
  }
  if (facts.point !== undefined) {
    return facts.levels.every((level) => coversPoint(level.leaf, facts.point ?? -1n))
      ? `${what} over ${range} holds the point that was drawn.`
      : `${what} over ${range} does not hold the point that was drawn: it wins nothing.`;
  }
  const prize = formatVeo(facts.chain.amount);
  return `${what} over ${range} stood in its chain, which plays for ${prize}.`;
}

function describeLevel(level: ShownLevel, index: number, facts: ProofFacts): string {
  const { leaf, chainId, operator, rank, sequence } = level;
  const range = formatRange(leaf.lo, leaf.hi);
  const where =
    index === 0
      ? `chain ${nameId(chainId)} on the main chain, which holds ${formatVeo(facts.chain.amount)}`
      : `chain ${nameId(chainId)} inside the one above`;
  const kind = leaf.sealed ? "is sealed as a chain" : "stood";
  return `Contract ${nameId(leaf.id)} over ${range} ${kind} in ${where}, by post ${at(sequence)} of operator ${computeAddress(operator)}, recorded in block ${at(rank.height)}. Its owner is ${computeAddress(leaf.owner)}.`;
}

function isAgainst({ side, isTrue, isFinal }: ShownCondition): boolean {
  return isFinal && side !== isTrue;
}

function describeCondition({
  condition,
  questions,
  side,
  isTrue,
  isFinal,
}: ShownCondition): string {
  const reads = condition.facts.map(({ kind, key }) => `${kind} ${nameId(key)}`).join(", ");
  const asked = questions.map((question) => `${quote(question)}`).join(", ");
  const name = `a condition on ${reads === "" ? "nothing" : reads}${asked === "" ? "" : ` (${asked})`}`;
  const holds = `It holds only where ${name} is ${side ? "true" : "not true"}`;
  if (!isFinal) return `${holds}; that is not decided yet.`;
  return isTrue === side ? `${holds}, and so it came out.` : `${holds}, and it came out otherwise.`;
}

function describeTerms({ terms }: ProofFacts): string {
  const which =
    terms.nonce === 0
      ? "Its terms are the script that it was made with"
      : `Its terms are state ${at(terms.nonce)}, signed by its owner and its operator`;
  const says = isRunTrue(terms.run)
    ? "its owner is to be paid"
    : "its owner is not to be paid unless more evidence is shown";
  return `${which}: by them ${says}.`;
}

function describeSettling({ chain, claimsFrom, claimsEnd, claims, point }: ProofFacts): string[] {
  const drawn = point === undefined ? [] : [`The point ${formatVeo(point)} was drawn.`];
  const window = `It can be claimed from block ${at(claimsFrom)} on, and only below block ${at(claimsEnd)}.`;
  if (claims.own === undefined) {
    const others = claims.count === 0 ? "nobody has" : `others have, ${at(claims.count)} times`;
    const expiry = `Posts count below block ${at(chain.expiry)}.`;
    return [...drawn, expiry, window, `It is not claimed yet; ${others}.`];
  }
  const { writtenAt, removal } = claims.own;
  const claimed = `It was claimed in block ${at(writtenAt)}`;
  if (removal !== undefined) {
    return [...drawn, `${claimed}, and the claim was removed by a close that was shown.`];
  }
  const { above } = claims;
  const order =
    above === undefined
      ? "the file does not show whether another claim stands above it"
      : above === 0
        ? "no other claim stands above it"
        : `${at(above)} other claims stand above it`;
  return [...drawn, `${claimed}; ${order}.`];
}

function describeTime({ asOf, network }: ProofFacts): string[] {
  const time = `${new Date(asOf.timeMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  const work = `${groupThousands(asOf.work)} expected hashes`;
  const tip = `It is so as of block ${at(asOf.height)} of the network "${network}", made at ${time} by its own word: ${formatHex(asOf.hash)}.`;
  return [
    tip,
    asOf.isFromGenesis
      ? `All ${at(asOf.headers)} headers from the network's beginning are in the file, and their work was checked: ${work}.`
      : `The file shows the last ${at(asOf.headers)} headers, from block ${at(asOf.from)} on, with ${work}. What came before is not shown: whoever can do that much work could have made another past.`,
  ];
}

function describeUnknown(facts: ProofFacts): string[] {
  const { height } = facts.asOf;
  const { rank } = last(facts);
  return [
    `Whether a heavier main chain exists that says otherwise, or what happened after block ${at(height)}.`,
    `Whether its owner has given the contract up since it was shown, in block ${at(rank.height)}: only he can, and he knows.`,
    "Whether owner and operator have signed newer terms than those shown.",
    facts.closes.length === 0
      ? "Whether something else was sold on the same space before: the file shows no closes of what stood there."
      : "Whether anything else was sold on the same space before, beside what the closes shown gave up.",
    "Whether whoever shows the file has the owner's key.",
  ];
}

/** A stranger's question, unless it could dress itself up as something else. */
function quote(question: string): string {
  return isPlainText(question, QUESTION_LETTERS_MAX)
    ? `“${question}”`
    : "whose question is no plain text";
}

/** Enough of an id to tell it by. */
function nameId(id: Uint8Array): string {
  return formatHex(id).slice(0, 12);
}

function at(count: number): string {
  return groupThousands(count);
}
