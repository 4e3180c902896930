import type { ManualClock } from "./clock.ts";
import type { NodePort } from "./nodePort.ts";

/** When an operator looks at the main chain. */
export type Turns = {
  /** Resolves once the node has said where it stands. */
  readonly ready: Promise<void>;
  /** Resolves when there may be something new. */
  nextTip(): Promise<void>;
  /** Calls back whenever it is time to look, until closed. */
  follow(onTip: () => void): () => void;
  close(): void;
};

/** Look at every new block of the node, and once at the beginning. */
export function createOwnTurns(node: Pick<NodePort, "follow">): Turns {
  const tips = watchTips(node);
  let isReady = false;
  void tips.ready.then(() => {
    isReady = true;
  });
  return {
    ready: tips.ready,
    nextTip: tips.next,
    follow(onTip) {
      if (isReady) onTip();
      return tips.follow(onTip);
    },
    close: tips.close,
  };
}

/** The process that fixes the order of everything. `onMessage` is called with each thing it says. */
export type Driver = {
  readonly send: (message: { readonly kind: "waiting" }) => void;
  readonly onMessage: (listener: (message: DriverMessage) => void) => void;
};

/** `next` to one that waits for a block, with the time and the tip's height by now; `turn` later on. */
export type DriverMessage =
  | { readonly kind: "next"; readonly nowMs: number; readonly height: number }
  | { readonly kind: "turn" };

/** Look on a driver's word alone. */
export function createDrivenTurns(
  node: Pick<NodePort, "follow" | "tip">,
  clock: ManualClock,
  driver: Driver,
): Turns {
  const tips = watchTips(node);
  const followers = new Set<() => void>();
  let onNext: (message: DriverMessage & { kind: "next" }) => void = () => undefined;
  driver.onMessage((message) => {
    if (message.kind === "next") onNext(message);
    else if (message.kind === "turn") for (const onTip of followers) onTip();
  });
  return {
    ready: tips.ready,
    async nextTip() {
      const told = new Promise<DriverMessage & { kind: "next" }>((resolve) => {
        onNext = resolve;
      });
      driver.send({ kind: "waiting" });
      const { nowMs, height } = await told;
      clock.setTime(nowMs);
      while ((await node.tip()).height < height) await tips.next();
    },
    follow(onTip) {
      followers.add(onTip);
      return () => followers.delete(onTip);
    },
    close: tips.close,
  };
}

function watchTips(node: Pick<NodePort, "follow">) {
  const followers = new Set<() => void>();
  const follow = (onTip: () => void) => {
    followers.add(onTip);
    return () => followers.delete(onTip);
  };
  const next = () =>
    new Promise<void>((resolve) => {
      const stop = follow(() => {
        stop();
        resolve();
      });
    });
  const ready = next();
  const close = node.follow(() => {
    for (const onTip of [...followers]) onTip();
  });
  return { ready, next, follow, close };
}
