import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { sha256 } from "../../../src/lib/hash.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { encodeUtf8 } from "../../../src/lib/utf8.ts";
import type { Verdict } from "../../../src/lib/verdict.ts";
import type { SigningRequest } from "../../../src/operator/signer/signerTable.ts";
import type * as StartSigner from "../../../src/operator/signer/startSigner.ts";
import { encodeBlockHeader } from "../../../src/protocol/blockHeader.ts";
import { encodeContractState } from "../../../src/protocol/contractState.ts";
import { LOCAL_NETWORK } from "../../../src/protocol/network.ts";
import { encodePost } from "../../../src/protocol/post.ts";
import { createRules } from "../../../src/protocol/rules.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";
import { readLog } from "./signatureLog.ts";

/**
 * Stands where the operator stands: starts the signer, asks it for blocks, posts and states without end, for
 * rivals of them too, and starts it again when it ends. Whatever comes back is in the log before anything else
 * is done. It remembers nothing itself: after a restart it asks for other things in the same places.
 */
const [src = "", data = "", keyFile = "", logFile = "", seedText = "1"] = process.argv.slice(2);
const module = join(src, "operator/signer/startSigner.ts");
const { startSigner } = (await import(pathToFileURL(module).href)) as typeof StartSigner;
const random = new SeededRandom(Number(seedText));
const { networkId } = createRules(LOCAL_NETWORK);
const log = openSync(logFile, "a");
const name = (text: string) => sha256(encodeUtf8(text));
const CONTRACTS = 4;
const AT_ONCE = 16;
const CHECKED_AGAIN = 24;

/** Two of three requests go on from what was signed last; the others ask for another thing in an old place. */
function drawRequest(highest: Map<string, number>): SigningRequest & { readonly place: string } {
  const kind = ["block", "post", "state"][random.below(3)] ?? "";
  const series = kind === "state" ? `state ${random.below(CONTRACTS)}` : kind;
  const last = highest.get(series) ?? 0;
  const back = last > 0 && random.below(3) === 0 ? random.below(Math.min(last, 4)) : -1;
  const number = last - back;
  highest.set(series, Math.max(last, number));
  const rival = random.below(0x7fff_ffff);
  return { place: `${series} ${number}`, ...createRequest(kind, series, number, rival) };
}

function createRequest(
  kind: string,
  series: string,
  number: number,
  rival: number,
): SigningRequest {
  const chainId = name("chain");
  const blockHash = name(`${rival}`);
  if (kind === "block") {
    const roots = { stateBefore: blockHash, stateAfter: blockHash, updatesRoot: blockHash };
    const header = { chainId, height: number, previousHash: blockHash, ...roots, mainHeight: 1 };
    return { purpose: "signBlock", body: encodeBlockHeader({ ...header, time: 1n }) };
  }
  if (kind === "post") {
    const post = { place: { kind: "mainChain" }, chainId, sequence: number, blockHash } as const;
    return { purpose: "signPost", body: encodePost(post) };
  }
  const state = { contractId: name(series), nonce: number, script: encodeUtf8(`${rival}`) };
  return { purpose: "signState", body: encodeContractState(state) };
}

function keep(place: string, request: SigningRequest, signature: Uint8Array): void {
  const { purpose, body } = request;
  writeSync(log, `${place} ${purpose} ${formatHex(body)} ${formatHex(signature)}\n`);
}

/** What was handed out last must be known: a rival is not signed, and the same again is signed the same. */
async function checkMemory(
  sign: (request: SigningRequest) => Promise<Verdict<Uint8Array>>,
): Promise<void> {
  const lines = readLog(readFileSync(logFile, "utf8"));
  const newest = [...new Map(lines.map((line) => [line.place, line])).values()];
  for (const line of newest.slice(-CHECKED_AGAIN)) {
    const { place, kind, series, number, request, signature } = line;
    const rival = createRequest(kind, series, number, random.below(0x7fff_ffff));
    const other = await sign(rival);
    if (other.ok) keep(place, rival, other.value);
    const again = await sign(request);
    const isSame = again.ok && formatHex(again.value) === signature;
    const isOld = !again.ok && again.code === "OLDER_STATE";
    if (!isSame && !isOld) throw new Error(`forgotten: ${place}`);
  }
}

for (;;) {
  const signer = await startSigner({ data, networkId, keyFile }).catch(() => undefined);
  if (signer === undefined) {
    // Killed before it was up, or the one before it still has the table.
    continue;
  }
  try {
    await checkMemory(signer.sign);
    process.send?.({ kind: "up" });
    const highest = new Map<string, number>();
    for (const { series, number } of readLog(readFileSync(logFile, "utf8"))) {
      highest.set(series, Math.max(number, highest.get(series) ?? 0));
    }
    for (;;) {
      const asked = Array.from({ length: AT_ONCE }, () => drawRequest(highest));
      await Promise.all(
        asked.map(async ({ place, ...request }) => {
          const answer = await signer.sign(request);
          if (answer.ok) keep(place, request, answer.value);
        }),
      );
    }
  } catch (error) {
    const isEnd = error instanceof Error && /ended with|channel closed/i.test(error.message);
    if (!isEnd) {
      process.send?.({ kind: "broken", why: String(error) });
      closeSync(log);
      process.exit(1);
    }
    process.send?.({ kind: "ended" });
  }
}
