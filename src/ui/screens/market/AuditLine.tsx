import type { AuditView } from "../../../workers/marketViews.ts";
import { Icon, type IconName } from "../../parts/Icon.tsx";
import { describeAudit } from "../../words/audit.ts";

const icons: Record<ReturnType<typeof describeAudit>["tone"], IconName> = {
  safe: "verified",
  waiting: "pending",
  danger: "danger",
  plain: "claimed",
};

/** Whether the newest batch is what its orders make it. */
export function AuditLine({ audit }: { readonly audit: AuditView | undefined }) {
  const { tone, sentence } = describeAudit(audit);
  return (
    <p className="audit-line" data-tone={tone}>
      <Icon name={icons[tone]} />
      <span>{sentence}</span>
    </p>
  );
}
