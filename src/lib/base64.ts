const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUES = new Map(Array.from(ALPHABET, (letter, value) => [letter, value]));

/** Base64 of bytes, with padding (RFC 4648 section 4). */
export function formatBase64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const count = Math.min(3, bytes.length - i);
    const bits = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    for (let letter = 0; letter < 4; letter++) {
      text += letter <= count ? ALPHABET[(bits >> (18 - 6 * letter)) & 63] : "=";
    }
  }
  return text;
}

/**
 * The bytes of a base64 text, or undefined. Only the one text that `formatBase64` gives for them is
 * taken: padding must be there, unused bits must be zero, white space is not base64.
 */
export function parseBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  for (let i = 0; i < text.length; i += 4) {
    const letters = Math.min(4, text.length - padding - i);
    let bits = 0;
    for (let letter = 0; letter < 4; letter++) {
      const value = letter < letters ? VALUES.get(text[i + letter] as string) : 0;
      if (value === undefined) return undefined;
      bits = (bits << 6) | value;
    }
    const unused = bits & (letters === 2 ? 0xffff : letters === 3 ? 0xff : 0);
    if (unused !== 0) return undefined;
    const start = (i / 4) * 3;
    for (let byte = 0; byte < letters - 1; byte++)
      bytes[start + byte] = (bits >> (16 - 8 * byte)) & 255;
  }
  return bytes;
}
