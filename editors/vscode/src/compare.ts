// A file beside its text in the commit that it is compared with.

import { realpath } from "node:fs/promises";
import * as path from "node:path";

import * as vscode from "vscode";

import type { Run } from "./run";

const SCHEME = "themis-base";

/** Serves the text of committed files. Git is only asked for an object, which runs nothing. */
export class BaseTexts implements vscode.TextDocumentContentProvider {
  constructor(private readonly run: Run) {}

  register(): vscode.Disposable {
    return vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const text = await this.read(vscode.Uri.file(uri.path), uri.query);
    return text ?? "";
  }

  /** The text of a file in a commit; undefined where it has none. */
  private async read(file: vscode.Uri, base: string): Promise<string | undefined> {
    const real = await realpath(file.fsPath).catch(() => file.fsPath);
    const object = `${base}:./${path.basename(real)}`;
    const answer = await this.run("git", ["cat-file", "blob", object], { cwd: path.dirname(real) });
    return answer.code === 0 ? answer.stdout : undefined;
  }

  /** Opens the comparison, at a line counted from 0. */
  async compare(file: vscode.Uri, line?: number): Promise<void> {
    const base = vscode.workspace.getConfiguration("themis", file).get<string>("base") ?? "HEAD";
    if (base.startsWith("-") || base.includes(":")) {
      throw new Error(`The setting “themis.base” is no commit or branch: ${base}`);
    }
    if ((await this.read(file, base)) === undefined) {
      throw new Error(`${path.basename(file.fsPath)} is not in ${base}: nothing to compare with.`);
    }
    const old = vscode.Uri.from({ scheme: SCHEME, path: file.path, query: base });
    const title = `${path.basename(file.fsPath)} (${base} ↔ now)`;
    const options: vscode.TextDocumentShowOptions = { preview: true };
    if (line !== undefined) {
      options.selection = new vscode.Range(line, 0, line, 0);
    }
    await vscode.commands.executeCommand("vscode.diff", old, file, title, options);
  }
}
