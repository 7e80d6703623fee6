// Finding the server: where it may be, and whether what is there can be used.

import * as path from "node:path";

import type { Run } from "./run";
import { BEYOND_SERVER, OLDEST_SERVER, isKnownServer, readVersion, show } from "./versions";

export interface Places {
  /** The setting; empty where there is none. */
  readonly setting: string;
  /** The interpreter of the active Python environment, only of a trusted workspace. */
  readonly python: string | undefined;
  /** The folder of the environment that the extension manages. */
  readonly managed: string;
}

export interface Candidate {
  readonly program: string;
  readonly from: "setting" | "Python environment" | "managed environment" | "PATH";
}

export type Located =
  | { readonly kind: "found"; readonly server: Candidate; readonly version: string }
  | { readonly kind: "missing"; readonly problem: string };

const INSTALL = "Install it with the command “Themis Review: Install the Server”.";

/** The folder of an environment's programs. */
export function programsOf(environment: string, platform: NodeJS.Platform): string {
  return path.join(environment, platform === "win32" ? "Scripts" : "bin");
}

function named(folder: string, program: string, platform: NodeJS.Platform): string {
  return path.join(folder, platform === "win32" ? `${program}.exe` : program);
}

/** Where to look, in this order; a setting is the only place where there is one. */
export function candidates(places: Places, platform: NodeJS.Platform): Candidate[] {
  if (places.setting !== "") {
    return [{ program: places.setting, from: "setting" }];
  }
  const found: Candidate[] = [];
  if (places.python !== undefined) {
    const program = named(path.dirname(places.python), "themis-lsp", platform);
    found.push({ program, from: "Python environment" });
  }
  const managed = named(programsOf(places.managed, platform), "themis-lsp", platform);
  found.push({ program: managed, from: "managed environment" });
  found.push({ program: "themis-lsp", from: "PATH" });
  return found;
}

/** The command line that stands beside a server. */
export function reviewBeside(server: string): string {
  const name = path.basename(server).replace("themis-lsp", "themis-review");
  const program = name.includes("themis-review") ? name : "themis-review";
  return path.join(path.dirname(server), program);
}

/** Asks the candidates one after the other; the first of a known version is it. */
export async function locate(
  places: Places,
  run: Run,
  platform: NodeJS.Platform = process.platform,
): Promise<Located> {
  const problems: string[] = [];
  for (const server of candidates(places, platform)) {
    const answer = await run(server.program, ["--version"], { timeoutMs: 30_000 });
    const version = answer.code === 0 ? readVersion(answer.stdout) : undefined;
    if (version !== undefined && isKnownServer(version)) {
      return { kind: "found", server, version: answer.stdout.trim().split(/\s+/).pop() ?? "" };
    }
    if (version !== undefined) {
      problems.push(
        `${server.program} (${server.from}) is of version ${show(version)}, this extension works ` +
          `with ${show(OLDEST_SERVER)} up to, but not including, ${show(BEYOND_SERVER)}.`,
      );
    } else if (answer.code !== null) {
      const reason = answer.stderr.trim().split("\n").pop() ?? "";
      problems.push(`${server.program} (${server.from}) fails: ${reason}`);
    } else if (server.from === "setting") {
      problems.push(`“themis.path” names ${server.program}, which cannot be started.`);
    }
  }
  const problem = problems.length > 0 ? problems.join(" ") : "The server is not installed.";
  const remedy = places.setting === "" ? INSTALL : "Correct the setting “themis.path”, or clear it.";
  return { kind: "missing", problem: `${problem} ${remedy}` };
}
