import type { BookView, PositionView } from "../../workers/marketViews.ts";

/** What a question has come to, for one of its outcomes. */
export const answerWords: Record<Exclude<BookView["answer"], "open">, string> = {
  yes: "Yes is right",
  no: "No is right",
  bad: "Bad question",
};

/** What it means for what is held of a side. */
export const outcomeWords: Record<PositionView["outcome"], string> = {
  open: "",
  right: ": it is right",
  wrong: ": it is not right, and lost",
  bad: ": the question was bad",
};
