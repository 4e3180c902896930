/** A strip with one own piece and the point about to fall. */
export function WelcomePicture() {
  return (
    <svg className="welcome-picture" viewBox="0 0 320 72" aria-hidden="true" focusable="false">
      <rect className="strip-other" x="0" y="28" width="86" height="40" />
      <rect className="strip-other" x="88" y="28" width="40" height="40" />
      <rect className="strip-mine" x="130" y="28" width="34" height="40" />
      <rect className="strip-mine" x="166" y="28" width="26" height="19" />
      <rect className="strip-other" x="166" y="49" width="26" height="19" />
      <rect className="strip-other" x="194" y="28" width="66" height="40" />
      <rect className="strip-free" x="262" y="28" width="58" height="40" />
      <path className="strip-hatch" d="M262 48 282 28M262 68 302 28M282 68 320 30M302 68 320 50" />
      <g className="draw-marker">
        <line x1="147" x2="147" y1="26" y2="68" />
        <path d="M147 26 139 11h16z" />
      </g>
    </svg>
  );
}
