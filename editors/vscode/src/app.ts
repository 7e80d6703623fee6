// The extension as a whole: one server, what shows its findings, and the commands.

import * as path from "node:path";

import * as vscode from "vscode";
import { type LanguageClient, State } from "vscode-languageclient/node";

import { BaseTexts } from "./compare";
import { locate, reviewBeside } from "./locate";
import { InstallError, install } from "./managed";
import { Marks } from "./marks";
import { type Node, Panel, fileOf } from "./panel";
import { activePython } from "./python";
import { Restarts } from "./restarts";
import { run } from "./run";
import { makeClient } from "./server";
import { needsRestart } from "./settings";
import { StatusItem } from "./status";

const INSTALL = "Install the Server";
const SHOW_LOG = "Show the Log";
const SETTINGS = "Open Settings";

export class App {
  private readonly log = vscode.window.createOutputChannel("Themis Review");
  private readonly status = new StatusItem();
  private readonly marks: Marks;
  private readonly bases = new BaseTexts(run);
  private readonly panel = new Panel(run);
  private readonly view: vscode.TreeView<Node>;
  private readonly restarts = new Restarts();
  private client: LanguageClient | undefined;
  private program: string | undefined;
  private hasFailed = false;
  private isInstalling = false;
  private isReviewing = false;

  constructor(private readonly context: vscode.ExtensionContext) {
    this.marks = new Marks(vscode.Uri.joinPath(context.extensionUri, "media"));
    const options = { treeDataProvider: this.panel, showCollapseAll: true };
    this.view = vscode.window.createTreeView("themisReview.changes", options);
    context.subscriptions.push(this.log, this.status, this.marks, this.view, this.bases.register());
    this.registerCommands();
    this.listen();
  }

  /** Finds a server and starts it; says what to do where it cannot. */
  async start(): Promise<void> {
    this.hasFailed = false;
    this.status.update({ state: "starting", problem: "" });
    const located = await locate(
      {
        setting: this.setting("path"),
        python: await activePython(),
        managed: this.managedFolder(),
      },
      run,
    );
    if (located.kind === "missing") {
      // Where a setting names a server, another one that is installed would not be taken.
      const choices = this.setting("path") === "" ? [INSTALL, SETTINGS] : [SETTINGS];
      this.fail(located.problem, choices);
      return;
    }
    const { program } = located.server;
    this.log.appendLine(`${program} ${located.version}, from: ${located.server.from}`);
    this.program = program;
    this.client = makeClient(program, this.log, this.restarts, {
      onProgress: (token, isRunning) => {
        this.status.progress(token, isRunning);
      },
      onGivenUp: () => {
        this.fail("The server ended three times and is not started again.", [SHOW_LOG]);
      },
      onCompare: (uri, line) => this.compare(uri, line),
    });
    this.client.onDidChangeState(({ newState }) => {
      if (newState === State.Running) {
        this.status.update({ state: "running", version: located.version, problem: "" });
      }
    });
    try {
      await this.client.start();
    } catch (error) {
      this.log.appendLine(String(error));
      this.fail("The server did not start.", [SHOW_LOG]);
      return;
    }
    await vscode.commands.executeCommand("setContext", "themisReview.running", true);
    await this.showModel();
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    this.status.update({ state: "stopped" });
    await vscode.commands.executeCommand("setContext", "themisReview.running", false);
    await client?.dispose().catch((error: unknown) => {
      // It had ended before; there is nothing left to stop.
      this.log.appendLine(String(error));
    });
  }

  async restart(): Promise<void> {
    this.restarts.forget();
    await this.stop();
    await this.start();
  }

  private setting(key: string): string {
    return vscode.workspace.getConfiguration("themis").get<string | null>(key) ?? "";
  }

  private managedFolder(): string {
    return path.join(this.context.globalStorageUri.fsPath, "server");
  }

  /** Tells of a failure; of one that follows from it, such as giving up, no more. */
  private fail(problem: string, choices: string[]): void {
    if (this.hasFailed) {
      return;
    }
    this.hasFailed = true;
    this.status.update({ state: "failed", problem });
    void this.offer(`Themis Review: ${problem}`, choices);
  }

  private async offer(message: string, choices: string[]): Promise<void> {
    const choice = await vscode.window.showWarningMessage(message, ...choices);
    if (choice === INSTALL) {
      await this.install();
    } else if (choice === SHOW_LOG) {
      this.log.show();
    } else if (choice === SETTINGS) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "themis.");
    }
  }

  /** Asks the command line which model it would take; what it cannot say is left out. */
  private async showModel(): Promise<void> {
    if (this.program === undefined) {
      return;
    }
    const model = this.setting("model");
    const args = ["model", "show", "--format", "json", ...(model === "" ? [] : ["--model", model])];
    const answer = await run(reviewBeside(this.program), args);
    const name = /"name": "([^"]*)"/.exec(answer.stdout)?.[1] ?? (model || "embedded");
    this.status.update({ model: name, provider: this.setting("provider") });
  }

  private async install(): Promise<void> {
    if (this.isInstalling) {
      return;
    }
    this.isInstalling = true;
    const location = vscode.ProgressLocation.Notification;
    try {
      await this.stop();
      this.hasFailed = false;
      this.status.update({ state: "installing" });
      await vscode.window.withProgress(
        { location, title: "Themis Review", cancellable: true },
        async (progress, token) => {
          const abort = new AbortController();
          token.onCancellationRequested(() => {
            abort.abort();
          });
          const recipe = {
            folder: this.managedFolder(),
            interpreter: this.setting("interpreter"),
            requirement: this.setting("package"),
          };
          const tell = (message: string) => {
            this.log.appendLine(message);
            progress.report({ message });
          };
          await install(recipe, run, tell, abort.signal);
        },
      );
      await this.restart();
    } catch (error) {
      this.log.appendLine(String(error));
      const problem = error instanceof InstallError ? error.message : String(error);
      this.fail(problem, [SHOW_LOG, SETTINGS]);
    } finally {
      this.isInstalling = false;
    }
  }

  private async reviewChanges(): Promise<void> {
    if (this.program === undefined || this.isReviewing) {
      return;
    }
    this.isReviewing = true;
    const [model, provider] = [this.setting("model"), this.setting("provider")];
    const options = [
      ...(model === "" ? [] : ["--model", model]),
      ...(provider === "" ? [] : ["--provider", provider]),
    ];
    const program = reviewBeside(this.program);
    try {
      const reviews = await vscode.window.withProgress(
        { location: { viewId: "themisReview.changes" } },
        () => this.panel.review(program, options),
      );
      const errors = reviews.flatMap((review) => review.errors.map((error) => error.message));
      this.view.message = errors[0] ?? "";
      const summary = reviews.find((review) => review.summary.model !== null)?.summary;
      if (summary) {
        this.status.update({ model: summary.model ?? "", provider: summary.provider ?? "" });
      }
    } catch (error) {
      this.view.message = error instanceof Error ? error.message : String(error);
    } finally {
      this.isReviewing = false;
    }
  }

  private async compare(uri: vscode.Uri | undefined, line?: number): Promise<void> {
    if (uri === undefined) {
      return;
    }
    try {
      await this.bases.compare(uri, line);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      void vscode.window.showWarningMessage(`Themis Review: ${message}`);
    }
  }

  private async showActions(): Promise<void> {
    const commands = {
      "Review Changes": "themisReview.reviewChanges",
      "Compare with HEAD": "themisReview.compare",
      "Restart the Server": "themisReview.restart",
      [SHOW_LOG]: "themisReview.showLog",
      [INSTALL]: "themisReview.install",
    };
    const chosen = await vscode.window.showQuickPick(Object.keys(commands));
    const command = commands[chosen as keyof typeof commands] as string | undefined;
    if (command !== undefined) {
      await vscode.commands.executeCommand(command);
    }
  }

  private registerCommands(): void {
    const active = () => vscode.window.activeTextEditor?.document.uri;
    const commands: Record<string, (...args: never[]) => unknown> = {
      restart: () => this.restart(),
      install: () => this.install(),
      showLog: () => {
        this.log.show();
      },
      showActions: () => this.showActions(),
      reviewChanges: async () => {
        await vscode.commands.executeCommand("themisReview.changes.focus");
        await this.reviewChanges();
      },
      compare: (uri?: vscode.Uri) => this.compare(uri ?? active()),
      compareUnit: (node: Node) =>
        node.kind === "unit" && this.compare(fileOf(node.root, node.row), node.row.line - 1),
      reveal: (uri: vscode.Uri, selection: vscode.Range) =>
        vscode.window.showTextDocument(uri, { selection, preview: true }),
    };
    for (const [name, action] of Object.entries(commands)) {
      const id = `themisReview.${name}`;
      this.context.subscriptions.push(vscode.commands.registerCommand(id, action));
    }
  }

  private listen(): void {
    const recount = () => {
      this.status.count();
      this.marks.drawAll();
    };
    this.context.subscriptions.push(
      vscode.languages.onDidChangeDiagnostics(recount),
      vscode.window.onDidChangeActiveTextEditor(recount),
      vscode.window.onDidChangeVisibleTextEditors(recount),
      vscode.workspace.onDidSaveTextDocument(() => this.view.visible && this.reviewChanges()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.restart()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        const affects = (key: string) => event.affectsConfiguration(key);
        recount();
        return needsRestart(affects) && this.restart();
      }),
    );
  }
}
