import { judgeExactAuthority } from "../../blocks/applyTransactions.ts";
import {
  listBetConditions,
  type ShownConditions,
  showConditions,
} from "../../blocks/betOracles.ts";
import {
  type OpenedClose,
  openPostedClose,
  type ShownTransaction,
} from "../../blocks/closeProof.ts";
import { type CloseDeadline, findLate } from "../../blocks/history.ts";
import { isSignedFill } from "../../blocks/judgeMatch.ts";
import { placesOutside, successorsOf } from "../../blocks/successors.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { encode } from "../../lib/codec.ts";
import { demand, insist, judge, Refusal, type Verdict } from "../../lib/verdict.ts";
import { isOfYes, placeOf } from "../../market/piece.ts";
import type { Match } from "../../protocol/match.ts";
import { areApart, type Place } from "../../protocol/place.ts";
import { findLeaf } from "../../space/tree.ts";
import type { DataTarget } from "../requests/dataTarget.ts";
import { findNamedRecord, judgePathEnd } from "../requests/postPath.ts";
import type { ChainRecord } from "../state/chainRecord.ts";
import type { ChallengeAnswer } from "./challengeMessages.ts";
import { isRecordedBy, type OpenChallenge } from "./challengeRecord.ts";
import type { ChallengeView } from "./challengeView.ts";
import { findSpace } from "./judgeChallenge.ts";

type LateAnswer = ChallengeAnswer & { readonly kind: "late" };

/**
 * Judge the answer that the contract challenged never counted: in the block that made it, or one before, a
 * contract on its place was closed by its owner's word, and that came too late for the record. Since then the place is
 * a late space, out of which an honest operator takes whatever was made.
 *
 * @see docs/PROTOCOL.md section 4, late closes
 */
export function judgeLateAnswer(
  answer: LateAnswer,
  { leaf, conditions, first }: OpenChallenge,
  target: DataTarget,
  top: ChainRecord,
  view: ChallengeView,
): Verdict<null> {
  return judge(() => {
    const { path, isSwitched, posted } = answer;
    insist(judgePathEnd(path, target));
    const { sequence } = posted;
    const record = insist(findNamedRecord(view, { sequence, isSwitched, path }, top.expiry));
    const before =
      sequence === 1
        ? undefined
        : insist(findNamedRecord(view, { sequence: sequence - 1, isSwitched, path }, top.expiry));
    const space = insist(findSpace(target, answer.space, top));
    const { chainId: id, operator } = target;
    const chain = { id, operator, lo: space.lo, hi: space.hi, expiry: top.expiry };
    const opened = insist(openPostedClose(posted, path, chain, view.rules, record, before));
    demand(
      opened.header.height <= leaf.madeIn && isRecordedBy(record, first),
      "NOT_BEFORE",
      "the close shown is not before the contract was made",
    );
    const place = { lo: leaf.lo, hi: leaf.hi, conditions };
    demand(
      isClosedThere(opened, place, view),
      "ELSEWHERE",
      "nothing that stood on the contract's place was closed by its owner's word",
    );
    const resultHeight = (key: Uint8Array): number => {
      const { kind, record: oracle } = view.fact({ kind: "oracle", key });
      return kind === "oracle" && oracle !== undefined ? oracle.resultHeight : 0;
    };
    const deadlines = readDeadlines(opened, showConditions(posted.conditions));
    const late = findLate(deadlines, record.height, resultHeight);
    demand(
      late.some((name) => equalBytes(name, nameShown(0))),
      "IN_TIME",
      "the close shown did not come too late for its record",
    );
    return null;
  });
}

/** Whether the shown close gave up something that meets `place`, which stood in the state before, by its owner's word. */
function isClosedThere(
  { shown, before, previousHash }: OpenedClose,
  place: Place,
  { rules }: ChallengeView,
): boolean {
  const standing = (own: Place) => {
    const found = areApart(own, place) ? undefined : findLeaf(before, own);
    return found?.ok ? found.value : undefined;
  };
  if (shown.kind === "contract-close") {
    const { close } = shown;
    const closed = standing(close.place);
    const authority = { rules, previousHash, mainHeight: 0 };
    return closed !== undefined && judgeExactAuthority(close, closed, authority).ok;
  }
  const { match } = shown;
  return match.fills.some((fill) =>
    placesNamed(match, fill).some((own) => {
      const closed = standing(own);
      return (
        closed !== undefined && isSignedFill(match, fill, closed.owner, { rules, previousHash })
      );
    }),
  );
}

/** Places that a shown transaction closes: of a match those that its orders name. */
export function placesClosed(shown: ShownTransaction): Place[] {
  if (shown.kind === "contract-close") return [shown.close.place];
  return shown.match.fills.flatMap((fill) => placesNamed(shown.match, fill));
}

/** Places that an order of a match names; in a match that holds, those not used up are cash of the same owner. */
function placesNamed({ market }: Match, { terms }: Match["fills"][number]): Place[] {
  return terms.contracts.map((piece) => placeOf(market, isOfYes(terms.side), piece));
}

/** Until when what is shown of a block counts, the close itself first: by the rule by which records are judged. */
function readDeadlines(
  { shown, others }: OpenedClose,
  conditions: ShownConditions,
): CloseDeadline[] {
  const changes = [shown, ...others].map((each) => readChange(each, conditions));
  return changes.map(({ heightMax, oracles, taken }, index) => ({
    contractId: nameShown(index),
    heightMax,
    oracles,
    takes: changes.flatMap(({ closed }, other) => {
      const isTaken = taken.some((own) => closed.some(({ lo, hi }) => own.lo < hi && lo < own.hi));
      return isTaken && other !== index ? [nameShown(other)] : [];
    }),
  }));
}

type TimedChange = Pick<CloseDeadline, "heightMax" | "oracles"> & {
  readonly closed: readonly Place[];
  readonly taken: readonly Place[];
};

/** Oracles under conditions that are not shown are left out: that makes nothing late which is not. */
function readChange(shown: ShownTransaction, conditions: ShownConditions): TimedChange {
  const oraclesOf = (hashes: readonly Uint8Array[]) =>
    conditions
      .filter(({ hash }) => hashes.some((own) => equalBytes(own, hash)))
      .flatMap(({ body }) => body.facts)
      .filter(({ kind }) => kind === "oracle")
      .map(({ key }) => key);
  if (shown.kind === "match") {
    const { match } = shown;
    return {
      heightMax: Math.min(...match.fills.map(({ terms }) => terms.heightMax)),
      oracles: oraclesOf([match.market.refund, match.market.win]),
      closed: placesClosed(shown),
      taken: [],
    };
  }
  const { close } = shown;
  if (close.authorisation.kind !== "exact") {
    throw new Refusal("NOT_EXACT", "what a condition voids comes at any time");
  }
  return {
    heightMax: close.authorisation.close.heightMax,
    oracles: oraclesOf(listBetConditions(close.place, successorsOf(close))),
    closed: placesClosed(shown),
    taken: placesOutside(close),
  };
}

function nameShown(index: number): Uint8Array {
  return encode((writer) => writer.u32(index));
}
