// Marks in the gutter and in the overview ruler: shapes, so that no colour need be told apart.

import * as vscode from "vscode";

export interface Found {
  readonly worse: readonly vscode.Range[];
  readonly weak: readonly vscode.Range[];
}

/** The findings of this extension in a document. */
export function findingsOf(uri: vscode.Uri): Found {
  const ours = vscode.languages.getDiagnostics(uri).filter((one) => one.source === "themis");
  const isHint = (one: vscode.Diagnostic) => one.severity === vscode.DiagnosticSeverity.Hint;
  return {
    worse: ours.filter((one) => !isHint(one)).map((one) => one.range),
    weak: ours.filter(isHint).map((one) => one.range),
  };
}

export class Marks implements vscode.Disposable {
  private readonly worse: vscode.TextEditorDecorationType;
  private readonly weak: vscode.TextEditorDecorationType;

  constructor(media: vscode.Uri) {
    const make = (icon: string, colour: string, lane: vscode.OverviewRulerLane) =>
      vscode.window.createTextEditorDecorationType({
        gutterIconPath: vscode.Uri.joinPath(media, icon),
        gutterIconSize: "70%",
        overviewRulerColor: new vscode.ThemeColor(colour),
        overviewRulerLane: lane,
      });
    const { Left, Center } = vscode.OverviewRulerLane;
    this.worse = make("worse.svg", "editorOverviewRuler.warningForeground", Center);
    this.weak = make("weak.svg", "editorOverviewRuler.infoForeground", Left);
  }

  draw(editor: vscode.TextEditor): void {
    const isWanted = vscode.workspace.getConfiguration("themis").get<boolean>("marks") ?? true;
    const found = isWanted ? findingsOf(editor.document.uri) : { worse: [], weak: [] };
    editor.setDecorations(this.worse, found.worse);
    editor.setDecorations(this.weak, found.weak);
  }

  drawAll(): void {
    for (const editor of vscode.window.visibleTextEditors) {
      this.draw(editor);
    }
  }

  dispose(): void {
    this.worse.dispose();
    this.weak.dispose();
  }
}
