import { useWallet } from "../store.ts";

/** A newer version waits; the reader says when. */
export function UpdateBar() {
  const reload = useWallet((state) => state.reloadIntoUpdate);
  if (reload === undefined) return null;
  return (
    <div className="update-bar" role="status">
      <p>A new version is ready.</p>
      <button type="button" className="link-button" onClick={reload}>
        New version: reload
      </button>
    </div>
  );
}
