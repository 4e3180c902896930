/**
 * A file on the reader's device that the page may write again by itself, where the browser lets it: it is chosen once, and
 * kept by the browser from one visit to the next.
 */

type Permission = "granted" | "denied" | "prompt";

/** What TypeScript's own types leave out of a file's handle. */
type KeptHandle = FileSystemFileHandle & {
  queryPermission(how: { readonly mode: "readwrite" }): Promise<Permission>;
  requestPermission(how: { readonly mode: "readwrite" }): Promise<Permission>;
};

type Picker = (options: { readonly suggestedName: string }) => Promise<KeptHandle>;

const DATABASE = "sortition-files";
const TABLE = "handles";
const KIT = "kit";

function findPicker(): Picker | undefined {
  return "showSaveFilePicker" in window
    ? (window.showSaveFilePicker as Picker).bind(window)
    : undefined;
}

/** Whether this browser can keep a file. */
export function canKeepFile(): boolean {
  return findPicker() !== undefined;
}

/** Ask the reader for a place, and keep it; false where he chooses none. */
export async function chooseKeptFile(suggestedName: string): Promise<boolean> {
  const picker = findPicker();
  if (picker === undefined) return false;
  try {
    const handle = await picker({ suggestedName });
    await openTable("readwrite", (table) => table.put(handle, KIT));
    return true;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return false;
    throw error;
  }
}

/**
 * Write the kept file anew. False where none is kept, or the browser wants the reader to allow it first, which only a click
 * of his can bring about: `isAsking` says that there was one.
 */
export async function writeKeptFile(
  content: Uint8Array<ArrayBuffer>,
  isAsking: boolean,
): Promise<boolean> {
  const handle = await openTable<KeptHandle | undefined>("readonly", (table) => table.get(KIT));
  if (handle === undefined) return false;
  const how = { mode: "readwrite" } as const;
  const known = await handle.queryPermission(how);
  const granted = known === "prompt" && isAsking ? await handle.requestPermission(how) : known;
  if (granted !== "granted") return false;
  // The old content stands until the new one is written whole.
  const stream = await handle.createWritable();
  await stream.write(content);
  await stream.close();
  return true;
}

function openTable<Value>(
  mode: IDBTransactionMode,
  use: (table: IDBObjectStore) => IDBRequest<Value>,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const request = use(database.transaction(TABLE, mode).objectStore(TABLE));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
      database.close();
    };
  });
}
