// The language server: starting it, and giving up on it in time.

import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  type Middleware,
  TransportKind,
} from "vscode-languageclient/node";

import { Restarts } from "./restarts";
import { folderSettings, initializationOptions } from "./settings";

const LANGUAGES = [
  "c",
  "cpp",
  "csharp",
  "go",
  "java",
  "javascript",
  "javascriptreact",
  "python",
  "ruby",
];

export interface Hooks {
  readonly onProgress: (token: string | number, isRunning: boolean) => void;
  /** It ended too often and is not started again. */
  readonly onGivenUp: () => void;
  readonly onCompare: (uri: vscode.Uri, line: number) => Promise<void>;
}

/** Problems are told by the extension, once, not by each layer beneath it. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

export function makeClient(
  program: string,
  log: vscode.OutputChannel,
  restarts: Restarts,
  hooks: Hooks,
): LanguageClient {
  const options: LanguageClientOptions = {
    documentSelector: LANGUAGES.flatMap((language) => [
      { scheme: "file", language },
      { scheme: "untitled", language },
      { notebook: "*", language },
    ]),
    outputChannel: log,
    initializationOptions: initializationOptions(vscode.workspace.getConfiguration("themis")),
    initializationFailedHandler: () => false,
    middleware: makeMiddleware(hooks),
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        if (restarts.mayRestart(Date.now())) {
          return { action: CloseAction.Restart, handled: true };
        }
        hooks.onGivenUp();
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    },
  };
  const server = { command: program, transport: TransportKind.stdio };
  return new QuietClient("themis", "Themis Review", server, options);
}

function makeMiddleware(hooks: Hooks): Middleware {
  return {
    workspace: {
      configuration: (params) =>
        params.items.map((item) => {
          const scope = item.scopeUri === undefined ? undefined : vscode.Uri.parse(item.scopeUri);
          return folderSettings(vscode.workspace.getConfiguration("themis", scope));
        }),
    },
    handleWorkDoneProgress: (token, params, next) => {
      hooks.onProgress(token, params.kind !== "end");
      next(token, params);
    },
    executeCommand: async (command, args, next): Promise<unknown> => {
      const [uri, line] = args as [unknown, unknown];
      if (command === "themis.compareWithBase" && typeof uri === "string") {
        const at = typeof line === "number" ? line - 1 : 0;
        await hooks.onCompare(vscode.Uri.parse(uri), at);
        return null;
      }
      return next(command, args);
    },
  };
}
