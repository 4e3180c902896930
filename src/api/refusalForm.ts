import { fields, form, type JsonForm, text } from "./jsonForm.ts";

/** A refusal on its way to the one who asked. */
export const refusalForm: JsonForm<{ readonly code: string; readonly message: string }> = form(
  ({ code, message }) => ({ code, message }),
  (json) => {
    const all = fields(json, ["code", "message"], "refusal");
    return { code: text(all.code, "code", 64), message: text(all.message, "message") };
  },
);
