import type { VerdictView } from "../../workers/walletApi.ts";
import { describeVerdict } from "../words/verdict.ts";
import { Icon, type IconName } from "./Icon.tsx";

const icons: Record<"safe" | "waiting" | "danger", IconName> = {
  safe: "verified",
  waiting: "pending",
  danger: "danger",
};

/** The verdict on a chain in one word with its mark. */
export function VerdictMark({ verdict }: { readonly verdict: VerdictView }) {
  const { tone, word } = describeVerdict(verdict);
  return (
    <span className="verdict-mark" data-tone={tone}>
      <Icon name={icons[tone]} />
      {word}
    </span>
  );
}
