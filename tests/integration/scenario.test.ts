import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { tradeForADay } from "../../scripts/scenario/market.ts";
import { onProcesses } from "../../scripts/scenario/marketProcesses.ts";
import { outcomeOf } from "../../scripts/scenario/story.ts";
import { formatHex } from "../../src/lib/hex.ts";

/** Found by search: the draws of these seeds fall on the user's space, and beside it. */
const WINNING_SEED = "l";
const LOSING_SEED = "c";

/**
 * Found by search: the draw falls on what the user holds three levels down. Both endings are played with it, because
 * they part only after the draw: the same seed draws the same point.
 */
const NESTED_WINNING_SEED = "b";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

async function play(...args: readonly string[]): Promise<string> {
  const flags = ["--import", "tsx", "scripts/scenario.ts", ...args];
  const { stdout } = await run(process.execPath, flags, { cwd: ROOT });
  return stdout;
}

describe("the football story with real processes", () => {
  it("is won, and comes out the same to the last hash when played again", async () => {
    const first = await play("football", "--seed", WINNING_SEED);
    expect(first).toMatch(/won[.] 1000 VEO paid/);
    expect(await play("football", "--seed", WINNING_SEED)).toBe(first);
  });

  it("is lost with another seed", async () => {
    expect(await play("football", "--seed", LOSING_SEED)).toMatch(
      /lost[.] The prize goes to the operator, who ended the chain by himself/,
    );
  });

  it("is won by who bought the position before the draw", async () => {
    const told = await play("football", "--seed", WINNING_SEED, "--ending", "sell");
    expect(told).toMatch(/sold both contracts to the counterparty for 98 VEO/);
    expect(told).toMatch(/lost[.] The prize goes to another holder, who claimed it/);
  });
});

describe("three levels with real processes, the middle operator gone after the sale", () => {
  it("are won and paid, by one claim or level by level, and are the same up to the draw when played again", async () => {
    const [claim, levels] = await Promise.all([
      play("nested", "--seed", NESTED_WINNING_SEED),
      play("nested", "--seed", NESTED_WINNING_SEED, "--ending", "levels"),
    ]);
    expect(claim).toMatch(/won three levels down[.] 1000 VEO paid/);
    // By owners who come back with what their light clients kept.
    expect(levels.match(/it is an on-chain chain now/g)).toHaveLength(2);
    expect(levels).toMatch(/claimed with 1 anchored proof;/);
    expect(levels).toMatch(/won three levels down[.] 1000 VEO paid/);
    // The point is drawn from all of the main chain before it.
    const upToDraw = (told: string) => /^.*The point is [0-9.]+ VEO/s.exec(told)?.[0];
    expect(upToDraw(claim)).toMatch(/chain [0-9a-f]{8} inside/);
    expect(upToDraw(levels)).toBe(upToDraw(claim));
  });
});

/** The first batches of the market: what is told, and where both chains stand then. */
async function tradeInProcesses(seed: string): Promise<readonly string[]> {
  const data = await mkdtemp(join(tmpdir(), "market-"));
  const told: string[] = [];
  const say = (words: string) => told.push(words);
  try {
    return await onProcesses({ seed, data, say }, async (stage) => {
      const { people, chainOf } = await tradeForADay(stage, {
        seed,
        say,
        traders: 2,
        batches: 2,
        pieces: 3,
      });
      const tips = people.flatMap(({ wallet }) => [
        outcomeOf(wallet, 0n).tip,
        formatHex(chainOf(wallet).book.tip.hash),
      ]);
      return [...told, ...tips];
    });
  } finally {
    await rm(data, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}

describe("a market of many traders with real processes", () => {
  it("trades in the same blocks when played again, to the last hash", async () => {
    const [first, again] = await Promise.all([tradeInProcesses("a"), tradeInProcesses("a")]);
    expect(first.join("\n")).toMatch(/block [0-9]+: .* VEO of /);
    expect(again).toEqual(first);
  });
});

describe("an attack on a holder, with real processes", () => {
  it("ends with at least what his wallet had shown as his, two levels down, with what a cheat lost for him", async () => {
    const told = await play("disputes", "--only", "older-post");
    expect(told).toMatch(/Mallory's claim is removed by a close that its owner signed/);
    expect(told).toMatch(/^older-post .*holds$/m);
  });
});
