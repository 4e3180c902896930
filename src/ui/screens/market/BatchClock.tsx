import { useState } from "react";
import type { BookView } from "../../../workers/marketViews.ts";
import { describeNextBatch } from "../../words/feed.ts";

type BatchClockProps = { readonly book: BookView; readonly nowMs: number };

const RADIUS = 19;
const SIZE = 44;
const AROUND = 2 * Math.PI * RADIUS;

/** A ring that closes as the next batch comes nearer; the words say the same. */
export function BatchClock({ book, nowMs }: BatchClockProps) {
  const { title, words, secondsLeft } = describeNextBatch(book, nowMs);
  const whole = useWhole(book.nextHeight, secondsLeft);
  const gone =
    secondsLeft === undefined || whole === undefined ? 0 : 1 - secondsLeft / Math.max(1, whole);
  return (
    <div className="batch-clock">
      <svg
        width={SIZE}
        height={SIZE}
        viewBox={`0 0 ${SIZE} ${SIZE}`}
        aria-hidden="true"
        focusable="false"
      >
        <circle className="batch-ring" cx={SIZE / 2} cy={SIZE / 2} r={RADIUS} />
        {secondsLeft !== undefined && (
          <circle
            className="batch-ring-gone"
            cx={SIZE / 2}
            cy={SIZE / 2}
            r={RADIUS}
            strokeDasharray={`${Math.max(0, Math.min(1, gone)) * AROUND} ${AROUND}`}
            transform={`rotate(-90 ${SIZE / 2} ${SIZE / 2})`}
          />
        )}
        <text x={SIZE / 2} y={SIZE / 2 + 5} textAnchor="middle">
          {secondsLeft === undefined ? "–" : secondsLeft < 100 ? secondsLeft : "…"}
        </text>
      </svg>
      <p>
        <span className="batch-title">{title}</span>
        <span className="batch-words">{words}</span>
      </p>
    </div>
  );
}

/** How long the whole wait for a batch was, as far as this page has seen it: seconds. */
function useWhole(height: number, secondsLeft: number | undefined): number | undefined {
  const [seen, setSeen] = useState({ height, seconds: secondsLeft });
  if (seen.height !== height || (secondsLeft ?? 0) > (seen.seconds ?? 0)) {
    setSeen({ height, seconds: secondsLeft });
    return secondsLeft;
  }
  return seen.seconds;
}
