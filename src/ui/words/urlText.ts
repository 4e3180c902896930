/** What is wrong with a typed operator's address, or undefined. */
export function findUrlProblem(text: string): string | undefined {
  const typed = text.trim();
  if (typed === "") return "Enter the operator’s address.";
  try {
    const { protocol } = new URL(typed);
    if (protocol === "http:" || protocol === "https:") return undefined;
  } catch {
    return "This is not an address. It begins with http:// or https://.";
  }
  return "An operator’s address begins with http:// or https://.";
}
