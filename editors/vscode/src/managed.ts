// The environment that the extension makes for the server when it is asked to.

import { rm } from "node:fs/promises";

import { programsOf } from "./locate";
import type { Answer, Run } from "./run";
import { OLDEST_PYTHON, isBefore, readVersion, show } from "./versions";

export interface Recipe {
  /** Where the environment goes; what is there is replaced. */
  readonly folder: string;
  /** The Python to make it from; empty: one is looked for. */
  readonly interpreter: string;
  /** What pip installs. */
  readonly requirement: string;
}

export type Tell = (what: string) => void;

/** A problem with a sentence that says what to do. */
export class InstallError extends Error {}

const UNIX_PYTHONS = ["python3", "python", "python3.14", "python3.13", "python3.12", "python3.11"];
const WINDOWS_PYTHONS = ["python", "py"];
const INSTALL_MS = 30 * 60_000;
const REMEDY =
  `Install Python ${show(OLDEST_PYTHON)} or newer, ` +
  "or name one in the setting “themis.interpreter”.";

/** The first Python that is new enough. Throws InstallError where there is none. */
export async function findPython(
  interpreter: string,
  run: Run,
  platform: NodeJS.Platform = process.platform,
): Promise<string> {
  const looked = platform === "win32" ? WINDOWS_PYTHONS : UNIX_PYTHONS;
  const old: string[] = [];
  for (const program of interpreter === "" ? looked : [interpreter]) {
    // Isolated: nothing of the folder that is open is imported.
    const answer = await run(program, ["-I", "--version"], { timeoutMs: 30_000 });
    const version = answer.code === 0 ? readVersion(answer.stdout + answer.stderr) : undefined;
    if (version !== undefined && !isBefore(version, OLDEST_PYTHON)) {
      return program;
    }
    if (version !== undefined) {
      old.push(`${program} is Python ${show(version)}`);
    }
  }
  if (old.length > 0) {
    throw new InstallError(`Too old: ${old.join(", ")}. ${REMEDY}`);
  }
  const what = interpreter === "" ? "No Python was found." : `${interpreter} is no Python.`;
  throw new InstallError(`${what} ${REMEDY}`);
}

/** Makes the environment. Throws InstallError; what was made of it is then removed. */
export async function install(
  recipe: Recipe,
  run: Run,
  tell: Tell,
  signal: AbortSignal,
): Promise<void> {
  tell("looking for Python");
  const python = await findPython(recipe.interpreter, run);
  await rm(recipe.folder, { recursive: true, force: true });
  tell("making an environment");
  const made = await run(python, ["-I", "-m", "venv", recipe.folder], { signal });
  try {
    check(made, signal, "The environment could not be made", "Is the package python3-venv there?");
    const own = `${programsOf(recipe.folder, process.platform)}/python`;
    tell(`installing ${recipe.requirement}`);
    const pip = ["-I", "-m", "pip", "install", "--disable-pip-version-check", recipe.requirement];
    const installed = await run(own, pip, { timeoutMs: INSTALL_MS, signal });
    check(installed, signal, "pip failed", "Is there a network, or a proxy to set?");
    tell("checking that it can review");
    const doctor = `${programsOf(recipe.folder, process.platform)}/themis-review`;
    check(await run(doctor, ["doctor"], { signal }), signal, "The server cannot review", "");
  } catch (error) {
    await rm(recipe.folder, { recursive: true, force: true });
    throw error;
  }
}

function check(answer: Answer, signal: AbortSignal, what: string, hint: string): void {
  if (signal.aborted) {
    throw new InstallError("The installation was cancelled.");
  }
  if (answer.code !== 0) {
    const said = (answer.stderr.trim() || answer.stdout.trim()).split("\n").slice(-3).join(" ");
    throw new InstallError([`${what}: ${said}`, hint].filter(Boolean).join(" "));
  }
}
