import type { DisputeView, TrailView, WatchView } from "../../workers/disputeViews.ts";
import type { KeyView, NetworkView } from "../../workers/walletApi.ts";
import { groupThousands } from "./amount.ts";
import { formatBytes } from "./names.ts";

type DisputeKind = DisputeView["kind"];

/** What happened, in a line. */
export const disputeTitles: Record<DisputeKind, string> = {
  close: "Somebody claims with a contract that was given up",
  state: "Somebody claims with old terms",
  lateClaim: "Your contract can be claimed now",
  undo: "Your claim was taken away, though it stood before",
  improve: "Your claim can be shown at an earlier place",
  challenge: "An operator sold one range twice",
};

/** What the answer does: the name of its button. */
export const answerNames: Record<DisputeKind, string> = {
  close: "Show that it was given up",
  state: "Bring the newer terms",
  lateClaim: "Claim now",
  undo: "Have it put back",
  improve: "Show the earlier place",
  challenge: "Challenge the operator",
};

/** What is lost if nobody answers. */
export const dangers: Record<DisputeKind, string> = {
  close: "If nobody answers, the prize may go to whoever gave the contract up.",
  state: "If nobody answers, the old terms decide who is paid.",
  lateClaim: "If it is not claimed in time, the prize goes to somebody else.",
  undo: "If nobody answers, the prize goes past you.",
  improve: "If it is not shown, a claim that was recorded in between may outrank yours.",
  challenge: "If nobody asks, the operator keeps the deposit that he should lose.",
};

/** Where the reward of an answer comes from. */
export const rewardHints: Record<DisputeKind, string> = {
  close: "half of the deposit of whoever loses; the rest is burnt",
  state: "half of the deposit of whoever loses; the rest is burnt",
  lateClaim: "once the delays are over, unless somebody shows a better claim",
  undo: "half of the deposit of whoever loses; the rest is burnt",
  improve: "once the delays are over",
  challenge: "part of the operator’s deposit, if he cannot answer",
};

/** When the deposit of an answer comes back. */
export const depositHints: Partial<Record<DisputeKind, string>> = {
  challenge: "comes back, less about a hundredth for each 10 KB of his answer",
};

export const answeredWords =
  "Sent. It counts once a main-chain block holds it; the wallet sends it again if a reorganisation takes it away.";

export type Tone = "safe" | "waiting" | "danger";

/** How far an answer has come. */
export function describeProgress(
  { state, confirmations }: DisputeView,
  needed: number,
): { readonly tone: Tone | "plain"; readonly words: string } | undefined {
  switch (state) {
    case "open":
      return undefined;
    case "sent":
      return {
        tone: "waiting",
        words:
          confirmations === 0
            ? "Answered. The answer is on its way into a main-chain block. If a reorganisation takes it away, the wallet sends it again."
            : `Answered. It has ${confirmations} of ${needed} confirmations.`,
      };
    case "confirmed":
      return { tone: "safe", words: `Answered, and confirmed by ${confirmations} blocks.` };
    case "over":
      return { tone: "plain", words: "Its time is over, or the chain has ended." };
  }
}

/** Whether a contract can be defended, and what that rests on. */
export function describeTrail(trail: TrailView): { readonly tone: Tone; readonly words: string } {
  switch (trail.kind) {
    case "complete": {
      const { closes, bytes } = trail;
      if (closes === 0) return { tone: "safe", words: "Nobody stood here before" };
      const count = closes === 1 ? "1 close" : `${groupThousands(closes)} closes`;
      return { tone: "safe", words: `All kept: ${count}, ${formatBytes(bytes)}` };
    }
    case "collecting":
      return { tone: "waiting", words: "Being read from the chain’s blocks" };
    case "incomplete":
      return { tone: "danger", words: `Incomplete: ${trail.missing}` };
  }
}

/** Blocks that it may be behind without a word. */
const LAG_MAX = 2;

/**
 * What the watch is doing, in a sentence, and whether that is as it should be.
 *
 * @param isHolding - whether there is a contract that may still be paid.
 */
export function describeWatch(
  { isAutomatic, scannedHeight, watched }: WatchView,
  { height }: Pick<NetworkView, "height">,
  keyKind: KeyView["kind"],
  isHolding: boolean,
): { readonly tone: Tone; readonly words: string } {
  if (watched.length === 0 && isHolding) {
    return { tone: "waiting", words: "The wallet has not begun to watch over what you hold." };
  }
  if (watched.length === 0) {
    return {
      tone: "safe",
      words: "You hold nothing that could be disputed, so there is nothing to watch.",
    };
  }
  const count = watched.length === 1 ? "1 contract" : `${groupThousands(watched.length)} contracts`;
  if (scannedHeight === 0) {
    return { tone: "waiting", words: `The wallet begins to watch over ${count}.` };
  }
  const upTo = `main-chain block ${groupThousands(scannedHeight)}`;
  if (height - scannedHeight > LAG_MAX) {
    return {
      tone: "danger",
      words: `The watch has fallen behind: it has looked at everything up to ${upTo}, and the newest is ${groupThousands(height)}. Until it has caught up, it accuses nobody.`,
    };
  }
  const seen = `${count} watched, up to ${upTo}.`;
  if (!isAutomatic) return { tone: "waiting", words: `${seen} What comes up waits for your word.` };
  if (keyKind !== "unlocked") {
    return {
      tone: "waiting",
      words: `${seen} While the key is locked, nothing is answered: unlock it, or let a watchtower do it.`,
    };
  }
  return { tone: "safe", words: `${seen} What comes up is answered without asking you.` };
}
