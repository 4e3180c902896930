import { decode, type Reader } from "../../lib/codec.ts";
import { formatHex } from "../../lib/hex.ts";
import type { StateMap } from "../../protocol/factEvidence.ts";
import type { MainChain } from "../mainChain.ts";
import { SourceError } from "../ports.ts";
import type { SettlementReads } from "../settlementView.ts";

/** Reads under the tip of this moment, each key once: many answers lean on the same records. */
export function cacheReads(
  mainChain: Pick<MainChain, "tip" | "readAt" | "headerAt">,
): SettlementReads {
  const at = mainChain.tip();
  const known = new Map<string, Promise<Uint8Array | undefined>>();
  const readBytes = (map: StateMap, key: Uint8Array): Promise<Uint8Array | undefined> => {
    const name = `${map}:${formatHex(key)}`;
    const asked =
      known.get(name) ?? mainChain.readAt(at, map, key, (reader) => reader.fixed(reader.remaining));
    known.set(name, asked);
    return asked;
  };
  return {
    tip: () => at,
    headerAt: mainChain.headerAt,
    async read<Record>(map: StateMap, key: Uint8Array, read: (reader: Reader) => Record) {
      const bytes = await readBytes(map, key);
      if (bytes === undefined) return undefined;
      const record = decode(bytes, read);
      if (record.ok) return record.value;
      throw new SourceError(
        "BAD_ANSWER",
        `${map} holds bytes that are no record: ${record.message}`,
      );
    },
  };
}
