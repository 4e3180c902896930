import { DiskError } from "../../../src/disk/diskError.ts";
import { openStore } from "../../../src/disk/openStore.ts";

/** A process that opens a store, says how it went, and keeps it until it is ended. */
const directory = process.argv[2];
if (directory === undefined) throw new Error("usage: lockHolder.ts <directory>");
process.stdin.resume();
await openStore(directory).then(
  () => console.log("OPEN"),
  (error: unknown) => console.log(error instanceof DiskError ? error.code : String(error)),
);
