/** The first and last characters of a hash, key or address: `03a1b2c3…9f0e`. */
export function shorten(text: string): string {
  return text.length <= 16 ? text : `${text.slice(0, 8)}…${text.slice(-4)}`;
}

/** The host of a URL for people, or the text itself where it is none. */
export function nameHost(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
}

/** `1.2 KB` or `512 bytes`; a kilobyte is 1,000 bytes. */
export function formatBytes(count: number): string {
  return count < 1000 ? `${count} bytes` : `${(count / 1000).toFixed(1)} KB`;
}
