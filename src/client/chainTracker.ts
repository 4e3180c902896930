import { readChainAddress, writeChainAddress } from "../api/chainAddress.ts";
import type { ChainFacts } from "../blocks/applyTransactions.ts";
import { readAnswerRecord } from "../chain/requests/dataRecord.ts";
import { computeShownKey, type DataTarget } from "../chain/requests/dataTarget.ts";
import { computeClaimStart } from "../chain/settlement/draw.ts";
import { readChainRecord } from "../chain/state/chainRecord.ts";
import { equalBytes } from "../lib/bytes.ts";
import { formatHex } from "../lib/hex.ts";
import { accept, refuse, type Verdict } from "../lib/verdict.ts";
import type { OracleRecord } from "../protocol/facts.ts";
import { LINE_MAX } from "../protocol/limits.ts";
import type { Rules } from "../protocol/rules.ts";
import {
  type AskedData,
  endAtVoid,
  findEnd,
  NOTHING_ASKED,
  readAnswer,
  readAskedData,
} from "./askedData.ts";
import { describeChange, type KeptBooks, loadBooks } from "./bookStore.ts";
import type { Breach } from "./breach.ts";
import { type ChainBook, coversScope, createChainBook, type Scope } from "./chainBook.ts";
import type { Unusable } from "./chainSync.ts";
import type { CheckProgress } from "./checkProgress.ts";
import { type Descendant, keyOf } from "./descendantPosts.ts";
import type { Entry } from "./entry.ts";
import {
  createAnchorSource,
  createRecordSource,
  createSwitchedSource,
  type EntrySource,
  type HistorySource,
} from "./entrySource.ts";
import { endBelow, type HistoryEnd, isBeyond, placeOf } from "./historyEnd.ts";
import type { MainChain } from "./mainChain.ts";
import { hasPosting } from "./ownShare.ts";
import type {
  BlockArchive,
  BlockVerifier,
  Clock,
  OperatorFacts,
  OperatorSource,
  StoreOperation,
  WalletStore,
} from "./ports.ts";
import { SourceError } from "./ports.ts";
import { readOracles } from "./readOracles.ts";
import { readSwitch, type Switched } from "./readSwitch.ts";
import { decodeFollowedChain, encodeFollowedChain, type FollowedChain } from "./rows.ts";
import type { SettlementStatus } from "./settlementStatus.ts";
import { countAnchored, isResumed } from "./switched.ts";
import { type CheckMode, type StepTools, standOnMain, syncBooks } from "./syncBooks.ts";

/** Rows of the `meta` table: the chains that only the own share is checked of. */
const OWN_SHARE = "ownShare:";

/** A chain the wallet follows, as far as it has checked it. */
export type TrackedChain = KeptBooks & {
  readonly followed: FollowedChain;
  /** `down`: its operator does not answer. `unread`: he does, but no node proves what is recorded of the chain. */
  readonly connection: "connecting" | "live" | "down" | "unread";
  /** Main-chain height and time of the last complete check; 0 before the first in this session. */
  readonly checkedHeight: number;
  readonly checkedAtMs: number;
  /** While there is more to be checked than one step takes. */
  readonly progress: CheckProgress | undefined;
  readonly withheldSince: number | undefined;
  readonly unusable: Unusable | undefined;
  /** The entry that waits for its blocks, where nobody serves them. */
  readonly withheld: Entry | undefined;
  /** The newest post, where its block was taken from an answer on the main chain, in this session. */
  readonly answered: number | undefined;
  /** That it has switched to the main chain; undefined for one that posts where its seal says. */
  readonly switched: Switched | undefined;
  /** What is asked of it on the main chain. */
  readonly asked: AskedData;
  /** Where its history ends because posts are void, its own or those of a chain that takes them. */
  readonly voidFrom: HistoryEnd | undefined;
  /** The same of posts that wait for an answer: what is recorded from there on may still become void. */
  readonly awaitedFrom: HistoryEnd | undefined;
  readonly oracles: ReadonlyMap<string, OracleRecord>;
  /** Undefined until the point is drawn. */
  readonly settlement: SettlementStatus | undefined;
  /** The same of the chain that an own contract in this one has become. */
  readonly ownChain: SettlementStatus | undefined;
};

/** A chain that is to be followed. */
type Followed = {
  /** Where its operator is served. */
  readonly url: string;
  /** Its id, where that is known before anybody is asked. */
  readonly id: Uint8Array | undefined;
  /** The chains on the way from it to the one that was asked for, its parts; and where those are served. */
  readonly inside: readonly Descendant[];
  readonly servers: readonly string[];
};

/** The chain that a chain was sealed to post in. */
function sealedAnchor({ followed: { nested } }: TrackedChain): Uint8Array | undefined {
  return nested?.anchor.kind === "chain" ? nested.anchor.id : undefined;
}

/** Whether a chain has switched to the main chain, and all that its anchor shows of it before is read. */
function hasGoneOver({ switched }: TrackedChain): boolean {
  return switched?.anchored !== undefined;
}

/** A chain's entries, and who may have its blocks: by their heights, or by their hashes alone. */
export type ChainHistory = {
  readonly entries: EntrySource;
  readonly servers: readonly Pick<OperatorSource, "blocks">[];
  readonly holders: readonly Pick<OperatorSource, "block">[];
};

/**
 * The chains a wallet follows: taken from the store at start, checked against the main chain and
 * the operators on every `sync`, and kept as far as they are found to hold.
 */
export type ChainTracker = {
  chains(): readonly TrackedChain[];
  find(chainId: Uint8Array): TrackedChain | undefined;
  /** The chains that a chain is inside of, the nearest first; one on the main chain has none. */
  ancestors(chain: TrackedChain): TrackedChain[];
  /** The same with the chain itself, from the top down. */
  withAncestors(chain: TrackedChain): TrackedChain[];
  /**
   * The chains that a chain's posts go through, the nearest first; one that posts on the main chain has none, nor one
   * that has switched to it.
   */
  anchors(chain: TrackedChain): TrackedChain[];
  /** The chains from the one whose record an entry of so many hops stands under down to the chain itself. */
  postPath(chain: TrackedChain, hops: number): TrackedChain[];
  operatorOf(chain: TrackedChain): OperatorSource;
  /** Where what a chain has recorded is read again; blocks are asked for of one server after another. */
  historyOf(chain: TrackedChain): ChainHistory;
  /** What requests for a chain's data are kept under. */
  targetOf(chain: TrackedChain): DataTarget;
  /**
   * Follow the chain that is served at an address, and those that it is inside of. Where the address has the chain's id in
   * it, and for those further up, another server that has the blocks will do; an operator who is gone is not needed.
   */
  follow(url: string): Promise<Verdict<null>>;
  /** Keep what a chain shows of one inside it, from its first block on: its leaf and its posts. */
  watch(chainId: Uint8Array, descendant: Descendant): void;
  /** How a chain is to be checked from the next check on; nothing that was checked is lost by a change. */
  modeOf(chain: TrackedChain): CheckMode;
  setMode(chain: TrackedChain, mode: CheckMode): Promise<void>;
  /** Bytes of the proofs that checking the own share has needed in this session. */
  proofBytesOf(chain: TrackedChain): number;
  /** Check what is new, for so long as one step may take. True if there is more. */
  sync(): Promise<boolean>;
  /** The kept evidence of a chain's breach as a file; undefined where it broke no rule. */
  evidence(chainId: Uint8Array): Promise<Uint8Array | undefined>;
};

export async function createChainTracker(options: {
  readonly rules: Rules;
  readonly mainChain: MainChain;
  readonly verifier: BlockVerifier;
  readonly operatorAt: (url: string) => OperatorSource;
  /** Addresses of servers that may have the blocks where an operator does not serve them. */
  readonly mirrors: readonly string[];
  readonly archive: BlockArchive | undefined;
  readonly store: WalletStore;
  readonly clock: Clock;
  /** Own public key, or undefined while the wallet is locked and has none in reach. */
  readonly owner: () => Uint8Array | undefined;
}): Promise<ChainTracker> {
  const { rules, mainChain, store, clock } = options;
  const operators = new Map<string, OperatorSource>();
  const tracked = new Map<string, TrackedChain>();
  /** Chains to be kept track of inside each chain, by hex id of that and hex key of those. */
  const watched = new Map<string, Map<string, Descendant>>();
  /** Addresses that a chain's blocks may be served at beside the mirrors, by its hex id: also those of the chains inside it. */
  const serving = new Map<string, Set<string>>();

  /** How each chain is to be checked, by hex id, where that is not in full. */
  const modes = new Map<string, CheckMode>();
  /** Bytes of the proofs that an own share's check has needed in this session. */
  const proofBytes = new Map<string, number>();
  for (const [key] of await store.rows("meta")) {
    if (key.startsWith(OWN_SHARE)) modes.set(key.slice(OWN_SHARE.length), "ownShare");
  }

  const operatorAt = (url: string): OperatorSource => {
    const known = operators.get(url) ?? options.operatorAt(url);
    operators.set(url, known);
    return known;
  };

  const booksOf = await loadBooks(store);
  for (const [id, bytes] of await store.rows("chains")) {
    const followed = decodeFollowedChain(bytes);
    if (!followed.ok) continue;
    const { facts } = followed.value;
    const books = booksOf(facts, id, scopeOf(id));
    const breach = await readBreach(facts);
    tracked.set(id, begin(followed.value, { ...books, book: { ...books.book, breach } }));
  }
  for (const chain of tracked.values()) {
    const { url } = chain.followed;
    for (const { followed } of withAncestors(chain)) addServers(followed.facts.id, [url]);
    for (const above of ancestors(chain)) watch(above.followed.facts.id, chain.followed.facts);
  }

  function begin(followed: FollowedChain, books: KeptBooks): TrackedChain {
    return {
      ...books,
      followed,
      connection: "connecting",
      checkedHeight: 0,
      checkedAtMs: 0,
      progress: undefined,
      withheldSince: undefined,
      unusable: undefined,
      withheld: undefined,
      answered: undefined,
      switched: undefined,
      asked: NOTHING_ASKED,
      voidFrom: undefined,
      awaitedFrom: undefined,
      oracles: new Map(),
      settlement: undefined,
      ownChain: undefined,
    };
  }

  function modeOf(id: string): CheckMode {
    return modes.get(id) ?? "full";
  }

  /** The same for the next step: what is not kept of a chain can be found in nothing but all of its blocks. */
  function nextModeOf(id: string, chain: TrackedChain, scope: Scope): CheckMode {
    const isKept =
      coversScope(chain.book.scope, scope) &&
      hasPosting(chain.book, postingIn(chain)) &&
      !isMissed(chain);
    return isKept ? modeOf(id) : "full";
  }

  /** Hex keys of the followed chains that post in this one. */
  function postingIn({ followed: { facts } }: TrackedChain): string[] {
    return [...tracked.values()].flatMap(({ followed }) => {
      const anchor = followed.nested?.anchor;
      const isHere = anchor?.kind === "chain" && equalBytes(anchor.id, facts.id);
      return isHere ? [keyOf(followed.facts)] : [];
    });
  }

  async function hasSigned(contractId: Uint8Array): Promise<boolean> {
    const start = `close:${formatHex(contractId)}:`;
    return (await store.rows("signed")).some(([key]) => key.startsWith(start));
  }

  function watch(chainId: Uint8Array, { id, operator }: Descendant): void {
    const key = formatHex(chainId);
    const inside = watched.get(key) ?? new Map<string, Descendant>();
    watched.set(key, inside.set(keyOf({ id, operator }), { id, operator }));
  }

  function addServers(chainId: Uint8Array, urls: readonly string[]): void {
    const key = formatHex(chainId);
    serving.set(key, new Set([...(serving.get(key) ?? []), ...urls]));
  }

  /** Who may have a chain's blocks, whoever its operator is. */
  function serversOf(chainId: Uint8Array): OperatorSource[] {
    const urls = new Set([...options.mirrors, ...(serving.get(formatHex(chainId)) ?? [])]);
    return [...urls].map((url) => operatorAt(writeChainAddress(url, chainId)));
  }

  /** What is to be kept of a chain: never less than before, as long as the owner is the same. */
  function scopeOf(id: string): Scope {
    const kept = tracked.get(id)?.book.scope.descendants ?? [];
    const inside = new Map(kept.map((each) => [keyOf(each), each]));
    for (const [key, each] of watched.get(id) ?? []) inside.set(key, each);
    return { owner: options.owner(), descendants: [...inside.values()] };
  }

  /** One step of a chain's check; what was found is on disk when it resolves. */
  async function step(id: string, before: TrackedChain): Promise<TrackedChain> {
    const scope = scopeOf(id);
    const mode = nextModeOf(id, before, scope);
    const standing = standOnMain(before, mainChain.book(), scope, mode, postingIn(before));
    const chain = { ...before, ...standing };
    let isSilent = false;
    const listen = <Answer>(answer: Promise<Answer>): Promise<Answer> =>
      answer.catch((error: unknown) => {
        isSilent = true;
        throw error;
      });
    const questioned = operatorAt(chain.followed.url);
    const servers = serversOf(chain.followed.facts.id);
    try {
      const asked = await readAskedData(mainChain, targetOf(chain));
      const switched = await readSwitched(chain);
      const source = entriesOf({ ...chain, switched });
      const anchor = anchorOf(chain);
      const above = endBelow(anchor?.voidFrom, switched?.record.height);
      const awaitedAbove = endBelow(anchor?.awaitedFrom, switched?.record.height);
      const voidFrom = await findEnd(source, asked.voided?.sequence, above);
      const awaitedFrom = await findEnd(source, asked.awaited, awaitedAbove);
      const entries = endAtVoid(source, voidFrom);
      const end = await createEnding({ ...chain, switched }, voidFrom, above);
      const start = end(standing);
      const operator: StepTools["operator"] = {
        blocks: (from, count) => listen(questioned.blocks(from, count)),
        facts: () => listen(questioned.facts()),
        holding: (...question) => listen(questioned.holding(...question)),
      };
      let isUnread = false;
      let isAnswered = false;
      // Whoever has the bytes: what was answered on the main chain is checked like anything else that is served.
      const answers = {
        async block(hash: Uint8Array) {
          const bytes = await readAnswer(hash, mainChain).catch((error: unknown) => {
            isUnread = true;
            throw error;
          });
          isAnswered ||= bytes !== undefined;
          return bytes;
        },
      };
      const checked = await syncBooks(start, before.progress, {
        rules,
        mainChain,
        entries,
        operator,
        mirrors: servers,
        holders: [answers, questioned, ...options.mirrors.map(operatorAt), ...servers],
        archive: options.archive,
        verifier: options.verifier,
        scope,
        mode,
        hasSigned,
        onProof: (bytes) => proofBytes.set(id, (proofBytes.get(id) ?? 0) + bytes),
        isMissed: isMissed(chain),
        inDoubt: awaitedFrom,
        clock,
      });
      const { isOperatorDown, isUnserved, progress, unusable } = checked;
      const books = end(checked.books);
      const { postCount } = books.book;
      isAnswered &&= postCount > start.book.postCount;
      await store.commit([
        ...describeChange(id, before, books),
        ...(await keepBreach(id, books.book, before.book)),
      ]);
      const isComplete = progress === undefined && !isUnserved;
      // Where it is the answers on the main chain that could not be read, the operator may withhold nothing.
      const withheldSince = isUnread ? undefined : checked.withheldSince;
      return {
        ...chain,
        ...books,
        progress,
        unusable,
        answered: isAnswered || chain.answered === postCount ? postCount : undefined,
        asked,
        switched,
        voidFrom,
        awaitedFrom,
        withheldSince,
        withheld:
          withheldSince === undefined ? undefined : await entries.entry(books.book.postCount),
        connection: isUnread ? "unread" : isOperatorDown ? "down" : "live",
        checkedHeight: isComplete ? mainChain.tip().header.height : chain.checkedHeight,
        checkedAtMs: isComplete ? clock() : chain.checkedAtMs,
        oracles: await readOracles(mainChain, chain.followed),
      };
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      await store.commit(describeChange(id, before, standing));
      const { breach = await readBreach(chain.followed.facts) } = standing.book;
      const book = { ...standing.book, breach };
      const connection = isSilent ? "down" : "unread";
      return { ...chain, book, connection, progress: undefined };
    }
  }

  /** What takes out of a chain's books all that stands beyond the end of its history. */
  async function createEnding(
    chain: TrackedChain,
    end: HistoryEnd | undefined,
    above: HistoryEnd | undefined,
  ): Promise<(books: KeptBooks) => KeptBooks> {
    if (end === undefined) return (books) => books;
    const { endBooks } = await import("./voidBooks.ts");
    const shown = new Set<string>();
    for (const [id, { leaf, post, headers }] of chain.book.own) {
      // Only what stood in the posted state itself can be shown, and only for a post of the chain's own.
      if (post === undefined || headers.length !== 1) continue;
      if (post.sequence < end.sequence || isBeyond(above, placeOf(post))) continue;
      const key = computeShownKey(targetOf(chain), post.sequence, leaf);
      const place = await mainChain.read("requests", key, readAnswerRecord);
      if (place !== undefined) shown.add(id);
    }
    const { switched } = chain;
    const isHistory = (book: ChainBook) => switched === undefined || isResumed(book, switched);
    return (books) => endBooks(books, end, (id) => shown.has(id), isHistory);
  }

  /** What requests for a chain's data are kept under. */
  function targetOf(chain: TrackedChain): DataTarget {
    const { facts } = (withAncestors(chain)[0] ?? chain).followed;
    const { id: chainId, operator } = chain.followed.facts;
    return { topId: facts.id, chainId, operator };
  }

  async function readEvidence({ id }: Pick<ChainFacts, "id">): Promise<Uint8Array | undefined> {
    return new Map(await store.rows("breaches")).get(formatHex(id));
  }

  /** The breach that kept evidence proves; it is judged again, like a stranger's. */
  async function readBreach(chain: ChainFacts): Promise<Breach | undefined> {
    const evidence = await readEvidence(chain);
    // A record was read with its proof before the evidence was kept, and is read again at the next check.
    const known = { rules, chain, isRecorded: () => true };
    if (evidence === undefined) return undefined;
    // Few chains are broken: a page loads how evidence is read when one is.
    const { judgeEvidence } = await import("./evidence.ts");
    const breach = judgeEvidence(evidence, known);
    return breach.ok ? breach.value : undefined;
  }

  /** What the store must do so that a breach outlives this session; nothing if it is known there. */
  async function keepBreach(
    id: string,
    { chain, breach }: ChainBook,
    kept: ChainBook,
  ): Promise<StoreOperation[]> {
    const table = "breaches";
    if (breach === undefined) return kept.breach ? [{ kind: "delete", table, key: id }] : [];
    const isKept =
      kept.breach?.rule === breach.rule && kept.breach.blockHeight === breach.blockHeight;
    if (isKept) return [];
    const { encodeEvidence } = await import("./evidence.ts");
    const value = encodeEvidence({ networkId: rules.networkId, chain, breach });
    return [{ kind: "put", table, key: id, value }];
  }

  /** The chain that took a chain's posts first, where that was not the main chain. */
  function anchorOf(chain: TrackedChain): TrackedChain | undefined {
    const id = sealedAnchor(chain);
    return id && tracked.get(formatHex(id));
  }

  /** Whether a chain that was sealed to post in another has switched to the main chain. */
  async function readSwitched(chain: TrackedChain): Promise<Switched | undefined> {
    const { facts, nested } = chain.followed;
    const record = nested?.anchor.kind === "chain" ? await readSwitch(mainChain, facts) : undefined;
    // No post at or above the expiry counts, so nothing has come of a switch there.
    if (record === undefined || record.height >= facts.expiry) return undefined;
    const anchor = anchorOf(chain);
    if (anchor === undefined) return { record, anchored: undefined };
    const entries = endAtVoid(entriesOf(anchor), anchor.voidFrom);
    return { record, anchored: await countAnchored(facts, record.height, anchor.book, entries) };
  }

  /** Where a chain's history is read: on the main chain, or in the book of the chain that it posts in. */
  function entriesOf(chain: TrackedChain): HistorySource {
    const { followed } = chain;
    if (followed.nested?.anchor.kind !== "chain") {
      return createRecordSource(followed.facts, mainChain.tip(), mainChain);
    }
    const above = anchorOf(chain);
    if (above === undefined) {
      throw new SourceError("DOWN", "the chain that it posts in is not followed here");
    }
    const entries = createAnchorSource(followed.facts, above);
    const { switched } = chain;
    return switched === undefined
      ? entries
      : createSwitchedSource(followed.facts, switched, entries, mainChain.tip(), mainChain);
  }

  /** Whether a chain that posts in this one has missed entries that the book has let go. */
  function isMissed(chain: TrackedChain): boolean {
    return [...tracked.values()].some(({ followed, book, rereading }) => {
      const anchor = followed.nested?.anchor;
      if (anchor?.kind !== "chain") return false;
      if (formatHex(anchor.id) !== formatHex(chain.followed.facts.id)) return false;
      const first = chain.book.descendants.get(keyOf(followed.facts))?.first ?? 0;
      const again = modeOf(formatHex(followed.facts.id)) === "full" ? rereading : undefined;
      return Math.min(book.postCount, again?.postCount ?? book.postCount) < first;
    });
  }

  async function settle(chain: TrackedChain): Promise<TrackedChain> {
    const [top, ...inside] = withAncestors(chain).map(({ followed }) => followed);
    if (top === undefined || top.nested !== undefined) {
      return { ...chain, settlement: undefined, ownChain: undefined };
    }
    // How a chain ends is nobody's question before its point is drawn: a page loads the answer then.
    const drawnAt = computeClaimStart(top.facts.expiry, rules.parameters) - 1;
    if (mainChain.tip().header.height < drawnAt) {
      return { ...chain, settlement: undefined, ownChain: undefined };
    }
    try {
      const { readOwnChain, readStatus } = await import("./settlementStatus.ts");
      const chains = [top, ...inside] as const;
      const settlement = await readStatus(mainChain, rules, chains);
      const { own } = chain.book;
      const ownChain = await readOwnChain(mainChain, rules, chains, settlement, own);
      return { ...chain, settlement, ownChain };
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      return chain;
    }
  }

  /**
   * What is said of the chain at a server; where its id is known, by whoever has its blocks. The main chain, or the chain
   * above, says whether it is so.
   */
  async function readFacts({ url, id }: Followed): Promise<Verdict<OperatorFacts>> {
    let refused: Verdict<OperatorFacts> | undefined;
    for (const server of [operatorAt(url), ...(id === undefined ? [] : serversOf(id))]) {
      try {
        const facts = await server.facts();
        if (id === undefined || equalBytes(facts.chainId, id)) return accept(facts);
        refused ??= refuse("OTHER_CHAIN", `another chain is served at ${url} than is named`);
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        refused ??= refuse(error.code, error.message);
      }
    }
    return refused ?? refuse("DOWN", `nobody answers at ${url}`);
  }

  async function follow(wanted: Followed): Promise<Verdict<null>> {
    const { url, inside } = wanted;
    if (wanted.id !== undefined) addServers(wanted.id, [url, ...wanted.servers]);
    try {
      const said = await readFacts(wanted);
      if (!said.ok) return said;
      const facts = said.value;
      addServers(facts.chainId, [url]);
      for (const each of inside) watch(facts.chainId, each);
      const { followRecord } = await import("./followChain.ts");
      const record = await mainChain.read("chains", facts.chainId, readChainRecord);
      const followed =
        record === undefined ? await followInside(wanted, facts) : followRecord(url, facts, record);
      if (!followed.ok) return followed;
      await keep(followed.value);
      return accept(null);
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      return refuse(error.code, error.message);
    }
  }

  /** Follow the chain above first, and check it: only its blocks say what stands inside. */
  async function followInside(
    { url, inside, servers }: Followed,
    facts: OperatorFacts,
  ): Promise<Verdict<FollowedChain>> {
    const { parent } = facts;
    if (parent === undefined) {
      return refuse("NO_SUCH_CHAIN", "the main chain has no chain of the id this operator names");
    }
    if (inside.length + 1 >= LINE_MAX) {
      return refuse("TOO_DEEP", `expected at most ${LINE_MAX} chains inside one another`);
    }
    const own = { id: facts.chainId, operator: facts.operator };
    const above = await follow({
      url: readChainAddress(parent.url).server,
      id: parent.chainId,
      inside: [own, ...inside],
      servers: [url, ...servers],
    });
    if (!above.ok) return above;
    const { followLeaf } = await import("./followChain.ts");
    const id = formatHex(parent.chainId);
    for (;;) {
      const known = tracked.get(id) as TrackedChain;
      const checked = await step(id, known);
      tracked.set(id, checked);
      if (checked.progress !== undefined) continue;
      return followLeaf(url, facts, checked, (each) => tracked.get(each));
    }
  }

  async function keep(followed: FollowedChain): Promise<void> {
    const id = formatHex(followed.facts.id);
    await store.commit([
      { kind: "put", table: "chains", key: id, value: encodeFollowedChain(followed) },
    ]);
    const known = tracked.get(id);
    const empty = () => ({
      book: createChainBook(followed.facts, scopeOf(id)),
      checkpoints: [],
      rereading: undefined,
    });
    tracked.set(id, { ...(known ?? begin(followed, empty())), followed });
  }

  function climb(
    from: TrackedChain,
    next: (chain: TrackedChain) => Uint8Array | undefined,
  ): TrackedChain[] {
    const above: TrackedChain[] = [];
    for (let at = from; above.length < LINE_MAX; ) {
      const id = next(at);
      const chain = id && tracked.get(formatHex(id));
      if (chain === undefined) break;
      above.push(chain);
      at = chain;
    }
    return above;
  }

  function ancestors(chain: TrackedChain): TrackedChain[] {
    return climb(chain, ({ followed }) => followed.nested?.parentId);
  }

  function withAncestors(chain: TrackedChain): TrackedChain[] {
    return [...ancestors(chain).toReversed(), chain];
  }

  return {
    ancestors,
    withAncestors,
    anchors: (chain) =>
      climb(chain, (each) => (hasGoneOver(each) ? undefined : sealedAnchor(each))),
    postPath: (chain, hops) =>
      [chain, ...climb(chain, sealedAnchor)].slice(0, hops + 1).toReversed(),
    chains: () => [...tracked.values()],
    find: (chainId) => tracked.get(formatHex(chainId)),
    operatorOf: (chain) => operatorAt(chain.followed.url),
    historyOf(chain) {
      const servers = [operatorAt(chain.followed.url), ...serversOf(chain.followed.facts.id)];
      const answers = { block: (hash: Uint8Array) => readAnswer(hash, mainChain) };
      const holders = [...servers, ...options.mirrors.map(operatorAt), answers];
      return { entries: entriesOf(chain), servers, holders };
    },
    targetOf,
    watch,
    follow(address) {
      const { server: url, chainId: id } = readChainAddress(address);
      return follow({ url, id, inside: [], servers: [] });
    },
    evidence: (id) => readEvidence({ id }),

    modeOf: ({ followed }) => modeOf(formatHex(followed.facts.id)),
    proofBytesOf: ({ followed }) => proofBytes.get(formatHex(followed.facts.id)) ?? 0,

    async setMode({ followed }, mode) {
      const id = formatHex(followed.facts.id);
      const key = OWN_SHARE + id;
      const value = new Uint8Array();
      const keep = { kind: "put", table: "meta", key, value } as const;
      await store.commit([mode === "full" ? { kind: "delete", table: "meta", key } : keep]);
      modes.set(id, mode);
    },

    async sync() {
      // Whoever is above comes first: a chain is read in its anchor's book.
      const byDepth = [...tracked.values()].toSorted(
        (a, b) => ancestors(a).length - ancestors(b).length,
      );
      let isBehind = false;
      for (const { followed } of byDepth) {
        const id = formatHex(followed.facts.id);
        const chain = tracked.get(id);
        if (chain === undefined) continue;
        const checked = await settle(await step(id, chain));
        tracked.set(id, checked);
        isBehind ||= checked.progress !== undefined;
      }
      return isBehind;
    },
  };
}
