import { describe, expect, it } from "vitest";
import { listDeadlines } from "../../../src/ui/figures/deadlines.ts";
import { listTasks } from "../../../src/ui/figures/tasks.ts";
import { describeTask } from "../../../src/ui/words/task.ts";
import type { ContractView, WalletSnapshot } from "../../../src/workers/walletApi.ts";
import { CASH_ID, chain, changeLive, HEIGHT, live, veo, YES_ID } from "../../preview/fixtures.ts";

const point = veo(404);
const drawn = { expiry: HEIGHT - 6, drawn: HEIGHT - 3, claimsEnd: HEIGHT + 10, quiet: HEIGHT + 33 };

function inClaims(change: Partial<ContractView>): WalletSnapshot {
  const phase = { kind: "claims", point, until: drawn.claimsEnd } as const;
  return changeLive({ phase, schedule: drawn }, { state: "won", ...change });
}

const brief = (wallet: WalletSnapshot) =>
  listTasks(wallet).map(({ id, isMust, until }) => [id, isMust, until]);

describe("what is to be done", () => {
  it("is to sell or to hold, once for each draw, until the last block before the expiry", () => {
    expect(brief(live)).toEqual([[`draw:${chain.id}`, false, chain.schedule.expiry - 1]]);
    const [task] = listTasks(live);
    expect(task?.kind === "draw" ? task.contracts.map(({ id }) => id) : []).toContain(CASH_ID);
  });

  it("is to claim until the last block whose claims count, then to collect without a deadline", () => {
    expect(brief(inClaims({ actions: ["claim"] }))).toEqual([
      [`claim:${YES_ID}`, true, drawn.claimsEnd - 1],
    ]);
    expect(brief(inClaims({ actions: ["collect"] }))).toEqual([
      [`collect:${YES_ID}`, true, undefined],
    ]);
  });

  it("puts what must be done first, and of that what is due first", () => {
    const offer = { sequence: 3, fee: 1n, deposit: 2n, isByUs: true, until: HEIGHT + 4 };
    const wallet = inClaims({
      actions: ["claim"],
      showing: { offer: { ...offer, kind: "doubted" }, asked: undefined },
    });
    const later = {
      ...chain,
      id: "cc",
      topId: "cc",
      phase: { kind: "trading", until: 1_600 } as const,
    };
    const held = { ...live.contracts[2], chainId: "cc", id: "dd", positionId: "dd" };
    const all = {
      ...wallet,
      chains: [later, ...wallet.chains],
      contracts: [held as ContractView, ...wallet.contracts],
    };
    expect(listTasks(all).map(({ id }) => id.split(":")[0])).toEqual(["show", "claim", "draw"]);
  });

  it("is only a possibility to ask about a post that is missing", () => {
    const offer = { sequence: 3, fee: 1n, deposit: 2n, isByUs: false, until: HEIGHT + 4 };
    const showing = { offer: { ...offer, kind: "missing" }, asked: undefined } as const;
    expect(brief(inClaims({ actions: [], showing }))).toEqual([
      [`show:${YES_ID}`, false, undefined],
    ]);
  });

  it("is nothing for who has lost or holds nothing", () => {
    expect(listTasks({ ...live, contracts: [] })).toEqual([]);
    expect(listTasks(inClaims({ state: "lost", actions: [] }))).toEqual([]);
  });

  it("is said with its prize in every case, and in whole sentences", () => {
    const named = inClaims({ actions: ["claim"] });
    const withLabel = {
      ...named,
      chains: named.chains.map((each) => ({ ...each, label: "Exchange" })),
    };
    const titles = [named, withLabel].map((wallet) => {
      const [task] = listTasks(wallet);
      return task && describeTask(task).title;
    });
    expect(titles).toEqual(["Claim the prize of 1,000 VEO", "Claim the prize of Exchange"]);
  });
});

describe("deadlines", () => {
  it("foresee that a prize may have to be claimed, until the draw decides it", () => {
    expect(listDeadlines(live).map(({ id, until }) => [id.split(":")[0], until])).toEqual([
      ["draw", chain.schedule.expiry - 1],
      ["claims", chain.schedule.claimsEnd - 1],
    ]);
    expect(listDeadlines(inClaims({ actions: [] }))).toEqual([]);
  });
});
