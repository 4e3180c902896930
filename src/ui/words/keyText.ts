const HEX_LENGTH = 64;

/** A typed private key as lower-case hex without spaces or `0x`. */
export function normaliseKey(text: string): string {
  return text.replace(/\s/g, "").replace(/^0x/i, "").toLowerCase();
}

/** What is wrong with a typed private key, or undefined. */
export function findKeyProblem(text: string): string | undefined {
  const key = normaliseKey(text);
  if (key === "") return "Enter the private key.";
  if (!/^[0-9a-f]*$/.test(key)) return "A private key has only the characters 0 to 9 and a to f.";
  if (key.length !== HEX_LENGTH) {
    return `A private key has ${HEX_LENGTH} characters; this has ${key.length}.`;
  }
  return undefined;
}
