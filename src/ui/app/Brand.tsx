/** The name, with a strip and its point. */
export function Brand() {
  return (
    <span className="brand">
      <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
        <path className="brand-marker" d="M20 12.5 15 4.5h10z" />
        <rect className="brand-other" x="2" y="15" width="13" height="12" rx="1.5" />
        <rect className="brand-mine" x="16.5" y="15" width="7" height="12" rx="1.5" />
        <rect className="brand-other" x="25" y="15" width="5" height="12" rx="1.5" />
      </svg>
      Sortition
    </span>
  );
}
