import { decodeHolding, verifyHolding } from "../../blocks/holding.ts";
import type { Challenge } from "../../chain/challenges/challengeMessages.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { formatHex } from "../../lib/hex.ts";
import { accept, refuse, type Verdict } from "../../lib/verdict.ts";
import { hashLeaf, type Leaf } from "../../protocol/leaf.ts";
import type { Rules } from "../../protocol/rules.ts";
import { decodeWitness } from "../../space/witness.ts";
import { isRecordBuried } from "../buried.ts";
import type { ChainTracker, TrackedChain } from "../chainTracker.ts";
import { draftChallenge, type LaterState } from "../draftChallenge.ts";
import type { Entry } from "../entry.ts";
import type { MainChain } from "../mainChain.ts";
import type { OwnLeaf } from "../ownLeaves.ts";
import { SourceError } from "../ports.ts";

/** A challenge that an own contract gives reason to. */
export type ContractChallenge = { readonly own: OwnLeaf; readonly challenge: Challenge };

type Tools = {
  readonly rules: Rules;
  readonly mainChain: MainChain;
  readonly tracker: ChainTracker;
};

/**
 * The challenges of a chain that broke a rule: of each own contract that a later post of it shows something else in the place
 * of. What that post's state holds there only its operator can show; who shows nothing is asked for it on the main chain.
 */
export async function findChallenges(
  chain: TrackedChain,
  tools: Tools,
): Promise<ContractChallenge[]> {
  const { book } = chain;
  if (book.breach === undefined) return [];
  const { proof } = book.breach;
  const entry =
    proof.kind === "gone"
      ? proof.entry
      : await tools.tracker.historyOf(chain).entries.entry(book.postCount);
  const isCounted = entry !== undefined && entry.record.height < book.chain.expiry;
  if (!isCounted || !isRecordBuried(entry.record, tools.mainChain)) return [];
  const held = [...book.own.values()].filter(
    ({ closedIn, post }) => closedIn === undefined && post !== undefined,
  );
  const drafts: ContractChallenge[] = [];
  for (const own of held) {
    const later = await readLater(chain, own, entry, tools);
    const challenge = later.ok ? draftChallenge(chain, own, later.value, tools.tracker) : later;
    if (challenge.ok) drafts.push({ own, challenge: challenge.value });
  }
  return drafts;
}

/** The state after an entry, as far as it shows what stands in the place of an own contract, where that is not the contract. */
async function readLater(
  chain: TrackedChain,
  { leaf, place }: OwnLeaf,
  entry: Entry,
  { rules, tracker }: Tools,
): Promise<Verdict<LaterState>> {
  const { facts } = chain.followed;
  const question = { places: [place], keys: [] };
  try {
    const served = await tracker.operatorOf(chain).holding(entry.sequence, question);
    const holding = served.ok ? decodeHolding(served.value) : served;
    if (!holding.ok) return holding;
    const shown = verifyHolding(holding.value, facts, entry.record.hash, question, rules);
    if (!shown.ok) return shown;
    const [found] = shown.value.leaves;
    if (found !== undefined && equalBytes(hashLeaf(found), hashLeaf(leaf))) {
      return refuse("STILL_STANDS", "the contract stands where it stood");
    }
    const { header, rootsRoot, path } = holding.value;
    const tree = decodeWitness(path, facts.lo, facts.hi);
    return tree.ok ? accept({ entry, headers: [header], rootsRoot, tree: tree.value }) : tree;
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return refuse(error.code, error.message);
  }
}

/** What a challenge of a contract is known by. */
export function nameChallenge({ id }: Pick<Leaf, "id">): string {
  return `challenge:${formatHex(id)}`;
}
