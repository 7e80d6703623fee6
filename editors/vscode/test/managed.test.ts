import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import test from "node:test";

import { InstallError, findPython, install } from "../src/managed";
import { plant } from "./fake";

const NEW = { stdout: "Python 3.12.1\n" };
const OLD = { stdout: "Python 3.9.2\n" };

function recipe() {
  const folder = path.join(mkdtempSync(path.join(tmpdir(), "themis-")), "server");
  return { folder, interpreter: "", requirement: "themis-review[cpu]" };
}

test("a Python that is too old is passed over", async () => {
  const { run } = plant({ "python3 ": OLD, "python3.12 ": NEW });
  assert.equal(await findPython("", run, "linux"), "python3.12");
});

test("where all are too old they are named, with what to do", async () => {
  const { run } = plant({ "python3 ": OLD });
  await assert.rejects(findPython("", run, "linux"), (error: unknown) => {
    assert.ok(error instanceof InstallError);
    assert.match(error.message, /python3 is Python 3\.9.*Install Python 3\.11.*themis\.interpreter/);
    return true;
  });
});

test("without any Python the message says what to do", async () => {
  await assert.rejects(findPython("", plant({}).run, "linux"), /No Python was found\. Install Python/);
  await assert.rejects(findPython("/no", plant({}).run, "linux"), /\/no is no Python\./);
});

test("an environment is made, filled and checked, and each step told", async () => {
  const { run, asked } = plant({ "python3 -I --version": NEW, "": {} });
  const told: string[] = [];
  const wanted = recipe();
  await install(wanted, run, (what) => told.push(what), new AbortController().signal);
  assert.deepEqual(asked, [
    "python3 -I --version",
    `python3 -I -m venv ${wanted.folder}`,
    `${wanted.folder}/bin/python -I -m pip install --disable-pip-version-check themis-review[cpu]`,
    `${wanted.folder}/bin/themis-review doctor`,
  ]);
  assert.equal(told.length, 4);
});

test("what pip says last is told, and the half-made environment removed", async () => {
  const wanted = recipe();
  mkdirSync(wanted.folder, { recursive: true });
  const { run } = plant({
    "python3 -I --version": NEW,
    [`${wanted.folder}/bin/python`]: { code: 1, stderr: "ERROR: no network" },
    "": {},
  });
  const signal = new AbortController().signal;
  await assert.rejects(install(wanted, run, () => undefined, signal), /pip failed: ERROR: no network/);
  assert.ok(!existsSync(wanted.folder));
});

test("a server without onnxruntime is told by its doctor", async () => {
  const wanted = recipe();
  const { run } = plant({
    "python3 -I --version": NEW,
    [`${wanted.folder}/bin/themis-review`]: { code: 2, stdout: "runtime  error: no onnxruntime" },
    "": {},
  });
  const signal = new AbortController().signal;
  await assert.rejects(install(wanted, run, () => undefined, signal), /cannot review.*no onnxruntime/);
});

test("a cancelled installation says so", async () => {
  const abort = new AbortController();
  abort.abort();
  const { run } = plant({ "": NEW });
  await assert.rejects(install(recipe(), run, () => undefined, abort.signal), /was cancelled/);
});
