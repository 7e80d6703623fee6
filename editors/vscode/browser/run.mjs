// Opens, edits, hovers, acts, reviews and compares in a real VS Code; node run.mjs WORK SHOTS.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { chromium } from "playwright-core";

const [work, shots] = process.argv.slice(2);
const port = 20_000 + (process.pid % 20_000);
const entry = "node_modules/code-server/out/node/entry.js";
const folders = ["--user-data-dir", path.join(work, "user"), "--extensions-dir", path.join(work, "ext")];
const environment = {
  ...process.env,
  THEMIS_CACHE_DIR: path.join(work, "cache"),
};
const settings = {
  "editor.fontSize": 15,
  "files.autoSave": "off",
  "extensions.ignoreRecommendations": true,
  "git.openRepositoryInParentFolders": "never",
  "security.workspace.trust.enabled": false,
  "telemetry.telemetryLevel": "off",
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
};

// Settings of the machine are those of the one that the code is on, not of the browser's.
function writeSettings(server) {
  const files = { User: settings, Machine: { "themis.path": server } };
  for (const [name, values] of Object.entries(files)) {
    const folder = path.join(work, "user", name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, "settings.json"), JSON.stringify(values));
  }
}

function start(...args) {
  return spawn(process.execPath, [entry, ...folders, ...args], { env: environment, stdio: "ignore" });
}

async function listening(url) {
  for (let tries = 0; tries < 200; tries++) {
    try {
      await fetch(url);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  throw new Error("VS Code did not start");
}

/** Asks the box at the top, again if an editor that opens late takes the focus from it. */
async function ask(page, key, text, wanted) {
  const row = page.locator(".quick-input-list .monaco-list-row", { hasText: wanted }).first();
  for (let tries = 0; ; tries++) {
    try {
      await page.keyboard.press(key);
      await page.locator(".quick-input-widget input").fill(text, { timeout: 3000 });
      await row.waitFor({ timeout: 5000 });
      break;
    } catch (error) {
      if (tries === 3) {
        throw error;
      }
      await page.keyboard.press("Escape");
    }
  }
  await page.keyboard.press("Enter");
}

/** Runs a command of the palette by its title. */
const command = (page, title) => ask(page, "F1", `>${title}`, title);
const open = (page, name) => ask(page, "Control+P", name, name);

const done = (sentence) => {
  console.log(`ok ${sentence}`);
};

async function flow(page) {
  const shot = async (name) => {
    // What fades in is there by then.
    await page.waitForTimeout(700);
    await page.screenshot({ path: path.join(shots, `${name}.png`) });
  };
  const status = page.locator("#themis-review\\.themis-review\\.themisReview\\.status");
  const warning = page.locator(".view-overlays .squiggly-warning").first();

  await open(page, "names.go");
  const opened = Date.now();
  await warning.waitFor();
  console.log(`# first diagnostics ${Date.now() - opened} ms after opening, all starts included`);
  await page.getByText(/Themis \d+ worse/).waitFor();
  await page.locator(".glyph-margin-widgets .cgmr, .margin-view-overlays .cgmr").first().waitFor();
  await shot("diagnostics");
  done("a changed function has a warning, a mark in the gutter, and is counted in the status bar");

  await page.locator(".view-line", { hasText: "NewScanner" }).locator("span span").last().hover();
  await page.locator(".monaco-hover", { hasText: /readability/i }).first().waitFor();
  await shot("hover");
  done("the hover shows the five criteria");

  await page.keyboard.press("Escape");
  await command(page, "Go to Next Problem in Files");
  await page.locator(".zone-widget").first().waitFor();
  await shot("problem");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+.");
  await page.locator(".action-widget", { hasText: /Compare|Explain/ }).waitFor();
  await shot("actions");
  await page.keyboard.press("Escape");
  done("the lamp offers what can be done");

  await command(page, "Themis Review: Review Changes");
  const tree = page.locator(".pane-body .monaco-list-row");
  await tree.filter({ hasText: "Longest" }).first().waitFor();
  await tree.filter({ hasText: "Longest" }).first().locator(".monaco-tl-twistie").click();
  await tree.filter({ hasText: "before" }).first().waitFor();
  await shot("panel");
  done("the panel shows changed units by criterion, before and after");

  await tree.filter({ hasText: "Longest" }).first().click();
  await page.locator(".editor-instance").first().waitFor();
  await command(page, "Themis Review: Compare with HEAD");
  await page.locator(".monaco-diff-editor .modified .view-line").first().waitFor();
  await page.locator(".monaco-diff-editor .line-delete, .monaco-diff-editor .char-delete").first().waitFor();
  await shot("compare");
  done("the comparison shows what changed since HEAD");

  await command(page, "View: Close Editor");
  await open(page, "names.go");
  await warning.waitFor();
  await command(page, "Select All");
  await page.keyboard.type("x = 1\n");
  await warning.waitFor({ state: "detached" });
  for (let tries = 0; tries < 20 && (await warning.count()) === 0; tries++) {
    await page.keyboard.press("Control+Z");
    await page.waitForTimeout(500);
  }
  await warning.waitFor();
  done("an edit takes the warning away, undoing it brings it back, without saving");
  assert.equal(await page.locator(".notification-toast", { hasText: "Themis" }).count(), 0);
  assert.ok((await status.count()) <= 1);
  done("nothing was said on the way");
}

async function badPath(page) {
  writeSettings("/nowhere/themis-lsp");
  const toast = page.locator(".notification-toast", { hasText: "cannot be started" });
  await toast.first().waitFor();
  await page.getByText("Themis failed").waitFor();
  await new Promise((resolve) => setTimeout(resolve, 3000));
  assert.equal(await toast.count(), 1);
  await page.screenshot({ path: path.join(shots, "missing.png") });
  done("a server that is not there is one message that says what to do");
}

async function failing(page) {
  await command(page, "Notifications: Clear All Notifications");
  writeSettings(path.join(work, "bin", "failing-lsp"));
  const toast = page.locator(".notification-toast", { hasText: "The server" });
  await toast.first().waitFor();
  await page.waitForTimeout(5000);
  assert.equal(await toast.count(), 1);
  assert.ok(readFileSync(path.join(work, "starts"), "utf8").split("\n").length <= 4);
  await page.screenshot({ path: path.join(shots, "failing.png") });
  done("a server that keeps ending is one message, and is left alone");
}

async function recovered(page) {
  writeSettings(path.join(work, "bin", "themis-lsp"));
  await page.getByText(/Themis \d+ worse/).waitFor();
  done("it is started again once the setting is corrected");
}

async function main() {
  mkdirSync(shots, { recursive: true });
  writeSettings(path.join(work, "bin", "themis-lsp"));
  const installing = start("--install-extension", path.resolve("../dist/themis-review.vsix"));
  const code = await new Promise((resolve) => installing.on("exit", resolve));
  assert.equal(code, 0, "the extension could not be installed");
  const quiet = ["--disable-telemetry", "--disable-update-check", "--auth", "none"];
  const server = start(...quiet, "--bind-addr", `127.0.0.1:${port}`);
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  try {
    await listening(`http://127.0.0.1:${port}/healthz`);
    await page.goto(`http://127.0.0.1:${port}/?folder=${path.join(work, "names")}`);
    await page.locator(".monaco-workbench").waitFor();
    await page.locator(".explorer-folders-view .monaco-list-row").first().waitFor();
    await flow(page);
    await badPath(page);
    await failing(page);
    await recovered(page);
  } catch (error) {
    await command(page, "Notifications: Show Notifications");
    await page.screenshot({ path: path.join(shots, "failed.png") });
    throw error;
  } finally {
    await browser.close();
    server.kill();
  }
}

await main();
