import { type HoldingQuestion, QUESTION_ITEMS_MAX } from "../blocks/holding.ts";
import { decode, encode } from "../lib/codec.ts";
import type { Verdict } from "../lib/verdict.ts";
import { readPlace, writePlace } from "../protocol/place.ts";

/** Encode: list of places, list of keys 32. */
export function encodeHoldingQuestion({ places, keys }: HoldingQuestion): Uint8Array {
  return encode((writer) => {
    writer.list(places, QUESTION_ITEMS_MAX, writePlace);
    writer.list(keys, QUESTION_ITEMS_MAX, (each, key) => each.fixed(key, 32));
  });
}

export function decodeHoldingQuestion(bytes: Uint8Array): Verdict<HoldingQuestion> {
  return decode(bytes, (reader) => ({
    places: reader.list(QUESTION_ITEMS_MAX, 18, readPlace),
    keys: reader.list(QUESTION_ITEMS_MAX, 32, (each) => each.fixed(32)),
  }));
}
