import assert from "node:assert/strict";
import test from "node:test";

import { type Status, describe } from "../src/describe";
import { Restarts } from "../src/restarts";
import {
  type Inspected,
  type Source,
  folderSettings,
  initializationOptions,
  needsRestart,
} from "../src/settings";

const RUNNING: Status = {
  state: "running",
  busy: false,
  worse: 0,
  weak: 0,
  version: "0.1.0",
  model: "Themis-Nano",
  provider: "cpu",
  problem: "",
};

function source(values: Record<string, Inspected>): Source {
  return {
    get: (key) => values[key]?.workspaceValue ?? values[key]?.globalValue ?? "default",
    inspect: (key) => values[key],
  };
}

test("the status tells findings in words", () => {
  assert.equal(describe({ ...RUNNING, worse: 1, weak: 2 }).text, "$(law) Themis 1 worse, 2 weak");
  assert.equal(describe(RUNNING).text, "$(law) Themis");
  assert.match(describe(RUNNING).tooltip, /model: Themis-Nano\n\nruns on: cpu/);
});

test("the status tells that it is at work, or why it is not", () => {
  assert.match(describe({ ...RUNNING, busy: true }).text, /sync~spin/);
  const failed = describe({ ...RUNNING, state: "failed", problem: "no Python" });
  assert.equal(failed.text, "$(warning) Themis failed");
  assert.match(failed.tooltip, /no Python/);
});

test("a server that ends three times in three minutes is not started again", () => {
  const restarts = new Restarts();
  assert.deepEqual(
    [0, 1000, 2000].map((at) => restarts.mayRestart(at)),
    [true, true, false],
  );
  restarts.forget();
  assert.ok(restarts.mayRestart(3000));
});

test("failures long ago do not count", () => {
  const restarts = new Restarts();
  const atMinutes = [0, 4, 8, 12].map((minutes) => restarts.mayRestart(minutes * 60_000));
  assert.deepEqual(atMinutes, [true, true, true, true]);
});

test("only what was set goes to the server", () => {
  const values = { base: { workspaceValue: "main" }, model: { globalValue: "/m" }, threads: {} };
  assert.deepEqual(initializationOptions(source(values)), { base: "main", model: "/m" });
});

test("a folder's settings hold nothing that is the user's own", () => {
  const values = {
    base: { workspaceFolderValue: "main", workspaceValue: "main" },
    model: { workspaceValue: "/evil" },
    path: { workspaceValue: "/evil" },
  };
  assert.deepEqual(folderSettings(source(values)), { base: "main" });
});

test("another model or path needs a new server, another base does not", () => {
  assert.ok(needsRestart((key) => key === "themis.model"));
  assert.ok(needsRestart((key) => key === "themis.path"));
  assert.ok(!needsRestart((key) => key === "themis.base"));
});
