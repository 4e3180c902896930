/**
 * The court: a second, plain and slow reading of PROTOCOL sections 4 to 6, chains inside chains too,
 * written from the text alone. No trees, no hashes, no signatures: a block is the list of what it says, a
 * signature is the name of who signed. Given all messages ever sent and a list of settlement actions, it
 * says which actions hold and who gets how much. The real chain is held to it.
 */

import type {
  CourtAction,
  CourtCase,
  CourtLeaf,
  CourtScript,
  CourtState,
  Evidence,
} from "./courtCase.ts";
import { type Chain, isSameContract, type Place, readHistory, type Shown } from "./courtHistory.ts";

type Run = { stateNonce: number; script: CourtScript; scriptNonce: number; isTrue: boolean };
type Line = Shown[];
type Result = {
  line: Line;
  run: Run;
  carrier: string;
  deposit: bigint;
  fee: bigint;
  written: number;
  changed: number;
  moves: { owner: number; operator: number };
  lastAgainst: string | undefined;
  removed:
    | { level: number; closedAt: Place; successor: Shown | undefined; lastHeight: number }
    | undefined;
};
/** The on-chain chain of the time; `lineage` ends in it, `opens` is its D. */
type OnChain = {
  lineage: Chain[];
  amount: bigint;
  shareBps: bigint;
  opens: number;
  results: Result[];
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
  const { holds, covers, placeOf, judgeClose } = readHistory(facts);
  let onChain: OnChain = {
    lineage: [{ id: chain.origin, operator: chain.operator, anchor: "main" }],
    amount: chain.amount,
    shareBps: chain.shareBps,
    opens: chain.expiry + facts.drawBlocks + 1,
    results: [],
  };
  const gains = new Map<string, bigint>();
  let burnt = 0n;
  let isSettled = false;
  const give = (who: string, amount: bigint) => gains.set(who, (gains.get(who) ?? 0n) + amount);

  /** The chains of these leaves below the on-chain one; undefined if one is no chain, or an id comes twice. */
  function lineageBelow(leaves: readonly CourtLeaf[]): Chain[] | undefined {
    const lineage = [...onChain.lineage];
    for (const { id, owner, anchor } of leaves) {
      if (anchor === undefined || lineage.some((above) => above.id === id)) return undefined;
      lineage.push({ id, operator: owner, anchor });
    }
    return lineage;
  }

  const standing = () => onChain.results.filter(({ removed }) => removed === undefined);
  const find = (leaves: readonly CourtLeaf[]) =>
    onChain.results.find(({ line }) => line.length === leaves.length && startsWith(line, leaves));

  /** A contract's rank is the best place at which any line through it was shown. */
  const rankOf = (line: Line, level: number): Place => {
    const own = at(line, level);
    return onChain.results
      .filter((result) => startsWith(result.line, leavesOf(line.slice(0, level))))
      .flatMap((result) => result.line[level] ?? [])
      .filter(({ leaf }) => isSameContract(leaf, own.leaf))
      .reduce((best, { place }) => (isEarlier(place, best) ? place : best), own.place);
  };
  /** The earliest place of a leaf's own bytes. */
  const bytesRankOf = (line: Line, level: number): Place => {
    const own = at(line, level);
    return onChain.results
      .filter((result) => startsWith(result.line, leavesOf(line.slice(0, level + 1))))
      .map((result) => at(result.line, level))
      .reduce((best, { place }) => (isEarlier(place, best) ? place : best), own.place);
  };
  /** Level by level, where two lines part, the earlier stands; and the longer where one goes on from the other. */
  const isAbove = (a: Line, b: Line): boolean => {
    const level = a.findIndex((shown, index) => {
      const other = b[index];
      const isLast = index === a.length - 1 || index === b.length - 1;
      return other === undefined || isLast || !isSameBytes(shown.leaf, other.leaf);
    });
    const [ofA, ofB] = [at(a, level), at(b, level)];
    if (!isSameContract(ofA.leaf, ofB.leaf)) {
      return isEarlier(rankOf(a, level), rankOf(b, level));
    }
    const goesOnA = a.length > level + 1;
    const goesOnB = b.length > level + 1;
    if (goesOnA !== goesOnB) return goesOnA;
    return isEarlier(bytesRankOf(a, level), bytesRankOf(b, level));
  };
  const namesAbove = (own: Result) =>
    standing().filter((other) => other !== own && isAbove(other.line, own.line));

  /** Do `change`; any result that passes another by it has changed at this height. */
  function changeOrder(height: number, change: () => void): void {
    const before = standing().map((result) => ({ result, above: namesAbove(result) }));
    change();
    for (const { result, above } of before) {
      const now = namesAbove(result);
      if (above.some((other) => !now.includes(other) && isAbove(result.line, other.line))) {
        result.changed = height;
      }
    }
  }

  /** What each operator on a line gets of the prize, from the top down, and what is left. */
  function sharesOf(line: Line): { shares: { to: string; amount: bigint }[]; net: bigint } {
    let net = onChain.amount;
    const shares: { to: string; amount: bigint }[] = [];
    const owners = line.slice(0, -1).map(({ leaf }) => ({
      to: leaf.owner,
      bps: leaf.shareBps ?? 0n,
    }));
    const own = onChain.lineage.at(-1)?.operator ?? "nobody";
    for (const { to, bps } of [{ to: own, bps: onChain.shareBps }, ...owners]) {
      const amount = (net * bps) / 10_000n;
      shares.push({ to, amount });
      net -= amount;
    }
    return { shares, net };
  }

  /** The levels of a claim with their places; undefined if one is not proven, or does not win. */
  function readLine(action: Extract<CourtAction, { kind: "claim" }>): Line | undefined {
    const levels = [...(action.above ?? []), action];
    if (onChain.lineage.length - 1 + levels.length > 16) return undefined;
    const line: Line = [];
    for (const { leaf, ...shown } of levels) {
      const lineage = lineageBelow(leavesOf(line));
      const says = facts.blocks.get(shown.block)?.leaves ?? [];
      const place = lineage && placeOf(lineage, shown);
      if (place === undefined || !says.includes(leaf)) return undefined;
      if (!covers(leaf) || !holds(leaf)) return undefined;
      line.push({ leaf, place });
    }
    const isChain = action.leaf.anchor !== undefined;
    return isChain && lineageBelow(leavesOf(line)) === undefined ? undefined : line;
  }

  function claim(action: Extract<CourtAction, { kind: "claim" }>): boolean {
    const { height, leaf, carrier } = action;
    const line = readLine(action);
    if (line === undefined || height < onChain.opens || action.signer !== leaf.owner) return false;
    const known = find(leavesOf(line));
    if (known !== undefined) return claimAgain(action, line, known);
    if (action.improves && leaf.anchor === undefined) return false;
    const isTouched = onChain.results.some(({ line: other, removed }) => {
      const shown = removed && line[removed.level];
      if (removed === undefined || shown === undefined) return false;
      if (!startsWith(line, leavesOf(other.slice(0, removed.level + 1)))) return false;
      return shown.leaf.anchor === undefined || isPostBefore(removed.closedAt, shown.place);
    });
    if (isTouched) return false;
    const isSealed = leaf.anchor !== undefined;
    if (isSealed && (action.state !== undefined || action.evidence !== undefined)) return false;
    const run = isSealed
      ? runTerms(undefined, "true", undefined)
      : runTerms(action.state, leaf.script, action.evidence);
    if (!isGoodState(action.state, line)) return false;
    const above = standing().filter((other) => isAbove(other.line, line)).length;
    const part = (sharesOf(line).net * facts.depositBps) / 10_000n;
    let deposit = part > facts.depositMin ? part : facts.depositMin;
    let fee = facts.feeBase * BigInt(1 + above);
    if (height >= onChain.opens + chain.claimDelay) {
      const rights = onChain.results.filter(
        (result) =>
          result.removed !== undefined &&
          height <= result.removed.lastHeight &&
          isThroughSuccessor(line, result),
      );
      const cheapest = rights.sort((a, b) => Number(a.deposit - b.deposit))[0];
      if (cheapest === undefined) return false;
      deposit = 2n * cheapest.deposit;
      fee = 2n * cheapest.fee;
    }
    give(carrier, -deposit - fee);
    give("miner", fee);
    changeOrder(height, () => {
      onChain.results.push({
        line,
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

  /** A line that is there already: at an earlier place, or back from a removal that did not touch it. */
  function claimAgain(
    action: Extract<CourtAction, { kind: "claim" }>,
    line: Line,
    known: Result,
  ): boolean {
    const { height, carrier } = action;
    if (action.state !== undefined || action.evidence !== undefined) return false;
    if (!action.improves && action.leaf.anchor === undefined) return false;
    const { removed } = known;
    if (removed === undefined) {
      const isBetter = line.some(({ place }, level) =>
        isEarlier(place, at(known.line, level).place),
      );
      if (!isBetter) return false;
      changeOrder(height, () => takePlaces(known, line));
      const fee = facts.feeBase * BigInt(1 + namesAbove(known).length);
      give(carrier, -fee);
      give("miner", fee);
      return true;
    }
    const closed = at(line, removed.level);
    const isInTime = height <= removed.lastHeight;
    if (!isInTime || closed.leaf.anchor === undefined) return false;
    if (isPostBefore(removed.closedAt, closed.place)) return false;
    known.deposit *= 2n;
    known.fee *= 2n;
    give(carrier, -known.deposit - known.fee);
    give("miner", known.fee);
    known.carrier = carrier;
    changeOrder(height, () => {
      takePlaces(known, line);
      known.removed = undefined;
    });
    known.written = height;
    known.changed = height;
    return true;
  }

  function takePlaces(known: Result, line: Line): void {
    known.line = known.line.map((own, level) => {
      const { place } = at(line, level);
      return isEarlier(place, own.place) ? { leaf: own.leaf, place } : own;
    });
  }

  /** The line that a removal has shown, or one through the contract at its end that was sealed since. */
  function isThroughSuccessor(line: Line, { line: closed, removed }: Result): boolean {
    const successor = removed?.successor;
    if (removed === undefined || successor === undefined) return false;
    const { level } = removed;
    const shown = line[level];
    if (shown === undefined || !startsWith(line, leavesOf(closed.slice(0, level)))) return false;
    if (shown.leaf.anchor !== undefined) return isSameContract(shown.leaf, successor.leaf);
    return line.length === level + 1 && isSameBytes(shown.leaf, successor.leaf);
  }

  const operatorOf = (line: Line) =>
    line.at(-2)?.leaf.owner ?? onChain.lineage.at(-1)?.operator ?? "nobody";

  function isGoodState(state: CourtState | undefined, line: Line): boolean {
    if (state === undefined) return true;
    const { leaf } = at(line, line.length - 1);
    const [owner, operator] = state.signers;
    const both = owner === leaf.owner && operator === operatorOf(line);
    return state.contractId === leaf.id && state.nonce > 0 && both;
  }

  function move(action: Extract<CourtAction, { kind: "move" }>): boolean {
    const result = find([...(action.above ?? []), action.against]);
    if (result === undefined || result.removed !== undefined) return false;
    if (action.against.anchor !== undefined) return false;
    const served = action.side === "owner" ? action.against.owner : operatorOf(result.line);
    if (action.signer !== served || result.moves[action.side] === 0) return false;
    if (action.state === undefined && action.script !== result.run.script) return false;
    if (!isGoodState(action.state, result.line)) return false;
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
    const leaves = [...(action.above ?? []), action.against];
    const result = find(leaves);
    const level = action.level ?? leaves.length - 1;
    const closed = result?.line[level];
    const lineage = lineageBelow(leaves.slice(0, level));
    if (result === undefined || result.removed !== undefined) return false;
    if (closed === undefined || lineage === undefined || action.closes.length === 0) return false;
    let successor: Shown | undefined = closed;
    let closedAt: Place | undefined;
    for (const shown of action.closes) {
      if (successor === undefined) return false;
      const made: ReturnType<typeof judgeClose> = judgeClose(shown, successor.leaf, lineage);
      if (made === "no") return false;
      closedAt ??= made.closedAt;
      successor = made.successor;
    }
    if (closedAt === undefined) return false;
    // A sealed contract stays, unless it was closed before.
    const isSealed = closed.leaf.anchor !== undefined;
    if (isSealed && !isPostBefore(closedAt, bytesRankOf(result.line, level))) return false;
    const through = leaves.slice(0, level + 1);
    for (const each of standing().filter(({ line }) => startsWith(line, through))) {
      each.removed = { level, closedAt, successor, lastHeight: action.height + chain.disputeDelay };
      const half = each.deposit / 2n;
      give(action.carrier, half);
      burnt += each.deposit - half;
    }
    return true;
  }

  /** What may still come and would stand above the winner: a successor, or a line back from its removal. */
  function isHeldUp(height: number, winner: Result | undefined): boolean {
    const matters = (line: Line) => winner === undefined || isAbove(line, winner.line);
    return onChain.results.some((result) => {
      const { line, changed, removed } = result;
      if (removed === undefined) {
        return (result === winner || matters(line)) && height - changed < chain.disputeDelay;
      }
      if (height > removed.lastHeight) return false;
      if (at(line, removed.level).leaf.anchor !== undefined && matters(line)) return true;
      const { successor } = removed;
      if (successor === undefined || !matters([...line.slice(0, removed.level), successor])) {
        return false;
      }
      return !onChain.results.some((other) => isThroughSuccessor(other.line, result));
    });
  }

  /** Whether two results that both stood long enough cannot both be true of the chain below `above`. */
  function hasSoldTwice(height: number, above: readonly CourtLeaf[]): boolean {
    const level = above.length;
    const stood = standing()
      .filter(({ written }) => height - written >= chain.disputeDelay)
      .map(({ line }) => line)
      .filter((line) => line.length > level && startsWith(line, above));
    return stood.some((a) =>
      stood.some((b) => {
        const [ofA, ofB] = [at(a, level).leaf, at(b, level).leaf];
        if (a === b || isSameBytes(ofA, ofB)) return false;
        if (!isSameContract(ofA, ofB)) return true;
        if (a.length > level + 1 !== b.length > level + 1) return false;
        const isSealA = ofA.anchor !== undefined;
        const isSealB = ofB.anchor !== undefined;
        return isSealA === isSealB || (ofA.shareBps ?? 0n) !== (ofB.shareBps ?? 0n);
      }),
    );
  }

  function timeout(height: number): boolean {
    if (height < onChain.opens + chain.claimDelay) return false;
    const isTrueRun = standing().filter(({ run }) => run.isTrue);
    const winner = isTrueRun.find((own) =>
      isTrueRun.every((other) => other === own || !isAbove(other.line, own.line)),
    );
    if (isHeldUp(height, winner)) return false;
    const { shares, net } =
      winner === undefined
        ? { shares: sharesOf([]).shares, net: onChain.amount - sumOf(sharesOf([]).shares) }
        : sharesOf(winner.line);
    shares.forEach(({ to, amount }, level) => {
      const above = leavesOf(winner?.line.slice(0, level) ?? []);
      if (hasSoldTwice(height, above)) burnt += amount;
      else give(to, amount);
    });
    const last = winner?.line.at(-1)?.leaf;
    const lineage = winner && lineageBelow(leavesOf(winner.line));
    const depth = winner?.line.length ?? 0;
    let next: OnChain | undefined;
    if (winner === undefined || last === undefined) {
      give(onChain.lineage.at(-1)?.operator ?? "nobody", net);
    } else if (last.anchor === undefined || lineage === undefined) {
      give(last.owner, net);
    } else {
      const results = onChain.results
        .filter(({ line }) => line.length > depth && startsWith(line, leavesOf(winner.line)))
        .filter(({ removed }) => removed === undefined || removed.level >= depth);
      const shareBps = last.shareBps ?? 0n;
      next = { lineage, amount: net, shareBps, opens: height + 1, results };
    }
    for (const result of standing()) {
      if (next?.results.includes(result)) continue;
      const { run, deposit, carrier, lastAgainst } = result;
      if (run.isTrue) give(carrier, deposit);
      else {
        const half = lastAgainst === undefined ? 0n : deposit / 2n;
        if (lastAgainst !== undefined) give(lastAgainst, half);
        burnt += deposit - half;
      }
    }
    if (next === undefined) isSettled = true;
    else {
      for (const result of next.results) {
        result.line = result.line.slice(depth);
        if (result.removed !== undefined) result.removed.level -= depth;
      }
      onChain = next;
    }
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

/** Whether a close was posted under an earlier record than a sealed leaf was shown under. */
function isPostBefore(close: Place, sealed: Place): boolean {
  return close[0] < sealed[0] || (close[0] === sealed[0] && close[1] < sealed[1]);
}

function at(line: Line, level: number): Shown {
  const shown = line[level];
  if (shown === undefined) throw new Error(`no level ${level}`);
  return shown;
}

const leavesOf = (line: Line): CourtLeaf[] => line.map(({ leaf }) => leaf);

function startsWith(line: Line, leaves: readonly CourtLeaf[]): boolean {
  return leaves.every((leaf, level) => {
    const shown = line[level];
    return shown !== undefined && isSameBytes(shown.leaf, leaf);
  });
}

const sumOf = (shares: readonly { amount: bigint }[]): bigint =>
  shares.reduce((sum, { amount }) => sum + amount, 0n);

/** A leaf's own bytes: its conditions are its path's, not its own. */
function isSameBytes(a: CourtLeaf, b: CourtLeaf): boolean {
  const isSame = isSameContract(a, b) && a.script === b.script && a.anchor === b.anchor;
  return isSame && a.madeIn === b.madeIn && (a.shareBps ?? 0n) === (b.shareBps ?? 0n);
}
