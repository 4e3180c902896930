import {
  decodeMineRequest,
  decodeProofRequest,
  decodeProofs,
  encodeMineRequest,
  encodeProofRequest,
  encodeProofs,
  splitHeaders,
} from "../../../src/api/mainChainApi.ts";
import { readMarket, writeMarket } from "../../../src/api/marketCodec.ts";
import { decodeBlockFrames, encodeBlockFrames } from "../../../src/api/operatorApiBlocks.ts";
import {
  decodeHoldingQuestion,
  encodeHoldingQuestion,
} from "../../../src/api/operatorApiHoldings.ts";
import { decodePublishedBatch, encodePublishedBatch } from "../../../src/api/publishedBatch.ts";
import {
  decodeHandIn,
  decodeKept,
  decodeToken,
  decodeTowerStatus,
  encodeHandIn,
  encodeKept,
  encodeTowerStatus,
  readReceipt,
  writeReceipt,
} from "../../../src/api/towerApi.ts";
import { decodeTowerEvidence, encodeTowerEvidence } from "../../../src/api/towerEvidence.ts";
import { readAnchoredProof, writeAnchoredProof } from "../../../src/blocks/anchoredProof.ts";
import { decodeBlock, encodeBlock } from "../../../src/blocks/block.ts";
import {
  readCloseProof,
  readPostedClose,
  writeCloseProof,
  writePostedClose,
} from "../../../src/blocks/closeProof.ts";
import { decodeHolding, encodeHolding } from "../../../src/blocks/holding.ts";
import { readHops, writeHops } from "../../../src/blocks/hops.ts";
import { readBlockTransaction, writeBlockTransaction } from "../../../src/blocks/transaction.ts";
import { decodeMainBlock, encodeMainBlock } from "../../../src/chain/block.ts";
import {
  readChallenge,
  readChallengeResponse,
  readChallengeTimeout,
  writeChallenge,
  writeChallengeResponse,
  writeChallengeTimeout,
} from "../../../src/chain/challenges/challengeMessages.ts";
import {
  readChallengeRecord,
  writeChallengeRecord,
} from "../../../src/chain/challenges/challengeRecord.ts";
import { decodeHeader, encodeHeader } from "../../../src/chain/header/header.ts";
import {
  readDataRequest,
  readDataResponse,
  readDataSlash,
  writeDataRequest,
  writeDataResponse,
  writeDataSlash,
} from "../../../src/chain/requests/dataMessages.ts";
import {
  readAnswerRecord,
  readDataRecord,
  writeAnswerRecord,
  writeDataRecord,
} from "../../../src/chain/requests/dataRecord.ts";
import {
  readClaim,
  readClaimBody,
  writeClaim,
  writeClaimBody,
} from "../../../src/chain/settlement/claim.ts";
import { readResultRecord, writeResultRecord } from "../../../src/chain/settlement/resultRecord.ts";
import {
  readSettlementRecord,
  writeSettlementRecord,
} from "../../../src/chain/settlement/settledRecord.ts";
import {
  readMoveBody,
  readSlash,
  writeMoveBody,
  writeSlash,
} from "../../../src/chain/settlement/slash.ts";
import { readTimeout, writeTimeout } from "../../../src/chain/settlement/timeout.ts";
import { readAccountRecord, writeAccountRecord } from "../../../src/chain/state/accountRecord.ts";
import { readChainRecord, writeChainRecord } from "../../../src/chain/state/chainRecord.ts";
import { decodeTransaction, encodeTransaction } from "../../../src/chain/transaction.ts";
import { decodeEvidence, encodeEvidence } from "../../../src/client/evidence.ts";
import { formatBase45, parseBase45 } from "../../../src/lib/base45.ts";
import { formatBase64, parseBase64 } from "../../../src/lib/base64.ts";
import { equalBytes, joinBytes } from "../../../src/lib/bytes.ts";
import { sha256 } from "../../../src/lib/hash.ts";
import { proveKey, verifyMapProof } from "../../../src/lib/map/mapProof.ts";
import { mapRoot } from "../../../src/lib/map/merkleMap.ts";
import { readListProof, writeListProof } from "../../../src/lib/merkleList.ts";
import { decodeUtf8, encodeUtf8 } from "../../../src/lib/utf8.ts";
import { insist, type Verdict } from "../../../src/lib/verdict.ts";
import {
  decodeKitContents,
  decodeKitFile,
  encodeKitContents,
  encodeKitFile,
} from "../../../src/proof/kitFile.ts";
import {
  decodeProofFile,
  encodeProofFile,
  readProofBody,
  writeProofBody,
} from "../../../src/proof/proofFile.ts";
import { formatFrame, parseFrame } from "../../../src/proof/qrFrames.ts";
import { readSlimHeader, writeSlimHeader } from "../../../src/proof/slimHeader.ts";
import { computeAddress, parseAddress } from "../../../src/protocol/amoveo/address.ts";
import { readBlockHeader, writeBlockHeader } from "../../../src/protocol/blockHeader.ts";
import { readCondition, writeCondition } from "../../../src/protocol/condition.ts";
import {
  readContractClose,
  readExactClose,
  writeContractClose,
  writeExactClose,
} from "../../../src/protocol/contractClose.ts";
import { readContractNew, writeContractNew } from "../../../src/protocol/contractNew.ts";
import {
  readContractState,
  readSignedState,
  writeContractState,
  writeSignedState,
} from "../../../src/protocol/contractState.ts";
import { readFactEvidence, writeFactEvidence } from "../../../src/protocol/factEvidence.ts";
import {
  ORACLE_RESULTS,
  readFactKey,
  readOracleRecord,
  readOracleResult,
  readPaymentRecord,
  readQuestion,
  readSecretRecord,
  writeFactKey,
  writeOracleRecord,
  writePaymentRecord,
  writeQuestion,
  writeSecretRecord,
} from "../../../src/protocol/facts.ts";
import { readLeaf, writeLeaf } from "../../../src/protocol/leaf.ts";
import { readOrder, writeOrder } from "../../../src/protocol/order.ts";
import { readPlace, writePlace } from "../../../src/protocol/place.ts";
import {
  readExistenceRecord,
  readPost,
  writeExistenceRecord,
  writePost,
} from "../../../src/protocol/post.ts";
import {
  readLateSpace,
  readRecordSeen,
  writeLateSpace,
  writeRecordSeen,
} from "../../../src/protocol/recordSeen.ts";
import {
  computePublicKey,
  readSignature,
  writeSignature,
} from "../../../src/protocol/signature.ts";
import {
  readSignedSwitch,
  readSwitch,
  readSwitchRecord,
  writeSignedSwitch,
  writeSwitch,
  writeSwitchRecord,
} from "../../../src/protocol/switch.ts";
import { proveFree, proveLeaf, verifyFree, verifyProof } from "../../../src/space/proof.ts";
import { type SpaceTree, treeRoot } from "../../../src/space/tree.ts";
import { decodeWitness, encodeWitness } from "../../../src/space/witness.ts";
import * as chain from "./chainSamples.ts";
import * as client from "./clientSamples.ts";
import { type Decoder, partDecoder, textDecoder, wholeDecoder } from "./harness.ts";
import * as proof from "./proofSamples.ts";
import * as sample from "./sampleValues.ts";

const { fill } = sample;

const isRoot = (root: Uint8Array) => equalBytes(root, treeRoot(sample.TREE));
const FREE_PLACE = { lo: 3_000n, hi: sample.HI, conditions: [] };
/** `blockBytesMax` of every network so far. */
const BLOCK_BYTES_MAX = 1024 * 1024;
const SWITCH = { chainId: fill(32, 1), first: 7 };
const MAP_ROOT = mapRoot(sample.MAP);
const toText = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
const toBytes = (text: string): Uint8Array =>
  Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** Every decoder of strangers' bytes, one line each: add yours here. */
export const DECODERS: readonly Decoder[] = [
  // lib
  partDecoder("list proof", readListProof, writeListProof, ...sample.LIST_PROOFS),
  ...[sample.KEY, sample.ABSENT_KEY].map((key, index) =>
    wholeDecoder(
      index === 0 ? "map proof of presence" : "map proof of absence",
      (bytes) => verifyMapProof(MAP_ROOT, key, bytes),
      () => proveKey(sample.MAP, key),
      index === 0 ? fill(12, 2) : undefined,
    ),
  ),
  textDecoder("UTF-8", decodeUtf8, encodeUtf8, "", "Zürich ⚽ 足球"),
  textDecoder(
    "base64",
    (bytes) => parseBase64(toText(bytes)),
    (bytes) => toBytes(formatBase64(bytes)),
    ...[0, 1, 2, 3, 65].map((length) => fill(length, 5)),
  ),

  // protocol
  partDecoder("leaf", readLeaf, writeLeaf, ...sample.LEAVES),
  partDecoder("place", readPlace, writePlace, sample.PLACE, sample.BRANCHED_PLACE),
  partDecoder("fact key", readFactKey, writeFactKey, ...sample.FACTS),
  partDecoder("condition", readCondition, writeCondition, sample.CONDITION),
  partDecoder("contract-new", readContractNew, writeContractNew, sample.CONTRACT),
  partDecoder("exact close", readExactClose, writeExactClose, sample.EXACT_CLOSE),
  partDecoder("order", readOrder, writeOrder, sample.ORDER),
  partDecoder("record-seen", readRecordSeen, writeRecordSeen, ...sample.RECORDS_SEEN),
  partDecoder(
    "late space",
    readLateSpace,
    writeLateSpace,
    ...sample.RECORDS_SEEN.flatMap(({ late }) => late),
  ),
  partDecoder("contract-close", readContractClose, writeContractClose, ...sample.CLOSES),
  partDecoder("contract state", readContractState, writeContractState, sample.CONTRACT_STATE),
  partDecoder("signed state", readSignedState, writeSignedState, sample.SIGNED_STATE),
  partDecoder("fact evidence", readFactEvidence, writeFactEvidence, sample.EVIDENCE),
  partDecoder("question", readQuestion, writeQuestion, "Does the home side win? ⚽", ""),
  partDecoder(
    "oracle result",
    readOracleResult,
    (writer, result) => writer.u8(ORACLE_RESULTS[result]),
    "open",
    "bad",
  ),
  partDecoder(
    "oracle record",
    readOracleRecord,
    writeOracleRecord,
    { reporter: fill(33, 1), question: "Who wins?", result: "open", resultHeight: 0 },
    { reporter: fill(33, 2), question: "Who won?", result: "true", resultHeight: 9 },
  ),
  partDecoder("payment record", readPaymentRecord, writePaymentRecord, { amount: 5n, height: 6 }),
  partDecoder("secret record", readSecretRecord, writeSecretRecord, { height: 7 }),
  partDecoder("hops", readHops, writeHops, [
    {
      header: sample.BLOCK_HEADER,
      contractsRoot: fill(32, 41),
      rootsRoot: fill(32, 42),
      proof: Uint8Array.of(0),
    },
  ]),
  partDecoder("post", readPost, writePost, {
    place: { kind: "chain", id: fill(32, 9) },
    chainId: fill(32, 1),
    sequence: 1,
    blockHash: fill(32, 2),
  }),
  partDecoder("post after a switch", readPost, writePost, {
    place: { kind: "switched" },
    chainId: fill(32, 1),
    sequence: 7,
    blockHash: fill(32, 2),
  }),
  partDecoder("switch", readSwitch, writeSwitch, SWITCH),
  partDecoder("signed switch", readSignedSwitch, writeSignedSwitch, {
    switch: SWITCH,
    signer: fill(33, 3),
    signature: fill(65, 4),
  }),
  partDecoder("switch record", readSwitchRecord, writeSwitchRecord, {
    height: 8,
    index: 9,
    first: 7,
  }),
  partDecoder("existence record", readExistenceRecord, writeExistenceRecord, {
    height: 8,
    index: 9,
    hash: fill(32, 3),
  }),
  partDecoder("signature", readSignature, writeSignature, fill(65, 4)),
  partDecoder("sortition-block header", readBlockHeader, writeBlockHeader, sample.BLOCK_HEADER),
  wholeDecoder(
    "address",
    (bytes) => parseAddress(toText(bytes)),
    (publicKey) => toBytes(computeAddress(publicKey)),
    ...[1, 2, 3].map((seed) => computePublicKey(fill(32, seed))),
  ),

  // space
  wholeDecoder(
    "space proof",
    (bytes) => verifyProof(isRoot, sample.LO, sample.HI, bytes),
    ({ place }) => insist(proveLeaf(sample.TREE, place)),
    ...sample.LOTS,
  ),
  wholeDecoder(
    "space proof of emptiness",
    (bytes) => verifyFree(isRoot, sample.LO, sample.HI, FREE_PLACE, bytes),
    (place) => insist(proveFree(sample.TREE, place)),
    FREE_PLACE,
  ),
  wholeDecoder(
    "witness",
    decodeHashed,
    encodeWitness,
    hashAll(sample.TREE),
    ...sample.PATHS.map((path) => insist(decodeHashed(path))),
  ),

  // blocks
  partDecoder(
    "transaction of a block",
    readBlockTransaction,
    writeBlockTransaction,
    ...sample.TRANSACTIONS,
  ),
  wholeDecoder("sortition-block", decodeBlock, encodeBlock, sample.BLOCK),
  partDecoder(
    "anchored proof",
    readAnchoredProof,
    writeAnchoredProof,
    sample.ANCHORED,
    sample.NESTED,
  ),
  partDecoder("close proof", readCloseProof, writeCloseProof, ...sample.CLOSE_PROOFS),
  partDecoder("posted close", readPostedClose, writePostedClose, ...chain.POSTED_CLOSES),

  // chain
  wholeDecoder("main-chain header", decodeHeader, encodeHeader, sample.MAIN_HEADER),

  wholeDecoder(
    "main-chain transaction",
    decodeTransaction,
    encodeTransaction,
    ...chain.SIGNED_TRANSACTIONS,
  ),
  wholeDecoder(
    "main-chain block",
    (bytes) => decodeMainBlock(bytes, BLOCK_BYTES_MAX),
    (block) => encodeMainBlock(block, BLOCK_BYTES_MAX),
    chain.MAIN_BLOCK,
  ),
  partDecoder("claim", readClaim, writeClaim, ...chain.CLAIMS),
  partDecoder("claim body", readClaimBody, writeClaimBody, chain.CLAIM_BODY),
  partDecoder("slash", readSlash, writeSlash, ...chain.SLASHES),
  partDecoder("move body", readMoveBody, writeMoveBody, ...chain.MOVE_BODIES),
  partDecoder("timeout", readTimeout, writeTimeout, { chainId: fill(32, 1) }),
  partDecoder("data request", readDataRequest, writeDataRequest, ...chain.REQUESTS),
  partDecoder("data response", readDataResponse, writeDataResponse, ...chain.RESPONSES),
  partDecoder("data slash", readDataSlash, writeDataSlash, chain.DATA_SLASH),
  partDecoder("data record", readDataRecord, writeDataRecord, ...chain.DATA_RECORDS),
  partDecoder("challenge", readChallenge, writeChallenge, ...chain.CHALLENGES),
  partDecoder(
    "challenge response",
    readChallengeResponse,
    writeChallengeResponse,
    ...chain.CHALLENGE_RESPONSES,
  ),
  partDecoder(
    "challenge timeout",
    readChallengeTimeout,
    writeChallengeTimeout,
    chain.CHALLENGE_TIMEOUT,
  ),
  partDecoder(
    "challenge record",
    readChallengeRecord,
    writeChallengeRecord,
    ...chain.CHALLENGE_RECORDS,
  ),
  partDecoder("answer record", readAnswerRecord, writeAnswerRecord, { height: 9, index: 2 }),
  partDecoder("result record", readResultRecord, writeResultRecord, ...chain.RESULTS),
  partDecoder(
    "settlement record",
    readSettlementRecord,
    writeSettlementRecord,
    ...chain.SETTLEMENTS,
  ),
  partDecoder("account record", readAccountRecord, writeAccountRecord, { balance: 9n, nonce: 2 }),
  partDecoder("chain record", readChainRecord, writeChainRecord, ...chain.CHAIN_RECORDS),

  // api
  wholeDecoder("proof request", decodeProofRequest, encodeProofRequest, {
    at: fill(32, 1),
    keys: [
      { map: "accounts", key: fill(32, 2) },
      { map: "requests", key: fill(32, 3) },
    ],
  }),
  wholeDecoder("proofs", decodeProofs, encodeProofs, sample.EVIDENCE),
  wholeDecoder("mine request", decodeMineRequest, encodeMineRequest, { count: 3, ms: 2 ** 41 }),
  // Any number of headers is an answer, so a shorter answer may be one too.
  {
    ...wholeDecoder("headers", splitHeaders, joinBytes, [fill(143, 1), fill(143, 2)], []),
    isFramed: false,
  },
  partDecoder("market", readMarket, writeMarket, ...sample.MARKETS),
  wholeDecoder("published batch", decodePublishedBatch, encodePublishedBatch, ...sample.BATCHES),
  wholeDecoder("block frames", decodeBlockFrames, encodeBlockFrames, [fill(70, 1), fill(9, 2)], []),
  wholeDecoder(
    "holding question",
    decodeHoldingQuestion,
    encodeHoldingQuestion,
    { places: [sample.PLACE, sample.BRANCHED_PLACE], keys: [fill(32, 1)] },
    { places: [], keys: [] },
  ),
  wholeDecoder("holding", decodeHolding, encodeHolding, sample.HOLDING),
  wholeDecoder("a tower's status", decodeTowerStatus, encodeTowerStatus, {
    tower: fill(33, 1),
    height: 7,
    blockHash: fill(32, 2),
    signature: fill(65, 3),
  }),
  wholeDecoder("a tower's token", decodeToken, (token) => token, fill(32, 1)),
  wholeDecoder("appointment handed in", decodeHandIn, encodeHandIn, {
    token: fill(32, 1),
    locator: fill(32, 2),
    until: 99,
    sealed: fill(60, 3),
  }),
  partDecoder("receipt", readReceipt, writeReceipt, {
    tower: fill(33, 1),
    client: fill(32, 2),
    locator: fill(32, 3),
    sealedHash: fill(32, 4),
    height: 9,
    until: 99,
    signature: fill(65, 5),
  }),
  wholeDecoder(
    "appointments kept",
    decodeKept,
    encodeKept,
    [{ locator: fill(32, 1), sealedHash: fill(32, 2) }],
    [],
  ),
  wholeDecoder(
    "evidence for a tower",
    decodeTowerEvidence,
    encodeTowerEvidence,
    ...chain.SLASHES.slice(0, 1),
  ),

  // client
  wholeDecoder("evidence", decodeEvidence, encodeEvidence, ...client.EVIDENCES),
  // A checksum keeps chance out, but no liar: he makes a new one.
  wholeDecoder(
    "evidence with a checksum of its own",
    (bytes) => decodeEvidence(joinBytes([bytes, sha256(bytes)])),
    (evidence) => encodeEvidence(evidence).slice(0, -32),
    ...client.EVIDENCES,
  ),

  // proof
  wholeDecoder("proof file", decodeProofFile, encodeProofFile, ...proof.PROOF_FILES),
  partDecoder("body of a proof file", readProofBody, writeProofBody, ...proof.PROOF_FILES),
  textDecoder(
    "base 45",
    (bytes) => parseBase45(toText(bytes)),
    (bytes) => toBytes(formatBase45(bytes)),
    ...[0, 1, 2, 3, 65].map((length) => fill(length, 5)),
  ),
  wholeDecoder(
    "QR frame",
    (bytes) => parseFrame(toText(bytes)),
    (frame) => toBytes(formatFrame(frame)),
    proof.QR_FRAME,
  ),
  wholeDecoder("claim kit", decodeKitFile, encodeKitFile, proof.KIT_FILE),
  wholeDecoder("contents of a kit", decodeKitContents, encodeKitContents, proof.KIT_CONTENTS),
  partDecoder("slim header", readSlimHeader, writeSlimHeader, proof.SLIM_HEADER),
];

/** A tree whose nodes all have their hashes: which of them were asked for before is no part of what a witness says. */
function hashAll(tree: SpaceTree): SpaceTree {
  treeRoot(tree);
  return tree;
}

function decodeHashed(bytes: Uint8Array): Verdict<SpaceTree> {
  const decoded = decodeWitness(bytes, sample.LO, sample.HI);
  if (decoded.ok) hashAll(decoded.value);
  return decoded;
}
