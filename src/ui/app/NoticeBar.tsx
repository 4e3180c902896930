import { useEffect } from "react";
import { Icon } from "../parts/Icon.tsx";
import { showNotice, useWallet } from "../store.ts";

const SHOWN_MS = 8_000;

/** What was just done, said politely and gone again by itself. */
export function NoticeBar() {
  const notice = useWallet((state) => state.notice);
  useEffect(() => {
    if (notice === undefined) return;
    const timer = setTimeout(() => showNotice(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [notice]);
  return (
    <div className="notice-place" role="status">
      {notice !== undefined && (
        <p className="notice" data-tone={notice.tone}>
          <Icon name={notice.tone} />
          {notice.words}
          <button type="button" className="link-button" onClick={() => showNotice(undefined)}>
            Dismiss
          </button>
        </p>
      )}
    </div>
  );
}
