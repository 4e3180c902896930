import { afterEach, describe, expect, it } from "vitest";
import type * as Lineages from "../../../src/blocks/lineage.ts";
import type * as Views from "../../../src/chain/settlement/settlementView.ts";
import type { SettlementView } from "../../../src/chain/settlement/settlementView.ts";
import { dropRecord, putRecord } from "../../../src/chain/state/mainState.ts";
import type * as Existence from "../../../src/chain/txs/existence.ts";
import { encode } from "../../../src/lib/codec.ts";
import { accept } from "../../../src/lib/verdict.ts";
import { computePostKey, writeExistenceRecord } from "../../../src/protocol/post.ts";
import type * as Switches from "../../../src/protocol/switch.ts";
import {
  computeSwitchedPostKey,
  computeSwitchKey,
  type SwitchRecord,
} from "../../../src/protocol/switch.ts";
import { type Bug, findFirstWrong, replace, restoreAll } from "./plantBug.ts";

/** A planted bug must fall within this many histories: less than the property plays. */
const HISTORIES = 300;

/** The real judges, with another word of when a chain has switched. */
const seeSwitches = (change: (record: SwitchRecord) => SwitchRecord | undefined): Bug => {
  const blind = (view: SettlementView): SettlementView => ({
    ...view,
    switched: (key) => {
      const record = view.switched(key);
      return record && change(record);
    },
  });
  return {
    wrap: ({ judgeClaim, judgeSlash, judgeTimeout }) => ({
      judgeClaim: (claim, carrier, view) => judgeClaim(claim, carrier, blind(view)),
      judgeSlash: (slash, carrier, view) => judgeSlash(slash, carrier, blind(view)),
      judgeTimeout: (timeout, view) => judgeTimeout(timeout, blind(view)),
    }),
  };
};

const takeWords = (
  change: (real: typeof Existence.applyExistence) => typeof Existence.applyExistence,
): Bug => ({
  mock: () =>
    replace<typeof Existence>("chain/txs/existence.ts", (real) => ({
      applyExistence: change(real.applyExistence),
    })),
});

/** Each plants one bug in what is made of a switch; everything else stays the chain's own. */
const BUGS: Record<string, Bug> = {
  "entries above the height of a switch count": seeSwitches(() => undefined),
  "entries at the very height of a switch count": seeSwitches((record) => ({
    ...record,
    height: record.height + 1,
  })),
  "entries below the height of a switch lose their rank": seeSwitches((record) => ({
    ...record,
    height: 0,
  })),
  "a close counts under the first post after a switch": {
    mock: () =>
      replace<typeof Views>("chain/settlement/settlementView.ts", (real) => ({
        findRecordBefore: (...asked) => {
          const before = real.findRecordBefore(...asked);
          return before.ok ? before : accept(undefined);
        },
      })),
  },
  "a chain may switch twice": takeWords((apply) => (state, body, context) => {
    const { entry } = body;
    if (entry.kind !== "switch") return apply(state, body, context);
    const key = computeSwitchKey(entry.signer, entry.switch.chainId);
    const taken = apply(dropRecord(state, "existence", key), body, context);
    return taken.ok ? taken : apply(state, body, context);
  }),
  "anybody may switch a chain": takeWords((apply) => (state, body, context) => {
    const rules = { ...context.rules, verify: () => true };
    return apply(state, body, body.entry.kind === "switch" ? { ...context, rules } : context);
  }),
  "anybody may post for a chain that has switched": takeWords((apply) => (state, body, context) => {
    const rules = { ...context.rules, verify: () => true };
    return apply(state, body, body.entry.kind === "post" ? { ...context, rules } : context);
  }),
  "a number may be left out after a switch": takeWords((apply) => (state, body, context) => {
    const { entry } = body;
    const taken = apply(state, body, context);
    if (entry.kind !== "post" || taken.ok || taken.code !== "SEQUENCE_GAP") return taken;
    const { chainId, sequence } = entry.post;
    const before = computeSwitchedPostKey(entry.signer, chainId, sequence - 1);
    const { height, index } = context;
    const record = encode((writer) =>
      writeExistenceRecord(writer, { height, index, hash: entry.post.blockHash }),
    );
    return apply(putRecord(state, "existence", before, record), body, context);
  }),
  "what is recorded before a switch stands in the place of posts after it": {
    mock: () =>
      replace<typeof Switches>("protocol/switch.ts", () => ({
        computeSwitchedPostKey: computePostKey,
      })),
  },
  "a chain that has switched is looked for where it would have posted": {
    mock: () =>
      replace<typeof Lineages>("blocks/lineage.ts", () => ({
        computeRecordKey: ({ operator, id }, sequence) => computePostKey(operator, id, sequence),
      })),
  },
};

const loadTrial = async () => {
  const { tryNestedHistory } = await import("./nestedPlay.ts");
  return (...[seed, judges, counters]: Parameters<typeof tryNestedHistory>) =>
    tryNestedHistory(seed, judges, counters, true);
};

describe("bugs planted in what a switch to the main chain means", () => {
  afterEach(restoreAll);

  it.each(Object.entries(BUGS))("catches it when %s", async (_, bug) => {
    expect(await findFirstWrong(bug, HISTORIES, loadTrial)).toMatch(/^seed \d+: /);
  });
});
