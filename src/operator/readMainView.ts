import { listOfferedOracles } from "../api/marketApi.ts";
import { readAccountRecord } from "../chain/state/accountRecord.ts";
import { decode, type Reader } from "../lib/codec.ts";
import { formatHex } from "../lib/hex.ts";
import { type OracleResult, readOracleRecord } from "../protocol/facts.ts";
import { computeAccountKey } from "../protocol/keys.ts";
import { FACTS_MAX } from "../protocol/limits.ts";
import { computePostKey, readExistenceRecord } from "../protocol/post.ts";
import { computeSwitchedPostKey, computeSwitchKey } from "../protocol/switch.ts";
import type { MainView, PostRecord } from "./engine/engineEvent.ts";
import type { EngineState } from "./engine/engineState.ts";
import type { MainHeader, NodePort } from "./nodePort.ts";

/** Records read at once: those of posts that wait to be buried, and after a restart some of the old ones. */
const RECORDS_AT_ONCE = 64;

/** Read what the engine must know of the main chain under one header. Rejects if the node fails. */
export async function readMainView(
  node: NodePort,
  header: MainHeader,
  state: EngineState,
): Promise<MainView> {
  const { operator } = state.chain;
  const accountKey = { map: "accounts", key: computeAccountKey(operator) } as const;
  const switchKey = { map: "existence", key: computeSwitchKey(operator, state.chain.id) } as const;
  const { values } = await node.read([accountKey, switchKey], header);
  const [account, switched] = values;
  const recorded = await countRecorded(node, header, state);
  return {
    height: header.height,
    accountNonce: decodeValue(account, readAccountRecord)?.nonce ?? 0,
    recorded,
    records: await readRecords(node, header, state, recorded),
    ...(state.switched === undefined ? {} : { isSwitchRecorded: switched !== undefined }),
    ...(await readResults(node, header, listOfferedOracles(state.markets))),
  };
}

/** The results of oracles that the main chain has, by hex id, and when they came. */
async function readResults(
  node: NodePort,
  header: MainHeader,
  oracleIds: readonly Uint8Array[],
): Promise<Pick<MainView, "oracles" | "resultHeights">> {
  const oracles = new Map<string, OracleResult>();
  const resultHeights = new Map<string, number>();
  for (let from = 0; from < oracleIds.length; from += FACTS_MAX) {
    const asked = oracleIds.slice(from, from + FACTS_MAX);
    const keys = asked.map((key) => ({ map: "oracles", key }) as const);
    const { values } = await node.read(keys, header);
    asked.forEach((oracleId, index) => {
      const record = decodeValue(values[index], readOracleRecord);
      if (record === undefined) return;
      oracles.set(formatHex(oracleId), record.result);
      resultHeights.set(formatHex(oracleId), record.resultHeight);
    });
  }
  return { oracles, resultHeights };
}

/** The highest sequence that is recorded. Sequences have no gap, so it is looked for from the newest down. */
async function countRecorded(
  node: NodePort,
  header: MainHeader,
  { chain, posts, switched }: EngineState,
): Promise<number> {
  const computeKey = switched === undefined ? computePostKey : computeSwitchedPostKey;
  const first = switched?.first ?? 1;
  // One beyond our own: a database that was set back must notice it.
  for (let sequence = posts.length + 1; sequence >= first; sequence--) {
    const key = computeKey(chain.operator, chain.id, sequence);
    const { values } = await node.read([{ map: "existence", key }], header);
    if (values[0] !== undefined) return sequence;
  }
  return first - 1;
}

/** The records after the last one judged, so far as they are buried under `header`. */
async function readRecords(
  node: NodePort,
  header: MainHeader,
  { rules, chain, judged, switched }: EngineState,
  recorded: number,
): Promise<PostRecord[]> {
  const computeKey = switched === undefined ? computePostKey : computeSwitchedPostKey;
  const from = Math.max(judged.sequence + 1, switched?.first ?? 1);
  const to = Math.min(recorded, from + RECORDS_AT_ONCE - 1);
  const records: PostRecord[] = [];
  for (let sequence = from; sequence <= to; sequence++) {
    const key = computeKey(chain.operator, chain.id, sequence);
    const { values } = await node.read([{ map: "existence", key }], header);
    const record = decodeValue(values[0], readExistenceRecord);
    const isBuried =
      record !== undefined && record.height + rules.parameters.confirmations <= header.height + 1;
    if (!isBuried) break;
    records.push({ sequence, record });
  }
  return records;
}

function decodeValue<Value>(
  bytes: Uint8Array | undefined,
  read: (reader: Reader) => Value,
): Value | undefined {
  if (bytes === undefined) return undefined;
  const decoded = decode(bytes, read);
  if (!decoded.ok) throw new Error(`the main-chain node served no record: ${decoded.message}`);
  return decoded.value;
}
