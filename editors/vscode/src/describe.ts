// What the status item says.

export type State = "stopped" | "starting" | "running" | "failed" | "installing";

export interface Status {
  readonly state: State;
  readonly busy: boolean;
  readonly worse: number;
  readonly weak: number;
  readonly version: string;
  readonly model: string;
  readonly provider: string;
  /** Why it failed. */
  readonly problem: string;
}

export interface Shown {
  readonly text: string;
  readonly tooltip: string;
}

const ICONS: Record<State, string> = {
  stopped: "$(circle-slash)",
  starting: "$(loading~spin)",
  running: "$(law)",
  failed: "$(warning)",
  installing: "$(loading~spin)",
};

/** Signs and words, never colour alone. */
export function describe(status: Status): Shown {
  const icon = status.busy && status.state === "running" ? "$(sync~spin)" : ICONS[status.state];
  const found = [
    status.worse > 0 ? `${status.worse} worse` : "",
    status.weak > 0 ? `${status.weak} weak` : "",
  ].filter(Boolean);
  const words = status.state === "running" ? found.join(", ") : status.state;
  const lines = [
    `Themis Review ${status.version}`.trim(),
    status.problem,
    status.model && `model: ${status.model}`,
    status.provider && `runs on: ${status.provider}`,
    status.state === "running" ? `this file: ${found.join(", ") || "nothing found"}` : "",
    status.busy ? "reviewing" : "",
  ];
  return { text: `${icon} Themis ${words}`.trim(), tooltip: lines.filter(Boolean).join("\n\n") };
}
