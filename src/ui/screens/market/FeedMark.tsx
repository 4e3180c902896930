import type { BookView } from "../../../workers/marketViews.ts";
import { Icon, type IconName } from "../../parts/Icon.tsx";
import { describeFeed, type FeedState, judgeFeed } from "../../words/feed.ts";

type FeedMarkProps = {
  readonly book: BookView;
  readonly lastMs: number | undefined;
  readonly nowMs: number;
};

const marks: Record<FeedState, readonly [tone: "safe" | "waiting" | "danger", icon: IconName]> = {
  live: ["safe", "activity"],
  late: ["waiting", "pending"],
  cut: ["danger", "danger"],
};

/** How old what the operator says is: it counts on, whatever he does. */
export function FeedMark({ book, lastMs, nowMs }: FeedMarkProps) {
  const [tone, icon] = marks[judgeFeed(book.heardAtMs, nowMs)];
  return (
    <span className="verdict-mark" data-tone={tone}>
      <Icon name={icon} />
      {describeFeed(book, lastMs, nowMs)}
    </span>
  );
}
