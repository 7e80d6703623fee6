// What VS Code starts: composes the rest.

import * as vscode from "vscode";

import { App } from "./app";

let app: App | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  app = new App(context);
  await app.start();
}

export async function deactivate(): Promise<void> {
  await app?.stop();
}
