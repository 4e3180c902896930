import { describe, expect, it } from "vitest";
import { encodeBlock } from "../../../src/blocks/block.ts";
import type { DataResponse, DataSubject } from "../../../src/chain/requests/dataMessages.ts";
import { computeBytePrice, priceAnswer } from "../../../src/chain/requests/judgeResponse.ts";
import { getAccount } from "../../../src/chain/state/mainState.ts";
import { answerRequests } from "../../../src/operator/answerRequests.ts";
import { createEngineState, type EngineState } from "../../../src/operator/engine/engineState.ts";
import { DEFAULT_POLICY } from "../../../src/operator/engine/policy.ts";
import { rowKey } from "../../../src/operator/engine/rowKey.ts";
import { BLOCK_BYTES_MAX, RUN_MAX } from "../../../src/protocol/limits.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";
import { alice, bob, createPerson, hashName, mallory, oscar } from "../../unit/blocks/chainLab.ts";
import { DataWorld, PARAMETERS } from "../../unit/chain/requests/dataWorld.ts";

const SEEDS = [1, 2];
/** The account that answers: it has no money, and needs none. */
const hand = createPerson("hand");

/** Oscar's chain, and what his operator's process knows of it. */
class Griefed {
  readonly world = new DataWorld();
  readonly state: EngineState;
  readonly #random: SeededRandom;
  /** Bytes of all answers that the main chain took, and what its miners got for them. */
  bytes = 0;
  answers = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
    const { world } = this;
    const { facts } = world.lab;
    this.state = createEngineState(world.lab.context.rules, facts, DEFAULT_POLICY, []);
    // Runs as long as may be, and short ones.
    for (const length of [1, RUN_MAX, 3]) {
      for (let made = 0; made < length; made++) {
        const lo = BigInt(2 * world.lab.blocks.length);
        world.lab.sell([random.below(2) === 0 ? alice : bob, lo, lo + 1n]);
      }
      const sequence = world.post();
      const { height, hash: blockHash } = world.lab.tip;
      this.state.posts.push({ sequence, height, blockHash });
    }
  }

  /** Ask for anything, as cunningly as chance has it: what the asker says he has need not be so. */
  grief(): void {
    const { world } = this;
    const below = (count: number) => this.#random.below(count);
    const sequence = 1 + below(3);
    const end = this.state.posts[sequence - 1]?.height ?? 1;
    const headers = world.lab.blocks.slice(0, end).map(({ header }) => header);
    const has = [
      world.top.chainId,
      hashName(`made up ${below(1_000_000)}`),
      world.posted[below(3)] as Uint8Array,
      headers[below(headers.length)]?.previousHash as Uint8Array,
    ];
    const subjects: DataSubject[] = [
      { kind: "blocks", after: [], have: has[below(4)] as Uint8Array },
      {
        kind: "blocks",
        after: headers.slice(-1 - below(RUN_MAX - 2)),
        have: has[below(4)] as Uint8Array,
      },
      { kind: "proof", asked: { at: BigInt(below(300)), conditions: [] } },
      {
        kind: "proof",
        asked: { at: 900n, conditions: [{ level: 1, hash: hashName("x"), side: true }] },
      },
    ];
    const subject = subjects[below(subjects.length)] as DataSubject;
    world.ask(mallory, world.request(sequence, { subject }));
  }

  /** One main-chain block: the honest operator answers what waits, and a miner takes what holds. */
  async block(): Promise<void> {
    const { world } = this;
    const open = world.record().open;
    const rows = { get: async (key: string) => this.#row(key) };
    await answerRequests(this.state, rows, {
      target: world.top,
      readRequests: async () => ({ height: world.height, open, challenges: [] }),
      sendAnswers: async (bodies) => {
        for (const body of bodies) {
          if (body.kind === "data-response") this.#take(body.response);
        }
      },
    });
    world.height += 1;
  }

  #take(response: DataResponse): void {
    const said = this.world.do(hand, { kind: "data-response", response });
    if (said !== "holds") return;
    this.bytes += Number(priceAnswer(response.answer, PARAMETERS) / computeBytePrice(PARAMETERS));
    this.answers += 1;
  }

  #row(key: string): Uint8Array | undefined {
    const block = this.world.lab.blocks.find(({ header }) => rowKey.block(header.height) === key);
    return block && encodeBlock(block);
  }
}

describe("an honest operator who is asked for whatever anybody likes", () => {
  it.each(SEEDS)(
    "answers in time, never ends poorer, and is paid for by who asks: seed %i",
    async (seed) => {
      const random = new SeededRandom(seed);
      const griefed = new Griefed(random);
      const { world } = griefed;
      const [operator, griefer, miners] = [
        world.balance(oscar),
        world.balance(mallory),
        world.miners,
      ];
      const since = new Map<string, number>();
      let asked = 0;
      let slowest = 0;
      for (let round = 0; round < 12; round++) {
        for (let more = random.below(3); more > 0; more--) griefed.grief();
        for (const { id } of world.record().open) {
          const name = id.join();
          if (!since.has(name)) asked += 1;
          since.set(name, since.get(name) ?? world.height);
        }
        await griefed.block();
        for (const { id } of world.record().open) {
          slowest = Math.max(slowest, world.height - (since.get(id.join()) ?? world.height));
        }
        expect(world.record().voided).toBeUndefined();
      }
      for (let rest = 0; rest < PARAMETERS.dataResponseDelay; rest++) await griefed.block();
      expect(world.record()).toEqual({ open: [], voided: undefined });
      // A run of 64 blocks is there after a few main-chain blocks, far below the delay.
      expect(slowest).toBeLessThan(PARAMETERS.dataResponseDelay / 2);
      expect(asked).toBeGreaterThan(5);
      expect(griefed.answers).toBeGreaterThan(asked);
      // Not a satoshi from the operator, nor from the account that answers.
      expect(world.balance(oscar)).toBe(operator);
      expect(getAccount(world.state, hand.publicKey).balance).toBe(0n);
      // The griefer pays a fee for each, and every byte that he was answered with, to miners.
      const paid = griefer - world.balance(mallory);
      expect(paid).toBe(world.miners - miners);
      const fees = BigInt(asked) * PARAMETERS.dataRequestFee;
      expect(paid).toBeGreaterThanOrEqual(
        fees + BigInt(griefed.bytes) * computeBytePrice(PARAMETERS),
      );
      // What can be had of him for one request: what the deposit pays for, and the rest of one more block.
      const bound = Number(PARAMETERS.dataRequestDeposit / computeBytePrice(PARAMETERS));
      expect(griefed.bytes).toBeLessThan(asked * (bound + BLOCK_BYTES_MAX));
    },
  );
});
