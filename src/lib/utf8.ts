import { utf8ToBytes } from "@noble/hashes/utils.js";

// Every platform we run on has TextDecoder, but the pure rooms compile without its types.
declare const TextDecoder: new (
  label: "utf-8",
  options: { fatal: true; ignoreBOM: true },
) => { decode(bytes: Uint8Array): string };

/** The UTF-8 bytes of a text. */
export function encodeUtf8(text: string): Uint8Array {
  return utf8ToBytes(text);
}

/** The text of well-formed UTF-8, or undefined: overlong forms and lone surrogates are not text. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
