import { refusalForm } from "../api/refusalForm.ts";
import { SourceError } from "../client/ports.ts";
import { joinBytes } from "../lib/bytes.ts";
import { accept, refuse, type Verdict } from "../lib/verdict.ts";

const REQUEST_MS = 10_000;

/** What a request carries: canonical bytes, or JSON. */
export type Body =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "json"; readonly json: unknown };

/**
 * Ask a server. Its refusal, in our form, comes back as data; everything else that is no answer rejects
 * with a `SourceError`.
 *
 * @param bytesMax - a longer answer is cut off and counts as none.
 */
export async function ask(
  url: string,
  bytesMax: number,
  body?: Body,
): Promise<Verdict<Uint8Array>> {
  const answer = await send(url, body);
  const bytes = await readBody(url, answer, bytesMax);
  if (answer.ok) return accept(bytes);
  const refusal = refusalForm.read(parseJson(url, bytes));
  if (!refusal.ok) throw new SourceError("DOWN", `${url} answered ${answer.status}`);
  return refuse(refusal.value.code, refusal.value.message);
}

/** Ask for what nobody refuses: a refusal rejects as well. */
export async function askFor(url: string, bytesMax: number, body?: Body): Promise<Uint8Array> {
  const answer = await ask(url, bytesMax, body);
  if (!answer.ok) throw new SourceError("REFUSED", `${url} refused: ${answer.message}`);
  return answer.value;
}

/** JSON of an answer; rejects if it is none. */
export function parseJson(url: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw new SourceError("BAD_ANSWER", `${url} answered something that is no JSON`, {
      cause: error,
    });
  }
}

/** The value of an answer that decoded; rejects if it did not. */
export function demandAnswer<Value>(url: string, decoded: Verdict<Value>): Value {
  if (!decoded.ok) throw new SourceError("BAD_ANSWER", `${url} answered badly: ${decoded.message}`);
  return decoded.value;
}

async function send(url: string, body: Body | undefined): Promise<Response> {
  const signal = AbortSignal.timeout(REQUEST_MS);
  try {
    if (body === undefined) return await fetch(url, { signal });
    const type = body.kind === "bytes" ? "application/octet-stream" : "application/json";
    return await fetch(url, {
      method: "POST",
      headers: { "content-type": type },
      body: body.kind === "bytes" ? body.bytes : JSON.stringify(body.json),
      signal,
    });
  } catch (error) {
    throw new SourceError("DOWN", `${url} does not answer`, { cause: error });
  }
}

async function readBody(url: string, answer: Response, bytesMax: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    const reader = answer.body?.getReader();
    for (;;) {
      const read = await reader?.read();
      if (read === undefined || read.done) return joinBytes(parts);
      length += read.value.length;
      if (length > bytesMax) {
        await reader?.cancel();
        break;
      }
      parts.push(read.value);
    }
  } catch (error) {
    throw new SourceError("DOWN", `${url} stopped in the middle of its answer`, { cause: error });
  }
  throw new SourceError("BAD_ANSWER", `${url} answered with more than ${bytesMax} bytes`);
}
