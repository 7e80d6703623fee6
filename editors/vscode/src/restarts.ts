// When to give up on a server that keeps ending.

const LIMIT = 3;
const WINDOW_MS = 3 * 60_000;

export class Restarts {
  private failures: number[] = [];

  /** Takes a failure; tells whether the server is to be started again. */
  mayRestart(nowMs: number): boolean {
    this.failures = [...this.failures.filter((at) => nowMs - at < WINDOW_MS), nowMs];
    return this.failures.length < LIMIT;
  }

  forget(): void {
    this.failures = [];
  }
}
