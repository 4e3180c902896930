export type DiskErrorCode = "FULL" | "LOCKED" | "DAMAGED" | "FAILED";

/**
 * Why a store cannot go on. FULL: no space left. LOCKED: another process has it open. DAMAGED: what is
 * on disk is not what was written. FAILED: any other trouble of the disk, or a store already closed.
 */
export class DiskError extends Error {
  readonly code: DiskErrorCode;

  constructor(code: DiskErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "DiskError";
    this.code = code;
  }
}

const FULL_CODES: readonly unknown[] = ["ENOSPC", "EDQUOT"];

/** The system's error code (`ENOENT`, …) of something thrown, if it has one. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** Anything thrown by a disk, as a `DiskError`. */
export function toDiskError(error: unknown): DiskError {
  if (error instanceof DiskError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = FULL_CODES.includes(systemCode(error)) ? "FULL" : "FAILED";
  return new DiskError(code, message, { cause: error });
}
