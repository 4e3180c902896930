import { type Budget, CAPS, Stop } from "./budget.ts";
import { List, payloadBytes, type Value } from "./value.ts";

/**
 * The bytes that are hashed or signed for a value: kind (0 binary, 1 list), 32-bit length, then the
 * bytes or the serialised elements in order. Throws a `Stop` where they are too many.
 *
 * @see CHALANG.md section 1
 */
export function serialise(value: Value, budget: Budget): Uint8Array {
  const length = 5 + payloadBytes(value);
  if (length > CAPS.binaryBytes) throw new Stop("limit", `${length} bytes to serialise`);
  budget.pay(length);
  const bytes = new Uint8Array(length);
  let offset = 0;
  const writeUint32 = (number: number): void => {
    bytes[offset++] = number >>> 24;
    bytes[offset++] = number >>> 16;
    bytes[offset++] = number >>> 8;
    bytes[offset++] = number;
  };
  // Lists may be nested a million deep, so what is still to be written waits here, not on the host's stack.
  const waiting: List[] = [];
  const write = (item: Value): void => {
    bytes[offset++] = item instanceof List ? 1 : 0;
    writeUint32(payloadBytes(item));
    if (typeof item === "number") {
      writeUint32(item);
    } else if (item instanceof List) {
      waiting.push(item);
    } else {
      bytes.set(item, offset);
      offset += item.length;
    }
  };
  write(value);
  for (let list = waiting.pop(); list !== undefined; list = waiting.pop()) {
    if (list.tail === undefined) continue;
    waiting.push(list.tail);
    write(list.head);
  }
  return bytes;
}
