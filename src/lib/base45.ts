const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const VALUES = new Map(Array.from(ALPHABET, (letter, value) => [letter, value]));

/** Base 45 of bytes (RFC 9285): the letters that a QR code writes in the least room. */
export function formatBase45(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 2) {
    const isPair = i + 1 < bytes.length;
    let rest = isPair
      ? (bytes[i] as number) * 256 + (bytes[i + 1] as number)
      : (bytes[i] as number);
    for (let letter = isPair ? 3 : 2; letter > 0; letter--) {
      text += ALPHABET[rest % 45];
      rest = Math.floor(rest / 45);
    }
  }
  return text;
}

/** The bytes of a base 45 text, or undefined. Only the one text that `formatBase45` gives for them is taken. */
export function parseBase45(text: string): Uint8Array | undefined {
  const rest = text.length % 3;
  if (rest === 1) return undefined;
  const bytes = new Uint8Array(Math.floor(text.length / 3) * 2 + (rest === 0 ? 0 : 1));
  for (let i = 0, at = 0; i < text.length; i += 3) {
    const letters = Math.min(3, text.length - i);
    let value = 0;
    for (let letter = letters - 1; letter >= 0; letter--) {
      const digit = VALUES.get(text[i + letter] as string);
      if (digit === undefined) return undefined;
      value = value * 45 + digit;
    }
    if (value >= 256 ** (letters - 1)) return undefined;
    if (letters === 3) bytes[at++] = value >> 8;
    bytes[at++] = value & 255;
  }
  return bytes;
}
