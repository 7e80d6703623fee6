// Which servers this extension can talk to, and which Pythons can run one.

export const OLDEST_SERVER: Version = [0, 1];
export const BEYOND_SERVER: Version = [0, 2];
export const OLDEST_PYTHON: Version = [3, 11];

export type Version = readonly [major: number, minor: number];

/** The first version that a text names: of "themis-lsp 0.1.3" it is [0, 1]. */
export function readVersion(text: string): Version | undefined {
  const match = /(\d+)\.(\d+)/.exec(text);
  return match ? [Number(match[1]), Number(match[2])] : undefined;
}

export function isBefore(one: Version, other: Version): boolean {
  return one[0] < other[0] || (one[0] === other[0] && one[1] < other[1]);
}

export function isKnownServer(version: Version): boolean {
  return !isBefore(version, OLDEST_SERVER) && isBefore(version, BEYOND_SERVER);
}

export function show(version: Version): string {
  return version.join(".");
}
