import { decodeBlock, encodeBlock, type SortitionBlock } from "../../src/blocks/block.ts";
import { type BlockTransaction, encodeBlockTransaction } from "../../src/blocks/transaction.ts";
import { listRoot } from "../../src/lib/merkleList.ts";
import { insist } from "../../src/lib/verdict.ts";
import { encodeBlockHeader } from "../../src/protocol/blockHeader.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import type { Place } from "../../src/protocol/place.ts";
import { createRules } from "../../src/protocol/rules.ts";
import { computeDigest, signDigest } from "../../src/protocol/signature.ts";

const RULES = createRules(LOCAL_NETWORK);

/** The block with other contents, signed by the operator himself: only its rules can give it away. */
export function forgeBlock(
  bytes: Uint8Array,
  operatorKey: Uint8Array,
  change: (block: SortitionBlock) => SortitionBlock,
): Uint8Array {
  const block = change(insist(decodeBlock(bytes)));
  const updatesRoot = listRoot(block.transactions.map(encodeBlockTransaction));
  const header = { ...block.header, updatesRoot };
  const digest = computeDigest("signBlock", RULES.networkId, encodeBlockHeader(header));
  return encodeBlock({ ...block, header, signature: signDigest(digest, operatorKey) });
}

/** The block with each new contract moved to `place`, whatever stands there; `witness` leaves nothing out. */
export function moveContracts(
  block: SortitionBlock,
  place: Pick<Place, "lo" | "hi">,
  witness: Uint8Array,
): SortitionBlock {
  const transactions = block.transactions.map((each): BlockTransaction => {
    if (each.kind !== "contract-new") return each;
    const moved = { ...each.contract.place, ...place, conditions: [] };
    return { ...each, contract: { ...each.contract, place: moved } };
  });
  return { ...block, conditions: [], witness, transactions };
}

/** Another block that holds just as well, and that nobody has posted. */
export function makeTwin(block: SortitionBlock): SortitionBlock {
  return { ...block, header: { ...block.header, time: block.header.time + 1n } };
}
