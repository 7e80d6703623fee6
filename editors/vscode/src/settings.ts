// What goes to the server: the user's own settings at its start, those of a folder when it asks.

/** The server takes these at its start only, from the user only. */
export const OWN = ["model", "provider", "threads", "unloadMinutes"] as const;
/** A folder may have its own. */
export const SHARED = ["base", "weakHints", "codeLens", "debounceMs"] as const;

export interface Inspected {
  readonly globalValue?: unknown;
  readonly workspaceValue?: unknown;
  readonly workspaceFolderValue?: unknown;
}

export interface Source {
  get(key: string): unknown;
  inspect(key: string): Inspected | undefined;
}

/** What was set by someone: a server that does not know a setting need not hear of its default. */
function chosen(source: Source, keys: readonly string[]): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const key of keys) {
    const found = source.inspect(key);
    const isSet = [found?.globalValue, found?.workspaceValue, found?.workspaceFolderValue].some(
      (value) => value !== undefined,
    );
    const value = source.get(key);
    if (isSet && value !== null && value !== "") {
      values[key] = value;
    }
  }
  return values;
}

export function initializationOptions(source: Source): Record<string, unknown> {
  return chosen(source, [...OWN, ...SHARED]);
}

/** The section that the server asks for, without what it would refuse. */
export function folderSettings(source: Source): Record<string, unknown> {
  return chosen(source, SHARED);
}

/** A changed setting that only a new server takes over. */
export function needsRestart(affects: (key: string) => boolean): boolean {
  return [...OWN, "path"].some((key) => affects(`themis.${key}`));
}
