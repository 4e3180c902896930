import { decodeBlock } from "../../src/blocks/block.ts";
import { createClaimedTip } from "../../src/blocks/validateBlock.ts";
import { createChainBook, takeBlock } from "../../src/client/chainBook.ts";
import { createUpgradingVerify } from "../../src/crypto/upgradingVerify.ts";
import { parseHex } from "../../src/lib/hex.ts";
import { insist } from "../../src/lib/verdict.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import { createRules } from "../../src/protocol/rules.ts";
import { computePublicKey, signDigest } from "../../src/protocol/signature.ts";
import { openVerifyPool } from "../../src/workers/verifyWorkers.ts";

/** A block and its chain, as they are handed to a page: bytes in hex, satoshi in digits. */
export type ArrivedBlock = {
  readonly bytes: string;
  readonly chain: {
    readonly id: string;
    readonly operator: string;
    readonly lo: string;
    readonly hi: string;
    readonly expiry: number;
  };
};

export type MeasureArrival = typeof measureArrival;

const KEY = new Uint8Array(32).fill(1);

/**
 * Milliseconds that a thread with the wallet's own pool takes to check a block, take it, and sign so many orders; of one block after
 * another, the first ones with cold workers.
 */
async function measureArrival(
  { bytes: block, chain: facts }: ArrivedBlock,
  resting: number,
  count: number,
): Promise<number[]> {
  const rules = createRules(LOCAL_NETWORK, createUpgradingVerify());
  const bytes = parseHex(block);
  const { lo, hi, expiry } = facts;
  const chain = {
    id: parseHex(facts.id),
    operator: parseHex(facts.operator),
    lo: BigInt(lo),
    hi: BigInt(hi),
    expiry,
  };
  const mainHeader = () => undefined;
  const pool = openVerifyPool(rules);
  const tip = createClaimedTip(insist(decodeBlock(bytes)).header);
  const book = {
    ...createChainBook(chain, { owner: computePublicKey(KEY), descendants: [] }),
    tip,
  };
  const times: number[] = [];
  for (let sample = 0; sample < count; sample++) {
    const start = performance.now();
    const ahead = await pool.check({ bytes, chain, mainHeader }, true).answer;
    if (ahead?.held === undefined) throw new Error("the workers found nothing out");
    const taken = insist(takeBlock(book, bytes, { rules, mainHeader }, ahead));
    for (let order = 0; order < resting; order++) signDigest(taken.tip.hash, KEY);
    times.push(performance.now() - start);
    pool.rest(true);
  }
  pool.rest(false);
  return times;
}

/** Put where the page's driver calls it. */
Object.assign(globalThis, { measureArrival });
