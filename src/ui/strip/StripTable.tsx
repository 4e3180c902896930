import { useState } from "react";
import type { SegmentView } from "../../workers/walletApi.ts";
import { formatPercent } from "../words/chance.ts";
import { describeLayers, formatRange } from "../words/strip.ts";
import { isMine } from "./stepStrip.ts";

const ROWS_STEP = 50;

type StripTableProps = {
  readonly segments: readonly SegmentView[];
  readonly spaceWidth: bigint;
  readonly selected: number;
  readonly onSelect: (index: number) => void;
};

/** The strip in words, a row for each segment; choosing a row chooses the segment. */
export function StripTable({ segments, spaceWidth, selected, onSelect }: StripTableProps) {
  const [rows, setRows] = useState(ROWS_STEP);
  return (
    <div className="strip-table">
      <table>
        <caption className="hidden-words">The segments of the probability space</caption>
        <thead>
          <tr>
            <th scope="col">Range</th>
            <th scope="col" className="column-figure">
              Chance
            </th>
            <th scope="col">Held by</th>
          </tr>
        </thead>
        <tbody>
          {segments.slice(0, rows).map((segment, index) => (
            <tr key={segment.lo.toString()} data-selected={index === selected}>
              <td>
                <button
                  type="button"
                  className="row-button"
                  aria-current={index === selected || undefined}
                  onClick={() => onSelect(index)}
                >
                  {formatRange(segment.lo, segment.hi)}
                </button>
              </td>
              <td className="column-figure">
                {formatPercent(segment.hi - segment.lo, spaceWidth)}
              </td>
              <td data-mine={isMine(segment)}>{describeLayers(segment)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows < segments.length && (
        <button type="button" className="link-button" onClick={() => setRows(rows + ROWS_STEP)}>
          Show more segments
        </button>
      )}
    </div>
  );
}
