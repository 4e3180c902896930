import { refusalForm } from "../api/refusalForm.ts";
import type { Failure } from "../lib/verdict.ts";

/** A refusal as a whole HTTP answer, for where no request is read: a connection or a stream too many. */
export function writeRawRefusal(status: string, refusal: Failure): string {
  const body = JSON.stringify(refusalForm.write(refusal));
  const head = [
    `HTTP/1.1 ${status}`,
    "Connection: close",
    "Access-Control-Allow-Origin: *",
    "Content-Type: application/json; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}
