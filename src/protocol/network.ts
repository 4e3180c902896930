import { encode } from "../lib/codec.ts";
import { taggedHash } from "../lib/hash.ts";
import { encodeUtf8 } from "../lib/utf8.ts";
import { TAGS } from "./tags.ts";

/**
 * All numbers that a network's rules depend on. Heights and delays are in main-chain blocks, amounts
 * in satoshi. The network id commits to every one of them, so a signature for one network is
 * worthless on another.
 *
 * @see docs/PROTOCOL.md section 6, docs/adr/0002-parameters.md
 */
export type NetworkParameters = {
  readonly name: string;
  /** Header rules of AMOVEO.md section 1; `periodTenths` is the target in tenths of a second. */
  readonly initialDifficulty: number;
  readonly retargetFrequency: number;
  readonly fork2Height: number;
  readonly fork4Height: number;
  readonly fork7Height: number;
  readonly periodTenths: number;
  readonly blockBytesMax: number;
  readonly claimBytesMax: number;
  /** K: how many proof-of-work hashes after the expiry make the draw. */
  readonly drawBlocks: number;
  readonly claimDelayMin: number;
  readonly disputeDelayMin: number;
  readonly dataResponseDelay: number;
  /** Confirmations before value counts. */
  readonly confirmations: number;
  readonly claimDepositMin: bigint;
  readonly claimDepositBps: number;
  readonly claimFeeBase: bigint;
  readonly dataRequestFee: bigint;
  readonly dataRequestDeposit: bigint;
  /** What a block's miner is paid beside the fees. */
  readonly blockReward: bigint;
};

const VEO = 100_000_000n;

/** The parameters to be used with real money. */
const MAIN_NETWORK: NetworkParameters = {
  name: "main",
  initialDifficulty: 8_844,
  retargetFrequency: 2_000,
  fork2Height: 0,
  fork4Height: 0,
  fork7Height: 0,
  periodTenths: 6_000,
  blockBytesMax: 1024 * 1024,
  claimBytesMax: 128 * 1024,
  drawBlocks: 12,
  claimDelayMin: 144,
  disputeDelayMin: 108,
  dataResponseDelay: 36,
  confirmations: 6,
  claimDepositMin: VEO,
  claimDepositBps: 100,
  claimFeeBase: VEO / 100n,
  dataRequestFee: VEO / 100n,
  dataRequestDeposit: VEO,
  blockReward: VEO,
};

/** The parameters of the local network that `npm start` and the scenarios run. */
export const LOCAL_NETWORK: NetworkParameters = {
  ...MAIN_NETWORK,
  name: "local",
  initialDifficulty: 10,
  retargetFrequency: 12,
  fork7Height: 40,
  periodTenths: 20,
  drawBlocks: 3,
  claimDelayMin: 12,
  disputeDelayMin: 24,
  dataResponseDelay: 12,
  confirmations: 2,
  blockReward: 2_000n * VEO,
};

/** The 32-byte network id: a hash of every parameter. */
export function computeNetworkId(parameters: NetworkParameters): Uint8Array {
  const p = parameters;
  return taggedHash(
    TAGS.network,
    encode((writer) => {
      writer.bytes(encodeUtf8(p.name), 64);
      writer.u16(p.initialDifficulty).u32(p.retargetFrequency);
      writer.u32(p.fork2Height).u32(p.fork4Height).u32(p.fork7Height).u16(p.periodTenths);
      writer.u32(p.blockBytesMax).u32(p.claimBytesMax).u32(p.drawBlocks);
      writer.u32(p.claimDelayMin).u32(p.disputeDelayMin).u32(p.dataResponseDelay);
      writer.u32(p.confirmations).u64(p.claimDepositMin).u16(p.claimDepositBps);
      writer.u64(p.claimFeeBase).u64(p.dataRequestFee).u64(p.dataRequestDeposit);
      writer.u64(p.blockReward);
    }),
  );
}
