import { useState } from "react";
import { shorten } from "../words/names.ts";

/** A long key or hash, shortened, with a button that copies it whole. */
export function CopyText({ text, name }: { readonly text: string; readonly name: string }) {
  const [hasCopied, setHasCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setHasCopied(true);
  };
  return (
    <span className="copy-text">
      <code title={text}>{shorten(text)}</code>
      <button
        type="button"
        className="link-button"
        aria-label={`Copy ${name}`}
        onClick={() => void copy().catch(() => setHasCopied(false))}
        onBlur={() => setHasCopied(false)}
      >
        {hasCopied ? "Copied" : "Copy"}
      </button>
    </span>
  );
}
