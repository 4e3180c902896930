/**
 * The court: a second, plain and slow reading of PROTOCOL sections 4 to 6 at depth one, written from
 * the text alone. No trees, no hashes, no signatures: a block is the list of what it says, a
 * signature is the name of who signed. Given all messages ever sent and a list of settlement actions, it
 * says which actions hold and who gets how much. The real chain is held to it.
 */

import type {
  CourtAction,
  CourtBlock,
  CourtCase,
  CourtClose,
  CourtLeaf,
  CourtPlace,
  CourtScript,
  CourtState,
  CourtTerms,
  Evidence,
  ShownClose,
} from "./courtCase.ts";

type Place = readonly [height: number, index: number, fromEnd: number];
type Run = { stateNonce: number; script: CourtScript; scriptNonce: number; isTrue: boolean };
type Result = {
  leaf: CourtLeaf;
  place: Place;
  run: Run;
  carrier: string;
  deposit: bigint;
  fee: bigint;
  written: number;
  changed: number;
  moves: { owner: number; operator: number };
  lastAgainst: string | undefined;
  removed:
    | { successor: { terms: CourtLeaf; place: Place } | undefined; lastHeight: number }
    | undefined;
};

export type CourtRuling = {
  /** What each action came to: true if it held. */
  readonly held: readonly boolean[];
  /** Satoshi gained or lost by each account since before the first action; fees are the miner's. */
  readonly gains: ReadonlyMap<string, bigint>;
  readonly burnt: bigint;
  readonly isSettled: boolean;
};

export function rule(facts: CourtCase, actions: readonly CourtAction[]): CourtRuling {
  const { chain } = facts;
  const opens = chain.expiry + facts.drawBlocks + 1;
  const windowEnd = opens + chain.claimDelay;
  const share = (chain.amount * chain.shareBps) / 10_000n;
  const gains = new Map<string, bigint>();
  const results: Result[] = [];
  let burnt = 0n;
  let isSettled = false;
  const give = (who: string, amount: bigint) => gains.set(who, (gains.get(who) ?? 0n) + amount);

  const isTrue = (name: string): boolean => {
    const condition = facts.conditions.get(name);
    if (condition === undefined) throw new Error(`no condition ${name}`);
    if (condition.kind === "oracle") {
      const oracle = facts.oracles.get(condition.oracle);
      const isKnown = oracle !== undefined && oracle.height < chain.expiry;
      return condition.trueFor.includes(isKnown ? oracle.result : "bad");
    }
    const paid = facts.payments.get(condition.payment);
    if (paid === undefined) return false;
    return (
      paid.amount >= condition.amount && paid.height < condition.below && paid.height < chain.expiry
    );
  };
  const holds = (place: CourtPlace) =>
    place.conditions.every(({ name, side }) => isTrue(name) === side);
  const covers = (place: CourtPlace) => place.lo <= facts.point && facts.point <= place.hi - 1n;

  /** The place of `block` under post number `sequence`, if it is linked to what is recorded there. */
  function placeOf(sequence: number, block: string): Place | undefined {
    const record = facts.records[sequence - 1];
    if (record === undefined || record.height >= chain.expiry) return undefined;
    let walked = record.block;
    for (let back = 0; back < 64; back++) {
      if (walked === block) return [record.height, record.index, -back];
      const parent = facts.blocks.get(walked)?.parent;
      if (parent === undefined) return undefined;
      walked = parent;
    }
    return undefined;
  }

  const standingBefore = (block: CourtBlock, close: CourtClose) =>
    facts.blocks
      .get(block.parent)
      ?.leaves.find((leaf) => leaf.id === close.contractId && isSamePlace(leaf, close.place));

  /** Whether a close counts as far as it alone can say. */
  function countsAlone(block: CourtBlock, close: CourtClose, height: number): boolean {
    if (close.seenBlock !== block.parent || height > close.heightMax) return false;
    if (standingBefore(block, close)?.owner !== close.signer) return false;
    const areMade = close.successors.every((successor) =>
      block.leaves.some((leaf) => isSameTerms(leaf, successor)),
    );
    // What stands on the closed contract's own space is named, and nothing else is there.
    const isLeft = block.leaves
      .filter((leaf) => isOnSpace(leaf, close.place))
      .every((leaf) => close.successors.some((successor) => isSameTerms(leaf, successor)));
    const isInTime = close.successors
      .flatMap(({ conditions }) => conditions)
      .filter(({ name }) => close.place.conditions.every((own) => own.name !== name))
      .every(({ name }) => {
        const condition = facts.conditions.get(name);
        if (condition?.kind !== "oracle") return true;
        return height < (facts.oracles.get(condition.oracle)?.height ?? Number.POSITIVE_INFINITY);
      });
    return areMade && isLeft && isInTime;
  }

  /** The closes of a block that count: those that take each other's space, only together. */
  function countingCloses(block: CourtBlock, height: number): CourtClose[] {
    const before = facts.blocks.get(block.parent)?.leaves ?? [];
    let counting = block.closes.filter((close) => countsAlone(block, close, height));
    for (;;) {
      const kept = counting.filter((close) =>
        close.successors
          .filter(({ lo, hi }) => lo < close.place.lo || hi > close.place.hi)
          // Space that others brought: free after the named block, or closed in this very block.
          .flatMap(({ lo, hi }) => before.filter((leaf) => leaf.lo < hi && lo < leaf.hi))
          .every((leaf) => counting.some((other) => other.contractId === leaf.id)),
      );
      if (kept.length === counting.length) return kept;
      counting = kept;
    }
  }

  /** What a close that counts made over the point; "no" if it does not count. */
  function judgeClose(shown: ShownClose, contract: CourtLeaf) {
    const record = facts.records[shown.sequence - 1];
    const block = facts.blocks.get(shown.block);
    const close = block?.closes[shown.close];
    if (record === undefined || block === undefined || close === undefined) return "no";
    if (record.height >= chain.expiry) return "no";
    // The run under the record must link back to the very entry of the record before.
    const before = shown.sequence === 1 ? chain.origin : facts.records[shown.sequence - 2]?.block;
    const run: string[] = [];
    for (let at = record.block; at !== before; ) {
      run.push(at);
      const parent = facts.blocks.get(at)?.parent;
      if (parent === undefined || run.length > 64) return "no";
      at = parent;
    }
    if (!run.includes(shown.block)) return "no";
    if (close.contractId !== contract.id) return "no";
    const closed = standingBefore(block, close);
    if (closed === undefined || !isSameContract(closed, contract)) return "no";
    if (!countingCloses(block, record.height).includes(close)) return "no";
    const over = close.successors.find((successor) => covers(successor) && holds(successor));
    const leaf = over && block.leaves.find((each) => isSameTerms(each, over));
    const place = placeOf(shown.sequence, shown.block);
    return leaf === undefined || place === undefined ? undefined : { terms: leaf, place };
  }

  const standing = () => results.filter(({ removed }) => removed === undefined);
  const find = (leaf: CourtLeaf) => results.find((result) => isSameBytes(result.leaf, leaf));

  /** A contract's rank is the best place at which any line through it was shown. */
  const rankOf = (leaf: CourtLeaf, own: Place): Place =>
    results
      .filter((result) => isSameContract(result.leaf, leaf))
      .reduce((best, { place }) => (isEarlier(place, best) ? place : best), own);
  type Shown = { leaf: CourtLeaf; place: Place };
  const isAbove = (a: Shown, b: Shown): boolean =>
    isSameContract(a.leaf, b.leaf)
      ? isEarlier(a.place, b.place)
      : isEarlier(rankOf(a.leaf, a.place), rankOf(b.leaf, b.place));
  const namesAbove = (own: Result) =>
    standing().filter((other) => other !== own && isAbove(other, own));

  /** Do `change`; any result that passes another by it has changed at this height. */
  function changeOrder(height: number, change: () => void): void {
    const before = standing().map((result) => ({ result, above: namesAbove(result) }));
    change();
    for (const { result, above } of before) {
      const now = namesAbove(result);
      if (above.some((other) => !now.includes(other) && isAbove(result, other))) {
        result.changed = height;
      }
    }
  }

  function claim(action: Extract<CourtAction, { kind: "claim" }>): boolean {
    const { height, leaf, carrier } = action;
    const place = placeOf(action.sequence, action.block);
    const says = facts.blocks.get(action.block)?.leaves ?? [];
    if (place === undefined || !says.includes(leaf)) return false;
    if (height < opens || !covers(leaf) || !holds(leaf) || action.signer !== leaf.owner)
      return false;
    const known = find(leaf);
    if (known !== undefined) {
      if (known.removed !== undefined || !action.improves) return false;
      if (!isEarlier(place, known.place)) return false;
      changeOrder(height, () => {
        known.place = place;
      });
      const fee = facts.feeBase * BigInt(1 + namesAbove(known).length);
      give(carrier, -fee);
      give("miner", fee);
      return true;
    }
    if (action.improves) return false;
    const run = runTerms(action.state, leaf.script, action.evidence);
    if (!isGoodState(action.state, leaf)) return false;
    const above = standing().filter((other) => isAbove(other, { leaf, place })).length;
    const net = chain.amount - share;
    const part = (net * facts.depositBps) / 10_000n;
    let deposit = part > facts.depositMin ? part : facts.depositMin;
    let fee = facts.feeBase * BigInt(1 + above);
    if (height >= windowEnd) {
      const rights = results.filter(
        ({ removed }) =>
          removed?.successor !== undefined &&
          height <= removed.lastHeight &&
          isSameBytes(removed.successor.terms, leaf),
      );
      const cheapest = rights.sort((a, b) => Number(a.deposit - b.deposit))[0];
      if (cheapest === undefined) return false;
      deposit = 2n * cheapest.deposit;
      fee = 2n * cheapest.fee;
    }
    give(carrier, -deposit - fee);
    give("miner", fee);
    changeOrder(height, () => {
      results.push({
        leaf,
        place,
        run,
        carrier,
        deposit,
        fee,
        written: height,
        changed: height,
        moves: { owner: 2, operator: 2 },
        lastAgainst: undefined,
        removed: undefined,
      });
    });
    return true;
  }

  function isGoodState(state: CourtState | undefined, leaf: CourtLeaf): boolean {
    if (state === undefined) return true;
    const both = state.signers.includes(leaf.owner) && state.signers.includes(chain.operator);
    return state.contractId === leaf.id && state.nonce > 0 && both;
  }

  function move(action: Extract<CourtAction, { kind: "move" }>): boolean {
    const result = find(action.against);
    if (result === undefined || result.removed !== undefined) return false;
    const served = action.side === "owner" ? result.leaf.owner : chain.operator;
    if (action.signer !== served || result.moves[action.side] === 0) return false;
    if (action.state === undefined && action.script !== result.run.script) return false;
    if (!isGoodState(action.state, result.leaf)) return false;
    const run = runTerms(action.state, action.script, action.evidence);
    if (action.state === undefined) run.stateNonce = result.run.stateNonce;
    else if (run.stateNonce <= result.run.stateNonce) return false;
    const isNewer =
      run.stateNonce > result.run.stateNonce ||
      (run.stateNonce === result.run.stateNonce && run.scriptNonce > result.run.scriptNonce);
    if (!isNewer) return false;
    result.run = run;
    result.changed = action.height;
    result.moves[action.side] -= 1;
    if (action.side === "operator") result.lastAgainst = action.carrier;
    return true;
  }

  function removeByCloses(action: Extract<CourtAction, { kind: "close" }>): boolean {
    const result = find(action.against);
    if (result === undefined || result.removed !== undefined || action.closes.length === 0) {
      return false;
    }
    let successor: { terms: CourtLeaf; place: Place } | undefined = {
      terms: result.leaf,
      place: result.place,
    };
    for (const shown of action.closes) {
      if (successor === undefined) return false;
      const made: ReturnType<typeof judgeClose> = judgeClose(shown, successor.terms);
      if (made === "no") return false;
      successor = made;
    }
    result.removed = { successor, lastHeight: action.height + chain.disputeDelay };
    const half = result.deposit / 2n;
    give(action.carrier, half);
    burnt += result.deposit - half;
    return true;
  }

  function timeout(height: number): boolean {
    if (height < windowEnd) return false;
    const isTrueRun = standing().filter(({ run }) => run.isTrue);
    const winner = isTrueRun.find((own) => isTrueRun.every((other) => !isAbove(other, own)));
    for (const result of results) {
      if (result.removed === undefined) {
        const matters = winner === undefined || result === winner || isAbove(result, winner);
        if (matters && height - result.changed < chain.disputeDelay) return false;
      } else if (result.removed.successor !== undefined) {
        const { terms, place } = result.removed.successor;
        const matters = winner === undefined || isAbove({ leaf: terms, place }, winner);
        const isOpen = height <= result.removed.lastHeight && find(terms) === undefined;
        if (matters && isOpen) return false;
      }
    }
    const stood = standing().filter(({ written }) => height - written >= chain.disputeDelay);
    const hasSoldTwice = stood.length >= 2;
    if (hasSoldTwice) burnt += share;
    else give(chain.operator, share);
    give(winner === undefined ? chain.operator : winner.leaf.owner, chain.amount - share);
    for (const { run, deposit, carrier, lastAgainst } of standing()) {
      if (run.isTrue) give(carrier, deposit);
      else {
        const half = lastAgainst === undefined ? 0n : deposit / 2n;
        if (lastAgainst !== undefined) give(lastAgainst, half);
        burnt += deposit - half;
      }
    }
    isSettled = true;
    return true;
  }

  const held = actions.map((action) => {
    if (isSettled) return false;
    if (action.kind === "claim") return claim(action);
    if (action.kind === "move") return move(action);
    if (action.kind === "close") return removeByCloses(action);
    return timeout(action.height);
  });
  return { held, gains, burnt, isSettled };
}

function runTerms(state: CourtState | undefined, own: CourtScript, evidence: Evidence): Run {
  const script = state?.script ?? own;
  const stateNonce = state?.nonce ?? 0;
  const ran = (isTrue: boolean, scriptNonce: number) => ({
    stateNonce,
    script,
    scriptNonce,
    isTrue,
  });
  if (script === "true") return ran(true, 0);
  if (script === "false") return ran(false, 0);
  // A failed run is lower than any nonce.
  if (script === "broken" || evidence === undefined) return ran(false, -1);
  return ran(evidence.result, evidence.nonce);
}

function isEarlier(a: Place, b: Place): boolean {
  if (a[0] !== b[0]) return a[0] < b[0];
  if (a[1] !== b[1]) return a[1] < b[1];
  return a[2] < b[2];
}

function isSameContract(a: CourtLeaf, b: CourtLeaf): boolean {
  return a.id === b.id && a.owner === b.owner && a.lo === b.lo && a.hi === b.hi;
}

/** A leaf's own bytes: its conditions are its path's, not its own. */
function isSameBytes(a: CourtLeaf, b: CourtLeaf): boolean {
  return isSameContract(a, b) && a.script === b.script;
}

function isSamePlace(a: CourtPlace, b: CourtPlace): boolean {
  const text = ({ conditions }: CourtPlace) =>
    JSON.stringify(conditions.map((c) => [c.name, c.side]));
  return a.lo === b.lo && a.hi === b.hi && text(a) === text(b);
}

function isSameTerms(a: CourtTerms, b: CourtTerms): boolean {
  return isSamePlace(a, b) && a.owner === b.owner && a.script === b.script;
}

/** Whether a leaf holds any of the space at `place`: ranges meet, and no condition tells them apart. */
function isOnSpace(leaf: CourtPlace, place: CourtPlace): boolean {
  const isApart = leaf.conditions.some(({ name, side }) =>
    place.conditions.some((own) => own.name === name && own.side !== side),
  );
  return leaf.lo < place.hi && place.lo < leaf.hi && !isApart;
}
