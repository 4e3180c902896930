import { decodeBlock } from "../../blocks/block.ts";
import { insist } from "../../lib/verdict.ts";
import { encodeBlockHeader } from "../../protocol/blockHeader.ts";
import { encodeContractState } from "../../protocol/contractState.ts";
import { encodePost } from "../../protocol/post.ts";
import { encodeSwitch } from "../../protocol/switch.ts";
import type { EngineState } from "../engine/engineState.ts";
import { createPost } from "../engine/posts.ts";
import { rowKey } from "../engine/rowKey.ts";
import { createSwitch } from "../engine/switchOver.ts";
import type { RowStore } from "../store/rowStore.ts";
import type { SigningRequest } from "./signerTable.ts";

/**
 * What the operator's own rows show as signed: the last block, the last post that went out, the switch, and the state of
 * every contract. A signer's table is always ahead of them, unless it has lost something.
 */
export async function readSigned(
  state: EngineState,
  store: Pick<RowStore, "get">,
): Promise<SigningRequest[]> {
  const signed: SigningRequest[] = [...state.states.values()].map(({ state: terms }) => ({
    purpose: "signState",
    body: encodeContractState(terms),
  }));
  const tip = await store.get(rowKey.block(state.tip.height));
  if (tip !== undefined) {
    const { header } = insist(decodeBlock(tip));
    signed.push({ purpose: "signBlock", body: encodeBlockHeader(header) });
  }
  const last = Math.max(0, ...[...state.sent.values()].map(({ sequence }) => sequence));
  const post = state.posts[last - 1];
  if (post !== undefined) {
    signed.push({ purpose: "signPost", body: encodePost(createPost(state, post)) });
  }
  // What was carried before the switch was decided has been let go, so the first thing carried is the switch.
  const own = state.sent.size > 0 ? createSwitch(state) : undefined;
  if (own !== undefined) signed.push({ purpose: "signSwitch", body: encodeSwitch(own) });
  return signed;
}
