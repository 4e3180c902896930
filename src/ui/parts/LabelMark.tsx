import { StandingMark } from "./StandingMark.tsx";

/** The mark beside a chain's name where it is its operator's word; nothing where it is ours. */
export function LabelMark({ label }: { readonly label: string }) {
  if (label === "") return null;
  return <StandingMark standing={{ kind: "claimed", by: "its operator, who chose the name," }} />;
}
