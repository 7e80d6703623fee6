// The item in the status bar.

import * as vscode from "vscode";

import { type Status, describe } from "./describe";
import { findingsOf } from "./marks";

const NOTHING: Status = {
  state: "stopped",
  busy: false,
  worse: 0,
  weak: 0,
  version: "",
  model: "",
  provider: "",
  problem: "",
};

export class StatusItem implements vscode.Disposable {
  private readonly item: vscode.StatusBarItem;
  private status = NOTHING;
  private readonly running = new Set<string | number>();

  constructor() {
    this.item = vscode.window.createStatusBarItem(
      "themisReview.status",
      vscode.StatusBarAlignment.Right,
      90,
    );
    this.item.name = "Themis Review";
    this.item.command = { command: "themisReview.showActions", title: "Show" };
    this.update({});
    this.item.show();
  }

  update(change: Partial<Status>): void {
    if (change.state !== undefined && change.state !== "running") {
      this.running.clear();
    }
    this.status = { ...this.status, ...change, busy: this.running.size > 0 };
    const shown = describe(this.status);
    this.item.text = shown.text;
    this.item.tooltip = shown.tooltip;
    const label = shown.text.replace(/\$\([^)]*\)/g, "").trim();
    this.item.accessibilityInformation = { label };
  }

  /** Counts what the server is at. */
  progress(token: string | number, isRunning: boolean): void {
    if (isRunning) {
      this.running.add(token);
    } else {
      this.running.delete(token);
    }
    this.update({});
  }

  /** Counts what was found in the active editor. */
  count(): void {
    const uri = vscode.window.activeTextEditor?.document.uri;
    const found = uri === undefined ? { worse: [], weak: [] } : findingsOf(uri);
    this.update({ worse: found.worse.length, weak: found.weak.length });
  }

  dispose(): void {
    this.item.dispose();
  }
}
