import type { AuditView } from "../../workers/marketViews.ts";
import { groupThousands } from "./amount.ts";
import { closeClause } from "./order.ts";

/** What came of clearing a batch anew on this device. */
export function describeAudit(audit: AuditView | undefined): {
  readonly tone: "safe" | "waiting" | "danger" | "plain";
  readonly sentence: string;
} {
  if (audit === undefined) {
    return {
      tone: "plain",
      sentence:
        "No batch has been looked into yet. After each one this device clears the published orders anew and compares.",
    };
  }
  const batch = `batch ${groupThousands(audit.height)}`;
  switch (audit.kind) {
    case "checked":
      return {
        tone: "safe",
        sentence: `Checked: this device cleared ${batch} anew from its ${groupThousands(audit.orders)} published ${audit.orders === 1 ? "order" : "orders"}. The block has exactly what follows from them.`,
      };
    case "different":
      return {
        tone: "danger",
        sentence: `Different: the operator did not make ${batch} as its orders say, because ${closeClause(audit.words)} Every fill is still inside its order’s limit: this device would have refused the block otherwise.`,
      };
    case "unpublished":
      return {
        tone: "waiting",
        sentence: `Nobody shows the orders of ${batch}, so this device cannot tell whether its price was fair. Every fill was inside its order’s limit.`,
      };
  }
}
