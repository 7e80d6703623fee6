// The side panel: changed units by criterion.

import * as path from "node:path";

import * as vscode from "vscode";

import {
  type Cost,
  type CriterionRow,
  type Review,
  type UnitRow,
  arrange,
  percent,
  readReview,
  signed,
  tally,
  verdictWords,
  words,
} from "./review";
import type { Run } from "./run";

export type Node =
  | { readonly kind: "folder"; readonly folder: Reviewed }
  | { readonly kind: "criterion"; readonly root: string; readonly row: CriterionRow }
  | { readonly kind: "unit"; readonly root: string; readonly row: UnitRow }
  | { readonly kind: "figure"; readonly label: string; readonly text: string }
  | { readonly kind: "line"; readonly root: string; readonly row: UnitRow; readonly cost: Cost };

interface Reviewed {
  readonly name: string;
  readonly root: string;
  readonly rows: readonly CriterionRow[];
}

/** Shapes that differ without their colours. */
const ICONS = {
  regressed: new vscode.ThemeIcon("triangle-down", new vscode.ThemeColor("charts.orange")),
  improved: new vscode.ThemeIcon("triangle-up", new vscode.ThemeColor("charts.blue")),
  stable: new vscode.ThemeIcon("dash"),
  skipped: new vscode.ThemeIcon("circle-slash"),
} as const;

export class Panel implements vscode.TreeDataProvider<Node> {
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private reviewed: readonly Reviewed[] = [];

  constructor(private readonly run: Run) {}

  /** Reviews every folder that is open; returns what was said about each. Throws what can be shown. */
  async review(program: string, options: readonly string[]): Promise<readonly Review[]> {
    const folders = vscode.workspace.workspaceFolders ?? [];
    if (folders.length === 0) {
      throw new Error("Open a folder that is in a git repository to review changes.");
    }
    const reviews: Review[] = [];
    const reviewed: Reviewed[] = [];
    for (const folder of folders) {
      const root = folder.uri.fsPath;
      const args = ["check", "--uncommitted", "--format", "json", ...options];
      const answer = await this.run(program, args, { cwd: root });
      if (answer.stdout === "") {
        throw new Error(answer.stderr.trim() || `${program} said nothing.`);
      }
      const review = readReview(answer.stdout);
      reviews.push(review);
      reviewed.push({ name: folder.name, root, rows: arrange(review) });
    }
    this.reviewed = reviewed;
    this.changed.fire(undefined);
    return reviews;
  }

  getChildren(node?: Node): Node[] {
    if (node === undefined) {
      const [only, ...others] = this.reviewed;
      if (only === undefined) {
        return [];
      }
      return others.length === 0
        ? criteria(only)
        : this.reviewed.map((folder) => ({ kind: "folder", folder }));
    }
    switch (node.kind) {
      case "folder":
        return criteria(node.folder);
      case "criterion":
        return node.row.units.map((row) => ({ kind: "unit", root: node.root, row }));
      case "unit":
        return details(node.root, node.row);
      case "figure":
      case "line":
        return [];
    }
  }

  getTreeItem(node: Node): vscode.TreeItem {
    const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
    switch (node.kind) {
      case "folder":
        return new vscode.TreeItem(node.folder.name, Expanded);
      case "criterion": {
        const hasWorse = node.row.units.some((unit) => unit.margin.verdict === "regressed");
        const item = new vscode.TreeItem(words(node.row.criterion), hasWorse ? Expanded : Collapsed);
        item.description = tally(node.row.units);
        return item;
      }
      case "unit": {
        const item = new vscode.TreeItem(node.row.name, Collapsed);
        const where = `${node.row.path}:${node.row.line}`;
        item.description = `${verdictWords(node.row.margin)} · ${where}`;
        item.tooltip = item.description;
        item.iconPath = ICONS[node.row.margin.verdict];
        item.contextValue = "unit";
        item.command = reveal(node.root, node.row, node.row.costs[0]);
        return item;
      }
      case "figure": {
        const item = new vscode.TreeItem(node.label, None);
        item.description = node.text;
        return item;
      }
      case "line": {
        const item = new vscode.TreeItem(`line ${node.cost.line}`, None);
        item.description = `costs ${node.cost.cost.toFixed(2)}`;
        item.iconPath = new vscode.ThemeIcon("arrow-small-right");
        item.command = reveal(node.root, node.row, node.cost);
        return item;
      }
    }
  }
}

/** The file that a unit is in. */
export function fileOf(root: string, unit: UnitRow): vscode.Uri {
  return vscode.Uri.file(path.join(root, unit.path));
}

function criteria(folder: Reviewed): Node[] {
  if (folder.rows.length === 0) {
    return [{ kind: "figure", label: "No function has changed", text: "" }];
  }
  return folder.rows.map((row) => ({ kind: "criterion", root: folder.root, row }));
}

function details(root: string, row: UnitRow): Node[] {
  const { margin } = row;
  const figures: Node[] = [
    { kind: "figure", label: "before", text: signed(margin.before) },
    { kind: "figure", label: "after", text: `${signed(margin.after)} (${signed(margin.margin)})` },
  ];
  if (margin.probability !== null) {
    figures.push({ kind: "figure", label: "likely worse", text: percent(margin.probability) });
  }
  return [...figures, ...row.costs.map((cost): Node => ({ kind: "line", root, row, cost }))];
}

function reveal(root: string, row: UnitRow, cost: Cost | undefined): vscode.Command {
  const line = (cost?.line ?? row.line) - 1;
  const start = (cost?.start_column ?? 1) - 1;
  const end = (cost?.end_column ?? 1) - 1;
  const range = new vscode.Range(line, start, line, end);
  const command = "themisReview.reveal";
  return { command, title: "Show Where", arguments: [fileOf(root, row), range] };
}
