import { describe, expect, it } from "vitest";
import type { LeafChange } from "../../../src/blocks/applyTransactions.ts";
import type { BlockTransaction } from "../../../src/blocks/transaction.ts";
import { equalBytes } from "../../../src/lib/bytes.ts";
import { hashCondition } from "../../../src/protocol/condition.ts";
import type { ContractNew } from "../../../src/protocol/contractNew.ts";
import { hashScript } from "../../../src/protocol/script.ts";
import {
  alice,
  type Bodies,
  bob,
  CHAIN,
  cash,
  hashName,
  make,
  mallory,
  oscar,
} from "./chainLab.ts";
import { describeRefusals, expectRefusal, GAME, MAIN_HEIGHT, RAIN, Scene, under } from "./scene.ts";

describeRefusals("a contract-new is refused", [
  ["beyond the end of the space", () => [make(cash(alice, 900n, 1_001n))], "OUT_OF_SPACE", 0],
  ["outside the space", () => [make(cash(alice, 1_000n, 1_001n))], "OUT_OF_SPACE", 0],
  ["on nothing", () => [make(cash(alice, 600n, 600n))], "OUT_OF_SPACE", 0],
  ["on a range turned round", () => [make(cash(alice, 700n, 600n))], "OUT_OF_SPACE", 0],
  [
    "under one condition twice",
    () => [make(cash(alice, 600n, 700n, [under(GAME), under(GAME)]))],
    "CONDITIONS_OUT_OF_ORDER",
    0,
    { conditions: [GAME] },
  ],
  [
    "on both sides of a condition",
    () => [make(cash(alice, 600n, 700n, [under(GAME), under(GAME, false)]))],
    "CONDITIONS_OUT_OF_ORDER",
    0,
    { conditions: [GAME] },
  ],
  [
    "under a lower level below a higher",
    () => [make(cash(alice, 600n, 700n, [under(GAME), under({ ...RAIN, level: 63 })]))],
    "CONDITIONS_OUT_OF_ORDER",
    0,
    { conditions: [GAME, { ...RAIN, level: 63 }] },
  ],
]);

describeRefusals("an exact close is refused", [
  [
    "of a contract that there is not",
    (scene) => {
      const { alices } = scene;
      const leaf = { ...alices.leaf, id: hashName("nothing") };
      return [make(cash(bob, 600n, 700n)), scene.close({ ...alices, leaf }, [])];
    },
    "NO_SUCH_CONTRACT",
    1,
  ],
  [
    "where another contract stands",
    (scene) => [scene.close({ ...scene.alices, place: scene.bobs.place }, [])],
    "NO_SUCH_CONTRACT",
    0,
  ],
  [
    "on free space",
    (scene) => {
      const place = { lo: 600n, hi: 700n, conditions: [] };
      return [scene.close({ ...scene.alices, place }, [])];
    },
    "NO_SUCH_CONTRACT",
    0,
  ],
  [
    "of a part of what stands there",
    (scene) => {
      const place = { ...scene.alices.place, hi: 299n };
      return [scene.close({ ...scene.alices, place }, [])];
    },
    "NO_SUCH_CONTRACT",
    0,
  ],
  [
    "on the other side of its condition",
    (scene) => [scene.close({ ...scene.won, place: scene.lost.place }, [])],
    "NO_SUCH_CONTRACT",
    0,
  ],
  [
    "without naming its condition",
    (scene) => {
      const place = { ...scene.won.place, conditions: [] };
      return [scene.close({ ...scene.won, place }, [])];
    },
    "NO_SUCH_CONTRACT",
    0,
  ],
  [
    "twice in a block",
    (scene) => [scene.close(scene.alices, []), scene.close(scene.alices, [])],
    "NO_SUCH_CONTRACT",
    1,
  ],
  [
    "in the block that makes it",
    (scene) => {
      const first = make(cash(alice, 600n, 700n));
      return [first, scene.close(scene.foresee(0, [first]), [])];
    },
    "CLOSED_WHERE_MADE",
    1,
  ],
  [
    "in the block that makes it from another",
    (scene) => {
      const next = cash(alice, 100n, 300n);
      const opening = [scene.close(scene.alices, [next]), make(next)];
      return [...opening, scene.close(scene.foresee(1, opening), [])];
    },
    "CLOSED_WHERE_MADE",
    2,
  ],
  [
    "in the block that seals it",
    (scene) => [scene.seal(scene.alices), scene.close(scene.alices, [])],
    "CLOSED_WHERE_MADE",
    1,
  ],
  [
    "of a sealed contract",
    (scene) => {
      const [sealed] = scene.take([scene.seal(scene.alices)]).sealed;
      return [scene.close(sealed ?? scene.alices, [])];
    },
    "SEALED",
    0,
  ],
  [
    "with what its owner signed for another of his",
    (scene) => [scene.close(scene.alices, [], { contractId: scene.won.leaf.id })],
    "OTHER_CONTRACT",
    0,
  ],
  [
    "on the block two before",
    (scene) => [scene.close(scene.alices, [], { seenBlock: CHAIN.id })],
    "OTHER_BLOCK_SEEN",
    0,
  ],
  [
    "above the height it is good to",
    (scene) => [scene.close(scene.alices, [], { heightMax: MAIN_HEIGHT - 1 })],
    "CLOSE_TOO_LATE",
    0,
  ],
  ["signed by another", (scene) => [scene.close(scene.alices, [], {}, bob)], "BAD_SIGNATURE", 0],
  [
    "signed by the operator",
    (scene) => [scene.close(scene.alices, [], {}, oscar)],
    "BAD_SIGNATURE",
    0,
  ],
  [
    "with other successors than were signed",
    (scene) => {
      const { close } = scene.close(scene.alices, [cash(alice, 100n, 300n)]);
      const by = close.authorisation;
      if (by.kind !== "exact") throw new Error("an exact close");
      const authorisation = { ...by, close: { ...by.close, successors: [] } };
      return [{ kind: "contract-close", close: { ...close, authorisation } }];
    },
    "BAD_SIGNATURE",
    0,
  ],
]);

describe("the successor that a close names", () => {
  const named: ContractNew = cash(alice, 100n, 200n, [under(GAME)]);

  it.each<[string, ContractNew[]]>([
    ["nothing", []],
    ["another owner", [{ ...named, owner: mallory.publicKey }]],
    ["another deposit share", [{ ...named, depositBps: 1 }]],
    ["another script", [{ ...named, scriptHash: hashScript(Uint8Array.of(1)) }]],
    ["one satoshi less", [cash(alice, 100n, 199n, [under(GAME)])]],
    ["the other side", [cash(alice, 100n, 200n, [under(GAME, false)])]],
    ["no condition", [cash(alice, 100n, 200n)]],
    ["another condition", [cash(alice, 100n, 200n, [under(RAIN)])]],
  ])("is missing where the block makes %s in its place", (_, made) => {
    const scene = new Scene();
    const transactions = [scene.close(scene.alices, [named]), ...made.map(make)];
    const conditions = made.flatMap(({ place }) =>
      [GAME, RAIN].filter((body) =>
        place.conditions.some(({ hash }) => equalBytes(hashCondition(body), hash)),
      ),
    );
    const scripts = made.some(({ scriptHash }) => scriptHash !== named.scriptHash)
      ? [Uint8Array.of(1)]
      : [];
    expectRefusal(scene, transactions, { conditions, scripts }, "SUCCESSOR_MISSING", 0);
  });

  it("is missing where it stood before", () => {
    const scene = new Scene();
    const [whole] = scene.sell([alice, 600n, 700n]) as [LeafChange];
    const close = scene.close(scene.bobs, [cash(alice, 600n, 700n)]);
    expect(whole.place.lo).toBe(600n);
    expectRefusal(scene, [close], {}, "SUCCESSOR_MISSING", 0);
  });
});

describeRefusals("what closes leave is held to their word", [
  [
    "where a successor is made before the close that names it",
    (scene) => {
      const elsewhere = cash(alice, 600n, 700n);
      return [make(elsewhere), scene.close(scene.alices, [elsewhere])];
    },
    "SUCCESSOR_TOO_EARLY",
    1,
  ],
  [
    "where a successor is made between the two closes that name it",
    (scene) => {
      const shared = cash(alice, 600n, 700n);
      return [scene.close(scene.alices, [shared]), make(shared), scene.close(scene.bobs, [shared])];
    },
    "SUCCESSOR_TOO_EARLY",
    0,
  ],
  [
    "where all of it goes to one who is not named",
    (scene) => [scene.close(scene.alices, []), make(cash(mallory, 100n, 300n))],
    "SPACE_NOT_FREE",
    0,
  ],
  [
    "where one satoshi of it does",
    (scene) => [scene.close(scene.alices, []), make(cash(mallory, 299n, 300n))],
    "SPACE_NOT_FREE",
    0,
  ],
  [
    "where what is not named reaches into it from outside",
    (scene) => [scene.close(scene.alices, []), make(cash(mallory, 50n, 101n))],
    "SPACE_NOT_FREE",
    0,
  ],
  [
    "where another stands on it beside the successor",
    (scene) => {
      const named = cash(alice, 100n, 200n);
      return [scene.close(scene.alices, [named]), make(named), make(cash(mallory, 200n, 300n))];
    },
    "SPACE_NOT_FREE",
    0,
  ],
  [
    "where another stands on the other side of the successor's condition",
    (scene) => {
      const named = cash(alice, 100n, 300n, [under(GAME)]);
      return [
        scene.close(scene.alices, [named]),
        make(named),
        make(cash(mallory, 100n, 300n, [under(GAME, false)])),
      ];
    },
    "SPACE_NOT_FREE",
    0,
    { conditions: [GAME] },
  ],
  [
    "where the other party of a bet takes a side that was not named",
    (scene) => [
      scene.close(scene.won, []),
      scene.close(scene.lost, [cash(bob, 400n, 500n)]),
      make(cash(bob, 400n, 500n)),
    ],
    "SPACE_NOT_FREE",
    0,
  ],
]);

describe("a close that holds", () => {
  const GOOD: [string, (scene: Scene) => BlockTransaction[], Bodies, string[]][] = [
    [
      "at the very height it is good to, and leaves its space free",
      (scene) => [scene.close(scene.alices, [], { heightMax: MAIN_HEIGHT })],
      {},
      ["[0, 300) free", "[300, 400) bob"],
    ],
    [
      "with successors on its space and elsewhere, the rest left free",
      (scene) => {
        const successors = [cash(bob, 100n, 150n), cash(alice, 600n, 700n)];
        return [scene.close(scene.alices, successors), ...successors.map(make)];
      },
      {},
      [
        "[0, 100) free",
        "[100, 150) bob",
        "[150, 300) free",
        "[300, 400) bob",
        "[400, 500) alice if game",
        "[400, 500) bob unless game",
        "[500, 600) free",
        "[600, 700) alice",
        "[700, 1000) free",
      ],
    ],
    [
      "of one side, while the other party stays on the other",
      (scene) => [scene.close(scene.won, [])],
      {},
      ["[400, 500) free if game", "[400, 500) bob unless game"],
    ],
    [
      "together with another that names the same successor, made after both",
      (scene) => {
        const shared = cash(alice, 100n, 400n);
        const closes = [scene.alices, scene.bobs].map((each) => scene.close(each, [shared]));
        return [...closes, make(shared)];
      },
      {},
      ["[0, 100) free", "[100, 400) alice", "[400, 500) alice if game"],
    ],
  ];

  it.each(GOOD)("%s", (_, act, bodies, expected) => {
    const scene = new Scene();
    scene.take(act(scene), { mainHeight: MAIN_HEIGHT, ...bodies });
    expect(scene.describe({ game: GAME })).toEqual(expect.arrayContaining(expected));
  });
});
