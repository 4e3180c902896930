/**
 * The one-byte domain tags: every hashed or signed structure starts with its own, so that no two
 * kinds can share a preimage. `0x02`–`0x07` belong to the merkle map and list of `lib`.
 *
 * @see docs/PROTOCOL.md section 2
 */
export const TAGS = {
  network: 0x01,
  spaceFree: 0x10,
  spaceLeaf: 0x11,
  spaceSplit: 0x12,
  spaceBranch: 0x13,
  condition: 0x14,
  script: 0x15,
  contractId: 0x16,
  chainId: 0x17,
  chainState: 0x18,
  block: 0x19,
  stateRoots: 0x1a,
  line: 0x1b,
  draw: 0x1c,
  purchase: 0x1d,
  sale: 0x1e,
  settlement: 0x1f,
  batchRank: 0x2a,
  order: 0x2b,
  accountKey: 0x20,
  chainKey: 0x21,
  postKey: 0x22,
  plainKey: 0x23,
  paymentKey: 0x24,
  secretKey: 0x25,
  oracleId: 0x26,
  transaction: 0x27,
  descendantKey: 0x28,
  data: 0x29,
  switchKey: 0x2c,
  switchedPostKey: 0x2d,
  towerTrigger: 0x30,
  towerLocator: 0x31,
  towerKey: 0x32,
  towerClient: 0x33,
  signTransaction: 0x40,
  signBlock: 0x41,
  signPost: 0x42,
  signClose: 0x43,
  signState: 0x44,
  signClaim: 0x45,
  signMove: 0x46,
  signSeal: 0x47,
  signRequest: 0x48,
  signSwitch: 0x49,
  signOrder: 0x4a,
  signReceipt: 0x4b,
  signTowerStatus: 0x4c,
} as const;

/** A purpose a key may sign for. */
export type SignatureTag = Extract<keyof typeof TAGS, `sign${string}`>;
