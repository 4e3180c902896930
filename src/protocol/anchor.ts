import type { Reader, Writer } from "../lib/codec.ts";
import { demand, Refusal } from "../lib/verdict.ts";

/** Where a seal says that a chain posts: on the main chain, or in the map of posts of an ancestor. */
export type PostPlace =
  | { readonly kind: "mainChain" }
  | { readonly kind: "chain"; readonly id: Uint8Array };

/** Where a post is to be recorded: where the seal says, or on the main chain since the chain has switched to it. */
export type NamedPlace = PostPlace | { readonly kind: "switched" };

/** Who holds the posts of a contract: nobody while it is not sealed. */
export type Anchor = { readonly kind: "none" } | PostPlace;

/** Bytes of every encoded anchor. */
export const ANCHOR_BYTES = 1 + 32;

const KINDS = ["none", "mainChain", "chain", "switched"] as const;
const NO_ID = new Uint8Array(32);

/** Encode: kind u8 (0 none, 1 main chain, 2 chain, 3 switched), chain id 32 (zeros unless a chain). */
export function writeAnchor(writer: Writer, anchor: Anchor | NamedPlace): void {
  writer.u8(KINDS.indexOf(anchor.kind));
  writer.fixed(anchor.kind === "chain" ? anchor.id : NO_ID, 32);
}

/** Decode the anchor of a leaf: none has switched, because a switch is no part of any leaf. */
export function readAnchor(reader: Reader): Anchor {
  const place = readAny(reader);
  if (place.kind === "switched") throw new Refusal("UNKNOWN_ANCHOR", "expected 0, 1 or 2, got 3");
  return place;
}

function readAny(reader: Reader): Anchor | NamedPlace {
  const code = reader.u8();
  const id = reader.fixed(32);
  const kind = KINDS[code];
  if (kind === undefined) throw new Refusal("UNKNOWN_ANCHOR", `expected 0 to 3, got ${code}`);
  if (kind === "chain") return { kind, id };
  demand(
    id.every((byte) => byte === 0),
    "NOT_CANONICAL",
    "expected a zero anchor id where no chain is named",
  );
  return { kind };
}

/** Decode the anchor of a seal, which is somewhere. */
export function readPostPlace(reader: Reader): PostPlace {
  const anchor = readAnchor(reader);
  if (anchor.kind === "none") throw new Refusal("NO_ANCHOR", "expected the main chain or a chain");
  return anchor;
}

/** Decode the place that a post names. */
export function readNamedPlace(reader: Reader): NamedPlace {
  const place = readAny(reader);
  if (place.kind === "none") throw new Refusal("NO_ANCHOR", "expected the main chain or a chain");
  return place;
}
