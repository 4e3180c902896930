import { describe, expect, it } from "vitest";
import type { LeafChange } from "../../../src/blocks/applyTransactions.ts";
import {
  cash,
  createMainHeader,
  hashName,
  type MainHeader,
  make,
  mallory,
  oracleSays,
  voidClose,
} from "./chainLab.ts";
import { describeRefusals, GAME, RAIN, Scene, under } from "./scene.ts";

/** The game was lost at height 20, and height 22 is two blocks deeper, as the network demands. */
const DECIDED = createMainHeader(20, [oracleSays(hashName("game"), "false", 20)]);
const DEEP = 20 + 2;

describe("a void close", () => {
  const STILL_OPEN = createMainHeader(20, [oracleSays(hashName("game"), "open")]);
  const learnt = (scene: Scene, header: MainHeader) => scene.learn(header).prove(GAME);
  const of = (header: MainHeader) => (scene: Scene) => [
    voidClose(scene.won, 0, GAME, learnt(scene, header)),
  ];
  const at = (mainHeight: number) => ({ mainHeight });

  it("frees the side that a condition came out against, and needs nobody's signature", () => {
    const scene = new Scene();
    scene.take(of(DECIDED)(scene), at(DEEP));
    expect(scene.describe({ game: GAME }).slice(3, 5)).toEqual([
      "[400, 500) free if game",
      "[400, 500) bob unless game",
    ]);
  });

  it("frees a sealed contract too", () => {
    const scene = new Scene();
    const [sealed] = scene.take([scene.seal(scene.won)]).sealed as [LeafChange];
    scene.take([voidClose(sealed, 0, GAME, learnt(scene, DECIDED))], at(DEEP));
    expect(scene.describe({ game: GAME })).toContain("[400, 500) free if game");
  });

  it("leaves its space to anybody", () => {
    const scene = new Scene();
    const next = cash(mallory, 400n, 500n, [under(GAME)]);
    scene.take([...of(DECIDED)(scene), make(next)], { ...at(DEEP), conditions: [GAME] });
    expect(scene.describe({ game: GAME })).toContain("[400, 500) mallory if game");
  });

  describeRefusals("is refused", [
    [
      "under an unknown header",
      (s) => [voidClose(s.won, 0, GAME, DECIDED.prove(GAME))],
      "UNKNOWN_MAIN_HEADER",
      0,
      at(DEEP),
    ],
    ["under a header not deep enough", of(DECIDED), "NOT_CONFIRMED", 0, at(DEEP - 1)],
    ["while the oracle is open", of(STILL_OPEN), "NOT_FINAL", 0, at(DEEP)],
    [
      "of the side that has won",
      (scene) => [voidClose(scene.lost, 0, GAME, learnt(scene, DECIDED))],
      "CONDITION_HOLDS",
      0,
      at(DEEP),
    ],
    [
      "by a condition that its path has not",
      (scene) => [voidClose(scene.won, 1, GAME, learnt(scene, DECIDED))],
      "NO_SUCH_CONDITION",
      0,
      at(DEEP),
    ],
    [
      "of a contract without conditions",
      (scene) => [voidClose(scene.alices, 0, GAME, learnt(scene, DECIDED))],
      "NO_SUCH_CONDITION",
      0,
      at(DEEP),
    ],
    [
      "by another condition than its path's",
      (scene) => [voidClose(scene.won, 0, RAIN, scene.learn(DECIDED).prove(RAIN))],
      "OTHER_CONDITION",
      0,
      at(DEEP),
    ],
    [
      "by its condition on another level",
      (scene) => [voidClose(scene.won, 0, { ...GAME, level: 63 }, learnt(scene, DECIDED))],
      "OTHER_CONDITION",
      0,
      at(DEEP),
    ],
    [
      "without the proof of a fact",
      (scene) => [voidClose(scene.won, 0, GAME, { ...learnt(scene, DECIDED), proofs: [] })],
      "FACT_PROOFS_MISSING",
      0,
      at(DEEP),
    ],
    [
      "where it does not stand",
      (scene) => [
        voidClose({ ...scene.won, place: scene.lost.place }, 0, GAME, learnt(scene, DECIDED)),
      ],
      "NO_SUCH_CONTRACT",
      0,
      at(DEEP),
    ],
    [
      "twice in a block",
      (scene) => [...of(DECIDED)(scene), ...of(DECIDED)(scene)],
      "NO_SUCH_CONTRACT",
      1,
      at(DEEP),
    ],
  ]);
});
