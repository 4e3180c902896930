import { listOfferedOracles } from "../api/marketApi.ts";
import { formatHex } from "../lib/hex.ts";
import { type OracleRecord, readOracleRecord } from "../protocol/facts.ts";
import type { MainChain } from "./mainChain.ts";
import type { FollowedChain } from "./rows.ts";

/** The records of the oracles that the questions of a chain's markets read, by hex id. */
export async function readOracles(
  mainChain: MainChain,
  { markets }: FollowedChain,
): Promise<ReadonlyMap<string, OracleRecord>> {
  const oracles = new Map<string, OracleRecord>();
  for (const oracleId of listOfferedOracles(markets)) {
    const record = await mainChain.read("oracles", oracleId, readOracleRecord);
    if (record !== undefined) oracles.set(formatHex(oracleId), record);
  }
  return oracles;
}
