/** Let the reader keep a text, or bytes, as a file of his own. */
export function saveFile(
  name: string,
  content: string | Uint8Array<ArrayBuffer>,
  type = typeof content === "string" ? "text/plain" : "application/octet-stream",
): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
