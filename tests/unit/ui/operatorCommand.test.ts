import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { parseFlags } from "../../../src/operator/parseFlags.ts";
import { writeOperatorCommand } from "../../../src/ui/words/operatorCommand.ts";

const PLAN = {
  chain: { operatorUrl: "http://127.0.0.1:8401" },
  contract: { id: "ab".repeat(32), lo: 5n, hi: 4_000_000_000n },
  nodeUrl: "http://127.0.0.1:8300",
  anchor: "cd".repeat(32),
};

/** What a shell makes of the command: the operator's arguments. */
function readByShell(command: string): string[] {
  const script = `npm() { shift 3; printf '%s\\0' "$@"; }\n${command}`;
  return execFileSync("/bin/sh", ["-c", script], { encoding: "utf8" }).split("\0").slice(0, -1);
}

it.each(["", "Sunday league", 'Bob\'s $(reboot) `x` \\ "y"', "Börse; exit 1"])(
  "is read by a shell, then by the operator, as it was meant, with the name %j",
  (label) => {
    const flags = parseFlags(readByShell(writeOperatorCommand({ ...PLAN, label })));
    expect(flags).toMatchObject({
      ok: true,
      value: {
        label,
        node: PLAN.nodeUrl,
        data: "chain-abababab",
        keyFile: "chain-abababab/key",
        inside: {
          parentUrl: PLAN.chain.operatorUrl,
          choice: { kind: "range", lo: 5n, hi: 4_000_000_000n },
          anchor: { kind: "chain", id: new Uint8Array(32).fill(0xcd) },
        },
      },
    });
  },
);

it("posts on the main chain where that is chosen", () => {
  const command = writeOperatorCommand({ ...PLAN, anchor: "main", label: "" });
  expect(parseFlags(readByShell(command))).toMatchObject({
    value: { inside: { anchor: { kind: "mainChain" } } },
  });
});
