import { formatRange } from "../../protocol/amountWords.ts";
import type { LayerView, SegmentView } from "../../workers/walletApi.ts";
import { groupThousands } from "./amount.ts";
import { formatChance } from "./chance.ts";

export { formatRange } from "../../protocol/amountWords.ts";

/** Who holds a layer: `yours`, `somebody else's`, `free`. */
export function nameHolder(layer: LayerView): string {
  if (layer.contractId === undefined) return "free";
  return layer.isMine ? "yours" : "somebody else’s";
}

/** `yours if the result is true; somebody else’s if not`, or the one word of a segment without conditions. */
export function describeLayers(segment: SegmentView): string {
  if (segment.crowd > 0) return `${groupThousands(segment.crowd)} contracts of others`;
  if (segment.layers.length === 0) return "free";
  return segment.layers
    .map((layer) => (layer.when === "" ? nameHolder(layer) : `${nameHolder(layer)} ${layer.when}`))
    .join("; ");
}

/** One segment in a sentence, for those who do not see the strip. */
export function describeSegment(segment: SegmentView, spaceWidth: bigint): string {
  const chance = formatChance(segment.hi - segment.lo, spaceWidth);
  return `${formatRange(segment.lo, segment.hi)}, ${chance}, ${describeLayers(segment)}`;
}
