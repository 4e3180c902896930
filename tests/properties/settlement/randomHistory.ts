import type {
  CourtBlock,
  CourtCase,
  CourtClose,
  CourtCondition,
  CourtFill,
  CourtLeaf,
  CourtMatch,
  CourtScript,
  CourtState,
  CourtTerms,
} from "../../reference/courtCase.ts";
import { isOracleTrue, oraclesOf } from "../../reference/courtOracles.ts";
import type { SeededRandom } from "../../reference/seededRandom.ts";
import { changesOf, createMatches } from "./randomMatch.ts";

/** A chain's life up to its expiry, told in the court's words, and what honest wallets show at its end. */
export type History = {
  readonly facts: Omit<CourtCase, "point">;
  /** Level at which each condition stands. */
  readonly levels: ReadonlyMap<string, number>;
  readonly states: readonly CourtState[];
  /** Leaves that the wallets of honest users show as theirs, under terms that are true. */
  readonly shown: readonly CourtLeaf[];
  /** Matches, by their block and number in it, that were to close what the wallets of honest users have seen last. */
  readonly signed?: readonly SignedMatch[];
  /** What matches were to close, whoever's. */
  readonly matched?: readonly CourtLeaf[];
  /** Spaces of chains further down, by id. */
  readonly spaces?: ReadonlyMap<string, { readonly lo: bigint; readonly hi: bigint }>;
};

export type SignedMatch = {
  readonly block: string;
  readonly index: number;
  readonly closed: readonly CourtLeaf[];
};

export const HONEST = ["alice", "bob", "carol"] as const;
/** Dave is careless and Mallory malicious: both sign anything. Oscar is the operator. */
const OTHERS = ["dave", "mallory"] as const;
export const OPERATOR = "oscar";
const USERS = [...HONEST, ...OTHERS];
/** Small ones put every point next to some boundary; in large ones the shares of a prize are not all rounded away. */
const SPACES = [48n, 256n, 4_096n] as const;
/** Orders are in thousands of satoshi. */
const MARKET_SPACE = 8_192n;
const SCRIPTS: readonly CourtScript[] = ["true", "asEvidenceSays", "broken"];
/** The oracles of a question with several outcomes, which each names one of. */
const SCORERS = ["ann scores", "bea scores", "cid scores"] as const;
const ORIGIN = "origin";
const EXPIRY = 60;

type CourtRange = Pick<CourtTerms, "lo" | "hi">;
type Draft = {
  leaves: CourtLeaf[];
  closes: CourtClose[];
  matches: CourtMatch[];
  made: Set<CourtLeaf>;
  isHonest: boolean;
};

/**
 * Build a random history of buys, bets, sales, splits, closes, states, and, half the time, lies.
 *
 * @param isMarket - whether there is a batch of orders in every block, too.
 */
export function createHistory(random: SeededRandom, isMarket = false): History {
  const isLiar = random.below(100) < (isMarket ? 85 : 60);
  const space = isMarket ? MARKET_SPACE : (SPACES[random.below(SPACES.length)] ?? SPACES[0]);
  const chance = (percent: number) => random.below(100) < percent;
  const pick = <Item>(items: readonly Item[]): Item | undefined =>
    items[random.below(items.length)];
  const blocks = new Map<string, CourtBlock>([[ORIGIN, { parent: "", leaves: [], closes: [] }]]);
  const honestBlocks = new Set<string>([ORIGIN]);
  const records: { height: number; index: number; block: string }[] = [];
  const conditions = new Map<string, CourtCondition>();
  const levels = new Map<string, number>();
  const oracles = new Map<string, { result: string; height: number }>();
  const payments = new Map<string, { amount: bigint; height: number }>();
  const retired: CourtLeaf[] = [];
  let names = 0;
  let mainHeight = 1;
  let tip = ORIGIN;
  let viewed = ORIGIN;
  let isFollowed = true;
  let hasLied = false;
  const fresh = (kind: string) => `${kind}${++names}`;

  for (const oracle of ["game", "rain"]) {
    if (chance(15)) continue;
    const result = pick(["true", "false", "bad"]) ?? "bad";
    // Many speak while there is trade, and many about when it is too late.
    const height = chance(isMarket ? 40 : 70)
      ? 4 + random.below(30)
      : EXPIRY - 2 + random.below(10);
    oracles.set(oracle, { result, height });
  }
  for (const oracle of ["game", "rain"]) {
    addCondition(`${oracle}:yes`, 64, { kind: "oracle", oracle, trueFor: ["true", "bad"] });
    addCondition(`${oracle}:no`, 64, { kind: "oracle", oracle, trueFor: ["true"] });
  }
  const markets = ["game", "rain"].map((name) => ({ name, oracles: [name] }));
  if (isMarket) {
    for (const oracle of SCORERS) {
      const result = pick(["true", "false", "false", "bad"]) ?? "bad";
      const height = chance(50) ? 8 + random.below(30) : EXPIRY - 2 + random.below(10);
      if (chance(85)) oracles.set(oracle, { result, height });
    }
    for (const [outcome, name] of SCORERS.entries()) {
      const upTo = SCORERS.slice(0, outcome + 1);
      const own = { kind: "outcome", outcome } as const;
      addCondition(`${name}:yes`, 64, { ...own, oracles: SCORERS, isOrBad: true });
      addCondition(`${name}:no`, 64, { ...own, oracles: upTo, isOrBad: false });
      markets.push({ name, oracles: [...SCORERS] });
    }
  }

  function addCondition(name: string, level: number, condition: CourtCondition): string {
    conditions.set(name, condition);
    levels.set(name, level);
    return name;
  }

  function addPayment(level: number): string {
    const payment = fresh("payment");
    const below = mainHeight + 1 + random.below(20);
    if (chance(70)) {
      const height = mainHeight + random.below(24);
      payments.set(payment, { amount: BigInt(90 + random.below(20)), height });
    }
    return addCondition(`paid:${payment}`, level, {
      kind: "payment",
      payment,
      amount: 100n,
      below,
    });
  }

  /** How many blocks lead to one, itself counted. */
  const depths = new Map([[ORIGIN, 0]]);
  const depthOf = (name: string) => depths.get(name) ?? 0;
  const isHonestUser = (owner: string) => (HONEST as readonly string[]).includes(owner);
  const signs = (owner: string) => !hasLied || !isHonestUser(owner);
  const overlaps = (a: CourtRange, b: CourtRange) => a.lo < b.hi && b.lo < a.hi;
  /** Space that an exact close leaves stays as the close says to the end of its block. */
  const isBeingLeft = (draft: Draft, range: CourtRange) =>
    draft.closes.some(({ place }) => overlaps(place, range));
  const isAlone = (draft: Draft, leaf: CourtTerms) =>
    draft.leaves.every((other) => other === leaf || !overlaps(other, leaf));

  function make(draft: Draft, terms: CourtTerms, id = fresh("c")): void {
    const leaf = { ...terms, id, madeIn: depthOf(tip) + 1 };
    draft.leaves.push(leaf);
    draft.made.add(leaf);
  }

  function remove(draft: Draft, leaf: CourtLeaf): void {
    draft.leaves.splice(draft.leaves.indexOf(leaf), 1);
    retired.push(leaf);
  }

  function close(
    draft: Draft,
    leaf: CourtLeaf,
    successors: readonly CourtTerms[],
    signer = leaf.owner,
  ) {
    remove(draft, leaf);
    draft.closes.push({
      contractId: leaf.id,
      place: { lo: leaf.lo, hi: leaf.hi, conditions: leaf.conditions },
      signer,
      seenBlock: isLiar && chance(4) ? ORIGIN : tip,
      heightMax: chance(isMarket ? 98 : 90) ? 1_000_000 : mainHeight + random.below(4),
      successors,
    });
  }

  const old = (draft: Draft) =>
    draft.leaves.filter((leaf) => !draft.made.has(leaf) && signs(leaf.owner));
  const cash = (draft: Draft) => old(draft).filter(({ conditions: on }) => on.length === 0);

  const isOpen = (oracle: string) =>
    mainHeight < (oracles.get(oracle)?.height ?? Number.POSITIVE_INFINITY);

  /** Where it is not agreed, the operator makes as if the `no` side had brought its range. */
  function bet(draft: Draft, nos: readonly CourtLeaf[], isAgreed: boolean): void {
    const yes = isAgreed ? pick(cash(draft)) : pickVictim(cash(draft));
    const no = pick(nos.filter((leaf) => leaf !== yes && !draft.made.has(leaf)));
    if (yes === undefined || no === undefined) return;
    const open = ["game", "rain"].filter((name) => isOpen(name));
    const oracle = (chance(70) ? pick(open) : undefined) ?? pick(["game", "rain"]) ?? "game";
    const side = (on: CourtLeaf, name: string, isYes: boolean): CourtTerms => ({
      lo: on.lo,
      hi: on.hi,
      owner: (isYes ? yes : no).owner,
      script: "true",
      conditions: [{ name, side: isYes }],
    });
    const onYes = [side(yes, `${oracle}:yes`, true), side(yes, `${oracle}:yes`, false)] as const;
    const onNo = [side(no, `${oracle}:no`, true), side(no, `${oracle}:no`, false)] as const;
    close(draft, yes, [...onYes, onNo[0]]);
    if (isAgreed) close(draft, no, [...onNo, onYes[1]]);
    else if (chance(40)) remove(draft, no);
    else if (chance(50)) close(draft, no, [...onNo, onYes[1]], "mallory");
    else close(draft, no, [{ ...onNo[0], conditions: [] }]);
    for (const successor of [...onYes, ...onNo]) make(draft, successor);
  }

  /** Everybody begins with cash to trade with, one of them with several times what the others have. */
  function endow(draft: Draft): void {
    let lo = 0n;
    for (const [index, owner] of USERS.entries()) {
      for (let pieces = index === 0 ? 3 : 1; pieces > 0; pieces--) {
        const hi = lo + 700n + BigInt(random.below(500));
        make(draft, { lo, hi, owner, script: "true", conditions: [] });
        lo = hi;
      }
    }
  }

  const signed: SignedMatch[] = [];
  const traded: CourtLeaf[] = [];

  /** A batch, of contracts that are recorded; or, where it is no longer agreed, of whatever the operator makes of orders. */
  function trade(draft: Draft): void {
    const recorded = depthOf(viewed);
    const open = markets.filter((each) => each.oracles.every(isOpen));
    const { name } = (chance(80) ? pick(open) : undefined) ?? pick(markets) ?? { name: "game" };
    const market = { refund: `${name}:yes`, win: `${name}:no`, recorded };
    // Nobody's order names what is not recorded, but that of whoever signs anything.
    const isUsable = ({ owner, madeIn = 0 }: CourtLeaf) =>
      madeIn <= recorded || (isLiar && !isHonestUser(owner) && chance(25));
    const leaves = old(draft).filter(isUsable);
    const bind = () => ({
      seenBlock: isLiar && chance(2) ? ORIGIN : tip,
      heightMax: chance(97) ? 1_000_000 : mainHeight + random.below(4),
    });
    for (const made of createMatches(leaves, market, bind, random)) {
      const match = isLiar && chance(45) ? falsify(made.match) : made.match;
      for (const leaf of made.closed) remove(draft, leaf);
      const pieces = match === made.match ? made.made : changesOf(match, leaves).made;
      // Now and then one piece of what was matched is left out of the state.
      const missing = isLiar && chance(15) ? pieces[random.below(pieces.length)] : undefined;
      hasLied ||= missing !== undefined;
      for (const terms of pieces) {
        const hasRoom = draft.leaves.every((leaf) => !isInTheWay(leaf, terms));
        if (hasRoom && terms !== missing) make(draft, terms);
      }
      draft.matches.push(match);
    }
  }

  /** Whether a leaf leaves no room for another: the tree has none for ranges that meet, but on two sides of one condition. */
  function isInTheWay(leaf: CourtTerms, terms: CourtTerms): boolean {
    if (!overlaps(leaf, terms)) return false;
    const [own, other] = [leaf.conditions[0], terms.conditions[0]];
    const areSides = own !== undefined && own.name === other?.name && own.side !== other.side;
    return !areSides || leaf.lo !== terms.lo || leaf.hi !== terms.hi;
  }

  /** What a lying operator makes of a match of orders that were signed. */
  function falsify(match: CourtMatch): CourtMatch {
    hasLied = true;
    const at = random.below(match.fills.length);
    const change = (one: (fill: CourtFill) => CourtFill) => ({
      ...match,
      fills: match.fills.map((fill, index) => (index === at ? one(fill) : fill)),
    });
    const isBuyer = ({ side }: CourtFill) => side === "buyYes" || side === "buyNo";
    const lies: ((fill: CourtFill) => CourtFill)[] = [
      (fill) => ({ ...fill, limit: isBuyer(fill) ? 50 : 950 }),
      // Half of those who buy would not give as much.
      (fill) => ({ ...fill, limit: isBuyer(fill) ? 350 : 650 }),
      (fill) => ({ ...fill, pieces: fill.pieces.slice(1) }),
      (fill) => ({ ...fill, signer: "mallory" }),
      (fill) => ({ ...fill, seenBlock: ORIGIN }),
      (fill) => ({ ...fill, heightMax: 0 }),
    ];
    const [most] = match.fills.toSorted((a, b) => Number(b.filled - a.filled));
    const isMore = most !== undefined && most.filled > 1_000n;
    const beyond = (fill: CourtFill) =>
      fill === most ? { ...fill, quantity: fill.filled - 1_000n } : fill;
    if (isMore && chance(20)) return { ...match, fills: match.fills.map(beyond) };
    const wholes: (() => CourtMatch)[] = [
      () => ({ ...match, price: match.price + (chance(50) ? 50 : -50) }),
      () => ({ ...match, fills: match.fills.filter((_, index) => index !== at) }),
      () => ({ ...match, fills: [...match.fills, ...match.fills.slice(at, at + 1)] }),
    ];
    return chance(70) ? change(pick(lies) ?? ((fill) => fill)) : (pick(wholes)?.() ?? match);
  }

  const trades: ((draft: Draft) => void)[] = [
    function buy(draft) {
      const width = BigInt(1 + random.below(Number(space / 4n)));
      const lo = BigInt(random.below(Number(space - width)));
      const owner = pick(USERS) ?? "dave";
      if (!signs(owner)) return;
      const script: CourtScript = chance(85)
        ? "true"
        : (pick(["asEvidenceSays", "false"]) ?? "true");
      const terms = { lo, hi: lo + width, owner, script, conditions: [] };
      if (draft.leaves.some((leaf) => overlaps(leaf, terms))) return;
      if (isBeingLeft(draft, terms)) return;
      const isPaid = chance(40);
      make(draft, { ...terms, conditions: isPaid ? [{ name: addPayment(0), side: true }] : [] });
    },
    function transfer(draft) {
      const leaf = pick(old(draft));
      if (leaf === undefined) return;
      const terms = { ...leaf, owner: pick(USERS) ?? "dave" };
      const { id: _, ...successor } = terms;
      close(draft, leaf, [successor]);
      make(draft, successor);
    },
    function split(draft) {
      const leaf = pick(cash(draft).filter(({ lo, hi }) => hi - lo > 1n));
      if (leaf === undefined) return;
      const at = leaf.lo + 1n + BigInt(random.below(Number(leaf.hi - leaf.lo - 1n)));
      const { id: _, ...terms } = leaf;
      const low = { ...terms, hi: at, owner: pick(USERS) ?? "dave" };
      const high = { ...terms, lo: at };
      const successors = chance(80) ? [low, high] : [low];
      close(draft, leaf, successors);
      for (const successor of successors) make(draft, successor);
    },
    (draft) => bet(draft, cash(draft), true),
    function sell(draft) {
      const leaf = pick(old(draft).filter(({ conditions: on }) => on.length < 3));
      if (leaf === undefined) return;
      const top = Math.max(-1, ...leaf.conditions.map(({ name }) => levels.get(name) ?? 0));
      const name = addPayment(top + 1);
      const { id: _, ...terms } = leaf;
      const under = (owner: string, side: boolean): CourtTerms => ({
        ...terms,
        owner,
        conditions: [...leaf.conditions, { name, side }],
      });
      const successors = [under(pick(USERS) ?? "dave", true), under(leaf.owner, false)];
      close(draft, leaf, successors);
      for (const successor of successors) make(draft, successor);
    },
    function redeem(draft) {
      const leaf = pick(
        old(draft).filter(
          (each) => each.conditions.length > 0 && isAlone(draft, each) && !isBeingLeft(draft, each),
        ),
      );
      if (leaf === undefined) return;
      const { id: _, ...terms } = leaf;
      const successor = { ...terms, conditions: leaf.conditions.slice(0, -1) };
      close(draft, leaf, [successor]);
      make(draft, successor);
    },
    function release(draft) {
      const leaf = pick(old(draft));
      if (leaf !== undefined && chance(40)) close(draft, leaf, []);
    },
    function drop(draft) {
      // What the operator may do as a void close: a decided condition speaks against the leaf.
      const leaf = pick(
        draft.leaves.filter((each) => !draft.made.has(each) && each.conditions.some(isAgainst)),
      );
      if (leaf !== undefined) remove(draft, leaf);
    },
  ];

  function isAgainst({ name, side }: { name: string; side: boolean }): boolean {
    const condition = conditions.get(name);
    if (condition === undefined || condition.kind === "payment") return false;
    const said = oraclesOf(condition).map((each) => oracles.get(each));
    const isFinal = said.every((each) => each && each.height < Math.min(mainHeight, EXPIRY));
    return (
      isFinal && isOracleTrue(condition, (each) => oracles.get(each)?.result ?? "bad") !== side
    );
  }

  /** Lies are mostly told about one place, where they meet. */
  let quarrel: bigint | undefined;
  function pickVictim(leaves: readonly CourtLeaf[]): CourtLeaf | undefined {
    const near = leaves.filter(
      ({ lo, hi }) => quarrel !== undefined && lo <= quarrel && quarrel < hi,
    );
    const victim = pick(near.length > 0 && chance(80) ? near : leaves);
    quarrel ??= victim?.lo;
    return victim;
  }
  /** What the blocks to come do first, one each. */
  const plans: ((draft: Draft) => void)[] = [];
  function clear(draft: Draft, range: CourtRange): void {
    for (const leaf of draft.leaves.filter((each) => overlaps(each, range))) remove(draft, leaf);
  }
  const otherScript = ({ script }: CourtLeaf): CourtScript =>
    pick(SCRIPTS.filter((each) => each !== script)) ?? "true";

  const lies: ((draft: Draft) => void)[] = [
    function steal(draft) {
      const leaf = pickVictim(draft.leaves);
      if (leaf === undefined) return;
      remove(draft, leaf);
      const { id, ...terms } = leaf;
      if (chance(80)) make(draft, { ...terms, owner: "mallory" }, chance(30) ? id : fresh("c"));
    },
    function resurrect(draft) {
      const leaf = pickVictim(retired);
      if (leaf === undefined || draft.leaves.includes(leaf)) return;
      clear(draft, leaf);
      if (chance(50)) draft.leaves.push(leaf);
      else make(draft, { ...leaf, script: otherScript(leaf) }, leaf.id);
    },
    function juggle(draft) {
      // One contract by two leaves, and between them a stranger's.
      const leaf = pickVictim(draft.leaves.filter(({ owner }) => !isHonestUser(owner)));
      if (leaf === undefined) return;
      const owner = leaf.owner === "dave" ? "mallory" : "dave";
      remove(draft, leaf);
      make(draft, { ...leaf, owner });
      plans.push((next) => {
        clear(next, leaf);
        make(next, { ...leaf, script: otherScript(leaf) }, leaf.id);
      });
    },
    function change(draft) {
      const leaf = pickVictim(draft.leaves);
      if (leaf === undefined) return;
      remove(draft, leaf);
      make(draft, { ...leaf, script: otherScript(leaf) }, leaf.id);
    },
    function forge(draft) {
      const leaf = pick(draft.leaves.filter((each) => isAlone(draft, each)));
      if (leaf === undefined) return;
      const { id: _, ...terms } = leaf;
      const successor = { ...terms, owner: "mallory" };
      close(draft, leaf, [successor], "mallory");
      make(draft, successor);
    },
    (draft) => {
      const nos = draft.leaves.filter((leaf) => leaf.conditions.length === 0);
      bet(draft, nos, false);
    },
    function slip(draft) {
      // A close whose space is not left as it says.
      const leaf = pick(cash(draft));
      if (leaf === undefined) return;
      close(draft, leaf, []);
      const { id: _, ...terms } = leaf;
      make(draft, { ...terms, owner: "mallory" });
    },
  ];

  const length = 6 + random.below(16);
  for (let made = 0; made < length; made++) {
    if (isLiar && chance(4)) {
      // A fork: the next block stands on an older one, which was never or long ago posted.
      tip = pick([...blocks.keys()]) ?? tip;
      hasLied = true;
    }
    const before = blocks.get(tip) as CourtBlock;
    const draft: Draft = {
      leaves: [...before.leaves],
      closes: [],
      matches: [],
      made: new Set(),
      isHonest: true,
    };
    plans.shift()?.(draft);
    if (isMarket && made === 0) endow(draft);
    if (isMarket) trade(draft);
    for (let left = random.below(3) + (isMarket ? 0 : 1); left > 0; left--) pick(trades)?.(draft);
    if (isMarket) trades[0]?.(draft);
    if (made < 4) for (let left = 4; left > 0; left--) trades[0]?.(draft);
    if (isLiar && chance(isMarket ? 25 : 35)) {
      hasLied = true;
      pick(lies)?.(draft);
    }
    const name = fresh("block");
    const { leaves, closes, matches } = draft;
    blocks.set(name, { parent: tip, leaves, closes, matches });
    depths.set(name, depthOf(tip) + 1);
    for (const [at, match] of matches.entries()) {
      const { closed } = changesOf(match, before.leaves);
      const signers = match.fills.map(({ signer }) => signer);
      if (isFollowed) signed.push({ block: name, index: closes.length + at, closed });
      for (const leaf of closed) if (signers.includes(leaf.owner)) traded.push(leaf);
    }
    if (!hasLied && honestBlocks.has(tip)) honestBlocks.add(name);
    tip = name;
    if (chance(isMarket ? 80 : 65)) post();
  }
  post();

  function post(): void {
    const last = records.at(-1);
    mainHeight += random.below(6);
    const decided = pick([...oracles.values()])?.height ?? 0;
    if (chance(60) && decided > mainHeight && decided < mainHeight + 12) mainHeight = decided;
    const isSameHeight = last?.height === mainHeight;
    const index = isSameHeight ? last.index + 1 + random.below(3) : random.below(3);
    records.push({ height: mainHeight, index, block: tip });
    isFollowed = isFollowed && isGoodRecord(mainHeight);
    if (isFollowed) viewed = tip;
  }

  function isBelowResults(name: string, height: number): boolean {
    return oraclesOf(conditions.get(name)).every((oracle) => {
      const decided = oracles.get(oracle)?.height;
      return decided === undefined || height < decided;
    });
  }

  /** Whether honest wallets take the last record: every block of its run is honest, every close in time. */
  function isGoodRecord(height: number): boolean {
    if (height >= EXPIRY) return false;
    const entry = records.at(-2)?.block ?? ORIGIN;
    for (let at = tip; at !== entry; ) {
      const block = blocks.get(at);
      if (block === undefined || !honestBlocks.has(at)) return false;
      for (const each of block.closes) {
        if (each.heightMax < height || each.seenBlock !== block.parent) return false;
        const own = each.place.conditions.map(({ name }) => name);
        for (const { name } of each.successors.flatMap((successor) => successor.conditions)) {
          if (!own.includes(name) && !isBelowResults(name, height)) return false;
        }
      }
      for (const { refund, fills } of block.matches ?? []) {
        // It reads every oracle that the other condition of its market reads.
        if (!isBelowResults(refund, height)) return false;
        if (fills.some((fill) => fill.heightMax < height || fill.seenBlock !== block.parent)) {
          return false;
        }
      }
      at = block.parent;
    }
    return true;
  }

  const states: CourtState[] = [];
  const everyLeaf = new Set([...blocks.values()].flatMap(({ leaves }) => leaves));
  for (const leaf of everyLeaf) {
    if (!chance(45)) continue;
    for (let nonce = 1; nonce <= 1 + random.below(3); nonce++) {
      const script =
        pick<CourtScript>([
          "true",
          "true",
          "false",
          "asEvidenceSays",
          "asEvidenceSays",
          "broken",
        ]) ?? "true";
      const signers = chance(90) ? [leaf.owner, OPERATOR] : [leaf.owner];
      states.push({ contractId: leaf.id, nonce, script, signers });
    }
  }

  const lastTerms = (leaf: CourtLeaf): CourtScript => {
    const signed = states.filter(
      ({ contractId, signers }) =>
        contractId === leaf.id && signers.includes(leaf.owner) && signers.includes(OPERATOR),
    );
    return signed.at(-1)?.script ?? leaf.script;
  };
  const givenUp = [...blocks.values()].flatMap(({ closes }) =>
    closes.map(({ contractId, signer }) => `${contractId}:${signer}`),
  );
  const view = blocks.get(viewed) as CourtBlock;
  const shown = view.leaves.filter(
    (leaf) =>
      isHonestUser(leaf.owner) &&
      !givenUp.includes(`${leaf.id}:${leaf.owner}`) &&
      !traded.includes(leaf) &&
      lastTerms(leaf) === "true",
  );
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
      claimDelay: 4 + random.below(4),
      disputeDelay: 3 + random.below(4),
    },
    blocks,
    records,
    conditions,
    oracles,
    payments,
  };
  const isSeen = ({ closed }: SignedMatch) => closed.some((leaf) => view.leaves.includes(leaf));
  return { facts, levels, states, shown, signed: signed.filter(isSeen), matched: traded };
}
