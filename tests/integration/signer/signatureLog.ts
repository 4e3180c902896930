import { parseHex } from "../../../src/lib/hex.ts";
import type { SigningRequest } from "../../../src/operator/signer/signerTable.ts";

/** What was signed, and in which place: a chain's block or post of one number, a contract's state of one nonce. */
export type Signed = {
  readonly place: string;
  readonly kind: string;
  readonly series: string;
  readonly number: number;
  /** Hex. */
  readonly body: string;
};

/** One signature that came back, and what it was asked for. */
export type LogLine = Signed & { readonly request: SigningRequest; readonly signature: string };

/** Lines of `place purpose body signature`; a place is its series and a number. A half-written last line is left out. */
export function readLog(text: string): LogLine[] {
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => {
      const words = line.split(" ");
      const [purpose = "", body = "", signature = ""] = words.slice(-3);
      const place = words.slice(0, -3).join(" ");
      const series = words.slice(0, -4).join(" ");
      const request = { purpose, body: parseHex(body) } as SigningRequest;
      const number = Number(words.at(-4));
      return { place, kind: words[0] ?? "", series, number, request, body, signature };
    });
}

/** What a signer must never do: sign two different things in one place, or a state below one it has signed. */
export function findDoubleSignatures(lines: readonly Signed[]): string[] {
  const bodies = new Map<string, string>();
  const nonces = new Map<string, number>();
  const wrong: string[] = [];
  for (const { place, kind, series, number, body } of lines) {
    if ((bodies.get(place) ?? body) !== body) wrong.push(`signed twice: ${place}`);
    bodies.set(place, body);
    if (kind !== "state") continue;
    const last = nonces.get(series) ?? 0;
    if (number < last) wrong.push(`signed below ${last}: ${place}`);
    nonces.set(series, Math.max(last, number));
  }
  return wrong;
}
