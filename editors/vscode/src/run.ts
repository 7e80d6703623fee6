// Running programs, without a shell.

import { execFile } from "node:child_process";

export interface Answer {
  /** Null where the program could not be started. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string | undefined;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export type Run = (
  program: string,
  args: readonly string[],
  options?: RunOptions,
) => Promise<Answer>;

const LIMIT_BYTES = 64 * 1024 * 1024;

/** Runs a program to its end; never rejects. */
export const run: Run = (program, args, options = {}) =>
  new Promise((resolve) => {
    execFile(
      program,
      [...args],
      {
        cwd: options.cwd,
        encoding: "utf8",
        maxBuffer: LIMIT_BYTES,
        timeout: options.timeoutMs ?? 120_000,
        windowsHide: true,
        ...(options.signal ? { signal: options.signal } : {}),
      },
      (error, stdout, stderr) => {
        if (error === null) {
          resolve({ code: 0, stdout, stderr });
        } else {
          const code = typeof error.code === "number" ? error.code : null;
          resolve({ code, stdout, stderr: code === null ? error.message : stderr });
        }
      },
    );
  });
