import { decode } from "../../lib/codec.ts";
import { insist, type Verdict } from "../../lib/verdict.ts";
import { encodeSwitch, readSwitch, type Switch } from "../../protocol/switch.ts";
import type { Effect, MainView } from "./engineEvent.ts";
import type { EngineState } from "./engineState.ts";
import { carry, isOnItsWay } from "./posts.ts";
import { rowKey } from "./rowKey.ts";

/** The number under which the switch itself is carried, before all posts. */
const SWITCH = 0;

/**
 * Go over to the main chain where the anchor is silent for as long as the policy bears, or was told to be left at once,
 * and see that the switch gets recorded. With which post is on disk before it is signed, and never changes.
 *
 * @see docs/PROTOCOL.md section 4, the switch
 */
export function advanceSwitch(state: EngineState): Effect[] {
  const { main, chain } = state;
  // A post that could only be recorded at or after the expiry would not count.
  if (main === undefined || main.height + 2 >= chain.expiry) return [];
  const own = createSwitch(state);
  if (own === undefined) return isSwitchDue(state, main) ? decide(state, main) : [];
  if (main.isSwitchRecorded !== false) return [];
  if (state.posting.has(SWITCH) || isOnItsWay(state, SWITCH)) return [];
  state.posting.add(SWITCH);
  return [{ kind: "sign", subject: { kind: "switch" }, body: encodeSwitch(own) }];
}

/** The switch is signed: now the transaction that carries it. */
export function handleSignedSwitch(state: EngineState, signature: Verdict<Uint8Array>): Effect[] {
  const own = createSwitch(state);
  if (own === undefined || !state.posting.has(SWITCH)) return [];
  if (!signature.ok || state.main === undefined) {
    state.posting.delete(SWITCH);
    return [];
  }
  return [carry(state, state.main, SWITCH, { kind: "switch", switch: own }, signature.value)];
}

/** What the operator signs to go over; undefined while he does not. */
export function createSwitch({ chain, switched }: EngineState): Switch | undefined {
  return switched && { chainId: chain.id, first: switched.first };
}

/** Note under a new tip which post waits to be recorded, and since when. */
export function watchAnchor(state: EngineState, { anchored, recorded, height }: MainView): void {
  const sequence = recorded + 1;
  const isWaiting = anchored !== undefined && state.posts.length >= sequence;
  if (!isWaiting) state.awaited = undefined;
  else if (state.awaited?.sequence !== sequence) state.awaited = { sequence, sinceHeight: height };
}

/** Take up what the row says that `decide` has written. */
export function restoreSwitch(state: EngineState, bytes: Uint8Array): void {
  const { first } = insist(decode(bytes, readSwitch));
  state.switched = { first };
}

function isSwitchDue({ policy, awaited, posting }: EngineState, main: MainView): boolean {
  const { switchAfter } = policy;
  if (switchAfter === undefined || main.anchored === undefined) return false;
  // What is at the signer is meant for the anchor; and the first post says again one that must not be lost to a reorg.
  if (posting.size > 0 || !main.anchored.isBuried) return false;
  const silence = awaited === undefined ? 0 : main.height - awaited.sinceHeight;
  return silence >= switchAfter;
}

/** The first post there is the last that the anchor has recorded, said again; post 1 where it has recorded none. */
function decide(state: EngineState, { recorded }: MainView): Effect[] {
  const { chain } = state;
  const first = Math.max(1, recorded);
  state.switched = { first };
  const old = [...state.sent.keys()];
  state.sent.clear();
  // What was known is how the posts stand in the anchor.
  state.main = undefined;
  const value = encodeSwitch({ chainId: chain.id, first });
  return [
    {
      kind: "commit",
      operations: [
        { kind: "put", key: rowKey.switch, value },
        ...old.map((nonce) => ({ kind: "delete", key: rowKey.sent(nonce) }) as const),
      ],
    },
  ];
}
