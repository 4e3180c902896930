export function findChromium(machine?: {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly playwrightPath: () => string;
  readonly install: () => unknown;
}): string;
