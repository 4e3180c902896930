import { demand, insist, judge, type Verdict } from "../../lib/verdict.ts";
import type { DataSlash } from "./dataMessages.ts";
import { findVoid } from "./dataRecord.ts";
import type { DataEffect, RequestView } from "./dataView.ts";
import { findRequest } from "./judgeResponse.ts";

/**
 * Judge a slash: the request has run out. The asker gets back what is left of his deposit, and it stays
 * on record from which post on the chain is void; his part of the operator's share comes when that falls due.
 *
 * @see docs/PROTOCOL.md section 6, withheld data
 */
export function judgeDataSlash(
  { target, requestId }: DataSlash,
  view: Pick<RequestView, "height" | "data">,
): Verdict<DataEffect> {
  return judge(() => {
    const record = view.data(target);
    const request = insist(findRequest(record.open, requestId));
    const { asker, deposit, due } = request;
    demand(
      view.height > due,
      "TOO_EARLY",
      `an answer may come up to height ${due}, got ${view.height}`,
    );
    return {
      charge: 0n,
      minerFee: 0n,
      pay: [{ to: asker, amount: deposit }],
      target,
      record: {
        open: record.open.filter((open) => open !== request),
        voided: findVoid(record, view.height),
      },
      answered: undefined,
      shownKey: undefined,
    };
  });
}
