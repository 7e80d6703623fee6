// Programs that tests plant: what each says by its name and first argument.

import type { Answer, Run } from "../src/run";

export const MISSING: Answer = { code: null, stdout: "", stderr: "spawn ENOENT" };

export interface Planted {
  readonly run: Run;
  readonly asked: string[];
}

/** Keys are "program arguments", or the beginning of that. */
export function plant(answers: Record<string, Partial<Answer>>): Planted {
  const asked: string[] = [];
  const run: Run = (program, args) => {
    const line = [program, ...args].join(" ");
    asked.push(line);
    const key = Object.keys(answers).find((start) => line.startsWith(start));
    const answer = key === undefined ? undefined : answers[key];
    return Promise.resolve(answer ? { code: 0, stdout: "", stderr: "", ...answer } : MISSING);
  };
  return { run, asked };
}
