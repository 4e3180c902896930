import { readAccountRecord } from "../chain/state/accountRecord.ts";
import { decode, type Reader } from "../lib/codec.ts";
import { formatHex } from "../lib/hex.ts";
import { type OracleResult, readOracleRecord } from "../protocol/facts.ts";
import { computeAccountKey } from "../protocol/keys.ts";
import { computePostKey } from "../protocol/post.ts";
import type { MainView } from "./engine/engineEvent.ts";
import type { EngineState } from "./engine/engineState.ts";
import type { MainHeader, NodePort } from "./nodePort.ts";

/** Read what the engine must know of the main chain under one header. Rejects if the node fails. */
export async function readMainView(
  node: NodePort,
  header: MainHeader,
  state: EngineState,
): Promise<MainView> {
  const { operator } = state.chain;
  const oracleKeys = state.markets.map(
    ({ oracleId }) => ({ map: "oracles", key: oracleId }) as const,
  );
  const accountKey = { map: "accounts", key: computeAccountKey(operator) } as const;
  const { values } = await node.read([accountKey, ...oracleKeys], header);
  const [account, ...results] = values;
  const oracles = new Map<string, OracleResult>();
  state.markets.forEach(({ oracleId }, index) => {
    const record = decodeValue(results[index], readOracleRecord);
    if (record !== undefined) oracles.set(formatHex(oracleId), record.result);
  });
  return {
    height: header.height,
    accountNonce: decodeValue(account, readAccountRecord)?.nonce ?? 0,
    recorded: await countRecorded(node, header, state),
    oracles,
  };
}

/** The highest sequence that is recorded. Sequences have no gap, so it is looked for from the newest down. */
async function countRecorded(
  node: NodePort,
  header: MainHeader,
  { chain, posts }: EngineState,
): Promise<number> {
  // One beyond our own: a database that was set back must notice it.
  for (let sequence = posts.length + 1; sequence > 0; sequence--) {
    const key = computePostKey(chain.operator, chain.id, sequence);
    const { values } = await node.read([{ map: "existence", key }], header);
    if (values[0] !== undefined) return sequence;
  }
  return 0;
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
