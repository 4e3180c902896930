import type { ReactNode } from "react";
import { Icon, type IconName } from "./Icon.tsx";

type Tone = "plain" | "waiting" | "danger" | "safe";

const icons: Record<Tone, IconName> = {
  plain: "claimed",
  waiting: "pending",
  danger: "danger",
  safe: "verified",
};

/** What happened, what it means, what to do: a few sentences with a mark for their tone. */
export function Note({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  return (
    <div className="note" data-tone={tone} role={tone === "danger" ? "alert" : undefined}>
      <Icon name={icons[tone]} />
      <div className="note-words">{children}</div>
    </div>
  );
}
