import type {
  CourtBlock,
  CourtClose,
  CourtCondition,
  CourtLeaf,
  CourtPost,
  CourtScript,
  CourtSent,
  CourtState,
  CourtTerms,
} from "../../reference/courtCase.ts";
import type { SeededRandom } from "../../reference/seededRandom.ts";
import { type History, HONEST, OPERATOR } from "./randomHistory.ts";

/** A life of chains inside chains; `shownLines` end in leaves that honest wallets show as theirs. */
export type NestedHistory = History & { readonly shownLines: readonly (readonly CourtLeaf[])[] };

const USERS = [...HONEST, "dave", "mallory"];
const SPACES = [24n, 256n, 4_096n] as const;
const ORIGIN = "origin";
const EXPIRY = 60;
const DEPTH_MAX = 3;

type Range = { readonly lo: bigint; readonly hi: bigint };
/** A chain as its own operator knows it. */
type Chain = Range & {
  readonly id: string;
  readonly operator: string;
  readonly anchor: string;
  /** From the first chain down to this one. */
  readonly line: readonly string[];
  readonly blocks: string[];
  tip: string;
  /** Number of its next post on the main chain, once it has switched. */
  next: number | undefined;
};
type Draft = {
  readonly chain: Chain;
  leaves: CourtLeaf[];
  posts: CourtPost[];
  readonly closes: CourtClose[];
  readonly made: Set<CourtLeaf>;
};

const isHonest = (who: string) => (HONEST as readonly string[]).includes(who);
const overlaps = (a: Range, b: Range) => a.lo < b.hi && b.lo < a.hi;
const withoutSeal = ({ anchor: _, ...leaf }: CourtLeaf): CourtLeaf => leaf;

/**
 * Build a random life of chains down to three levels, with sales, closes, seals, posts, and, mostly, lies.
 *
 * @param hasSwitches - whether chains go over to the main chain, too, and what is tried with that.
 */
export function createNestedHistory(random: SeededRandom, hasSwitches = false): NestedHistory {
  const chance = (percent: number) => random.below(100) < percent;
  const pick = <Item>(items: readonly Item[]): Item | undefined =>
    items[random.below(Math.max(1, items.length))];
  const isLiar = chance(75);
  const space = SPACES[random.below(SPACES.length)] ?? 24n;
  const blocks = new Map<string, CourtBlock>([[ORIGIN, { parent: "", leaves: [], closes: [] }]]);
  const chains = new Map<string, Chain>();
  const records: { height: number; index: number; block: string }[] = [];
  const otherRecords = new Map<string, { height: number; index: number; block: string }[]>();
  const sent: CourtSent[] = [];
  /** The last block of each chain that is recorded and was never followed by a lie. */
  const viewed = new Map<string, string>();
  const retired: CourtLeaf[] = [];
  let mainHeight = 2;
  let lastIndex = 0;
  let names = 0;
  let hasLied = false;
  const length = 12 + random.below(24);
  /** Liars wait for somebody to take from. */
  const patience = chance(50) ? 0 : random.below(length);
  let made = 0;
  const fresh = (kind: string) => `${kind}${++names}`;
  const conditions = new Map<string, CourtCondition>([
    ["game:yes", { kind: "oracle", oracle: "game", trueFor: ["true", "bad"] }],
    ["game:no", { kind: "oracle", oracle: "game", trueFor: ["true"] }],
  ]);
  const result = pick(["true", "false", "bad"]) ?? "bad";
  const oracles = new Map([["game", { result, height: chance(80) ? 58 : 62 }]]);

  function begin(
    id: string,
    operator: string,
    anchor: string,
    range: Range,
    above: Chain | undefined,
  ) {
    const line = [...(above?.line ?? []), id];
    const { lo, hi } = range;
    chains.set(id, { id, operator, anchor, lo, hi, line, blocks: [], tip: id, next: undefined });
    blocks.set(id, { parent: "", leaves: [], closes: [], ...named(id) });
  }
  const named = (id: string) => (id === ORIGIN ? {} : { chain: id });
  begin(ORIGIN, OPERATOR, "main", { lo: 0n, hi: space }, undefined);

  const signs = (who: string) => !hasLied || !isHonest(who);
  const block = (name: string) => blocks.get(name) as CourtBlock;
  const old = (draft: Draft) => draft.leaves.filter((leaf) => !draft.made.has(leaf));
  const isLeft = (draft: Draft, range: Range) =>
    draft.closes.some(({ place }) => overlaps(place, range));

  function put(draft: Draft, leaf: CourtLeaf): void {
    draft.leaves.push(leaf);
    draft.made.add(leaf);
  }

  function remove(draft: Draft, leaf: CourtLeaf): void {
    draft.leaves = draft.leaves.filter((each) => each !== leaf);
    retired.push(leaf);
  }

  function close(draft: Draft, leaf: CourtLeaf, successors: readonly CourtTerms[]): void {
    remove(draft, leaf);
    draft.closes.push({
      contractId: leaf.id,
      place: { lo: leaf.lo, hi: leaf.hi, conditions: leaf.conditions },
      signer: leaf.owner,
      seenBlock: draft.chain.tip,
      heightMax: 1_000,
      successors,
    });
    for (const successor of successors) put(draft, { ...successor, id: fresh("c") });
  }

  const termsOf = ({ id: _, anchor: __, ...terms }: CourtLeaf): CourtTerms => terms;

  const trades: ((draft: Draft) => void)[] = [
    function buy(draft) {
      const width = draft.chain.hi - draft.chain.lo;
      const part = 1n + BigInt(random.below(Number(width)));
      const lo = draft.chain.lo + BigInt(random.below(Number(width - part + 1n)));
      const range = { lo, hi: lo + part };
      const owner = pick(USERS) ?? "dave";
      const isTaken = draft.leaves.some((leaf) => overlaps(leaf, range)) || isLeft(draft, range);
      if (isTaken || !signs(owner)) return;
      const script: CourtScript = chance(85) ? "true" : "asEvidenceSays";
      const side = { name: "game:yes", side: result !== "false" || chance(30) };
      const under = chance(15) ? [side] : [];
      const shareBps = BigInt(random.below(2_001));
      put(draft, { ...range, owner, script, shareBps, conditions: under, id: fresh("c") });
    },
    function transfer(draft) {
      const leaf = pick(
        old(draft).filter(({ owner, anchor }) => anchor === undefined && signs(owner)),
      );
      if (leaf === undefined) return;
      close(draft, leaf, chance(65) ? [{ ...termsOf(leaf), owner: pick(USERS) ?? "dave" }] : []);
    },
    function seal(draft) {
      const { line } = draft.chain;
      const leaf = pick(
        old(draft).filter(
          ({ owner, anchor, hi, lo }) => anchor === undefined && signs(owner) && hi - lo > 1n,
        ),
      );
      if (leaf === undefined || line.length >= DEPTH_MAX) return;
      const anchor = chance(30) ? "main" : (pick(line) ?? "main");
      draft.leaves = draft.leaves.filter((each) => each !== leaf);
      retired.push(leaf);
      put(draft, { ...leaf, script: "true", anchor });
      if (!chains.has(leaf.id)) begin(leaf.id, leaf.owner, anchor, leaf, draft.chain);
    },
  ];

  /** Lies are mostly told where somebody was lied to before. */
  let quarrel: bigint | undefined;
  function pickVictim(leaves: readonly CourtLeaf[]): CourtLeaf | undefined {
    const near = leaves.filter(
      ({ lo, hi }) => quarrel !== undefined && lo <= quarrel && quarrel < hi,
    );
    const victim = pick(near.length > 0 && chance(75) ? near : leaves);
    quarrel ??= victim?.lo;
    return victim;
  }

  function clear(draft: Draft, range: Range): void {
    for (const leaf of draft.leaves.filter((each) => overlaps(each, range))) remove(draft, leaf);
  }

  const lies: ((draft: Draft) => void)[] = [
    function steal(draft) {
      const leaf = pickVictim(draft.leaves);
      if (leaf === undefined) return;
      remove(draft, leaf);
      put(draft, { ...withoutSeal(leaf), owner: "mallory", id: chance(20) ? leaf.id : fresh("c") });
    },
    function resurrect(draft) {
      // What was closed, or was not sealed yet, stands again.
      const leaf = pickVictim(
        retired.filter(({ lo, hi }) => lo >= draft.chain.lo && hi <= draft.chain.hi),
      );
      if (leaf === undefined) return;
      clear(draft, leaf);
      put(draft, chance(75) && chains.has(leaf.id) ? sealAgain(leaf) : { ...leaf });
    },
    function change(draft) {
      const leaf = pickVictim(draft.leaves);
      if (leaf === undefined) return;
      remove(draft, leaf);
      const isSealed = leaf.anchor !== undefined;
      if (isSealed && chance(60)) {
        put(draft, { ...leaf, anchor: pick(["main", ...draft.chain.line]) ?? "main" });
      } else if (isSealed && chance(50)) put(draft, withoutSeal(leaf));
      else put(draft, { ...leaf, shareBps: BigInt(random.below(2_001)) });
    },
    function rewind(draft) {
      const entry = pick(draft.posts);
      if (entry === undefined) return;
      const others = draft.posts.filter((each) => each !== entry);
      const back = pick(chains.get(entry.chain)?.blocks ?? []);
      const kind = random.below(4);
      if (kind === 0) draft.posts = others;
      else if (kind === 1) draft.posts = [...others, { ...entry, signer: "mallory" }];
      else draft.posts = [...others, { ...entry, block: back ?? entry.block }];
    },
  ];

  function sealAgain(leaf: CourtLeaf): CourtLeaf {
    const anchor = chains.get(leaf.id)?.anchor ?? "main";
    return { ...leaf, script: "true", anchor };
  }

  /** The chains that post in this one write down where they are. */
  function takePosts(draft: Draft): void {
    for (const { id, operator, anchor, tip, next } of chains.values()) {
      if (anchor !== draft.chain.id || tip === id || chance(25)) continue;
      if (next !== undefined && (isHonest(operator) || chance(50))) continue;
      const others = draft.posts.filter((each) => each.chain !== id || each.operator !== operator);
      draft.posts = [...others, { chain: id, operator, block: tip, signer: operator }];
    }
  }

  function extend(chain: Chain): void {
    if (isHonest(chain.operator) && hasLied) return;
    const mayLie = isLiar && made >= patience && !isHonest(chain.operator);
    if (mayLie && chance(5)) {
      chain.tip = pick([chain.id, ...chain.blocks]) ?? chain.tip;
      hasLied = true;
    }
    const before = block(chain.tip);
    const draft: Draft = {
      chain,
      leaves: [...before.leaves],
      posts: [...(before.posts ?? [])],
      closes: [],
      made: new Set(),
    };
    for (let left = 1 + random.below(3); left > 0; left--) pick(trades)?.(draft);
    if (chain.blocks.length === 0) trades[0]?.(draft);
    takePosts(draft);
    if (mayLie && chance(30)) {
      hasLied = true;
      pick(lies)?.(draft);
    }
    const name = fresh("block");
    const { leaves, posts, closes } = draft;
    blocks.set(name, { parent: chain.tip, leaves, posts, closes, ...named(chain.id) });
    chain.blocks.push(name);
    chain.tip = name;
  }

  /** The next place on the main chain, at the same height or above. */
  function nextPlace(rise: number): { height: number; index: number } {
    mainHeight += rise;
    lastIndex = rise === 0 ? lastIndex + 1 : random.below(3);
    return { height: mainHeight, index: lastIndex };
  }

  function post(chain: Chain, rise?: number): void {
    if (chain.tip === chain.id) return;
    if (chain.next !== undefined) {
      postSwitched(chain, chain.tip);
      return;
    }
    if (chain.anchor !== "main") return;
    const record = { ...nextPlace(rise ?? random.below(3)), block: chain.tip };
    if (chain.id === ORIGIN) records.push(record);
    else putRecord(chain, record);
    if (!hasLied && mainHeight < EXPIRY) view(chain.id, chain.tip);
  }

  function putRecord({ operator, id }: Chain, record: (typeof records)[number]): void {
    const name = `${operator}/${id}`;
    otherRecords.set(name, [...(otherRecords.get(name) ?? []), record]);
  }

  /** A post after the switch; who is not honest tries a wrong number, or somebody else's name, too. */
  function postSwitched(chain: Chain, posted: string): void {
    const { id, operator, next = 1 } = chain;
    const word = { kind: "post", chain: id, operator, signer: operator, block: posted } as const;
    if (!isHonest(operator) && chance(20)) {
      const sequence = next + 1 + random.below(2);
      sent.push({ ...word, ...nextPlace(random.below(3)), sequence });
    }
    if (chance(10)) {
      const block = pick(chain.blocks) ?? posted;
      const word = { kind: "post", chain: id, operator, signer: "mallory" } as const;
      sent.push({ ...word, ...nextPlace(random.below(3)), block, sequence: next });
    }
    sent.push({ ...word, ...nextPlace(random.below(3)), sequence: next });
    chain.next = next + 1;
    if (!hasLied && mainHeight < EXPIRY) view(id, posted);
  }

  /** Go over to the main chain, and say there first what was said last in the anchor. */
  function switchOver(chain: Chain): void {
    const { id, operator, anchor } = chain;
    if (isHonest(operator) && hasLied) return;
    const word = { kind: "switch", chain: id, operator, block: "" } as const;
    const first = 2 + random.below(3);
    if (chance(25)) {
      sent.push({ ...word, ...nextPlace(random.below(3)), signer: "mallory", sequence: first });
    }
    if (!isHonest(operator) && chance(40)) {
      // What stands on the main chain under the key of a chain that was sealed to post there is no post of this one.
      const block = pick(chain.blocks);
      if (block !== undefined) putRecord(chain, { ...nextPlace(random.below(3)), block });
    }
    if (anchor === "main") {
      if (isHonest(operator)) return;
      sent.push({ ...word, ...nextPlace(1), signer: operator, sequence: first });
      return;
    }
    if (chain.next !== undefined) {
      if (isHonest(operator)) return;
      sent.push({ ...word, ...nextPlace(1), signer: operator, sequence: first });
      return;
    }
    const isLie = isLiar && made >= patience && !isHonest(operator) && chance(20);
    hasLied ||= isLie;
    const last = isLie || hasLied ? pick(chain.blocks) : viewed.get(id);
    chain.next = last === undefined ? 1 : first;
    sent.push({ ...word, ...nextPlace(1), signer: operator, sequence: chain.next });
    const above = chains.get(anchor);
    if (above !== undefined && chance(50)) {
      extend(above);
      post(above, 0);
    }
    if (last !== undefined) postSwitched(chain, last);
  }

  /** What everybody has seen while nobody had lied. */
  function view(id: string, name: string): void {
    viewed.set(id, name);
    for (const entry of block(name).posts ?? []) {
      if (chains.get(entry.chain)?.next === undefined) view(entry.chain, entry.block);
    }
  }

  for (; made < length; made++) {
    const all = [...chains.values()];
    const chain = pick(chance(50) ? all.slice(-2) : all);
    if (chain === undefined) continue;
    extend(chain);
    if (hasSwitches && chance(15)) switchOver(chain);
    // A post climbs to the main chain through its anchors.
    for (let at: Chain | undefined = chain; at !== undefined && chance(75); ) {
      post(at);
      const anchor: Chain | undefined = chains.get(at.anchor);
      if (anchor !== undefined) extend(anchor);
      at = anchor;
    }
  }
  for (const chain of [...chains.values()].toReversed()) {
    const anchor = chains.get(chain.anchor);
    if (anchor !== undefined) extend(anchor);
    post(chain);
  }

  const states: CourtState[] = [];
  const everyLeaf = [...blocks.values()].flatMap(({ leaves, chain = ORIGIN }) =>
    leaves.map((leaf) => ({ leaf, operator: chains.get(chain)?.operator ?? OPERATOR })),
  );
  const told = new Set<CourtLeaf>();
  for (const { leaf, operator } of everyLeaf) {
    if (told.has(leaf) || leaf.anchor !== undefined || !chance(25)) continue;
    told.add(leaf);
    const script = pick<CourtScript>(["true", "true", "false", "asEvidenceSays"]) ?? "true";
    const signers = chance(90) ? [leaf.owner, operator] : [leaf.owner];
    states.push({ contractId: leaf.id, nonce: 1 + random.below(2), script, signers });
  }

  const givenUp = new Set(
    [...blocks.values()].flatMap(({ closes }) => closes.map(({ contractId }) => contractId)),
  );
  const sealed = new Set(
    everyLeaf.flatMap(({ leaf }) => (leaf.anchor === undefined ? [] : [leaf.id])),
  );

  /** The lines of honest users that everybody has seen, from this chain down. */
  function readShown(id: string, above: readonly CourtLeaf[]): (readonly CourtLeaf[])[] {
    const name = viewed.get(id);
    if (name === undefined) return [];
    return block(name).leaves.flatMap((leaf) => {
      const line = [...above, leaf];
      if (leaf.anchor !== undefined) return readShown(leaf.id, line);
      const terms = states.filter(({ contractId }) => contractId === leaf.id);
      const isPlain = leaf.script === "true" && terms.length === 0;
      const isKept = !givenUp.has(leaf.id) && !sealed.has(leaf.id);
      return isHonest(leaf.owner) && isPlain && isKept ? [line] : [];
    });
  }

  const facts = {
    drawBlocks: 3,
    depositMin: 10n,
    depositBps: 1_000n,
    feeBase: 3n,
    chain: {
      origin: ORIGIN,
      operator: OPERATOR,
      amount: space,
      shareBps: BigInt(random.below(2_001)),
      expiry: EXPIRY,
      claimDelay: 4 + random.below(3),
      disputeDelay: 3 + random.below(3),
    },
    blocks,
    records,
    otherRecords,
    sent,
    conditions,
    oracles,
    payments: new Map(),
  };
  const levels = new Map([
    ["game:yes", 64],
    ["game:no", 64],
  ]);
  const spaces = new Map([...chains.values()].map(({ id, lo, hi }) => [id, { lo, hi }] as const));
  return { facts, levels, states, shown: [], spaces, shownLines: readShown(ORIGIN, []) };
}
