import assert from "node:assert/strict";
import test from "node:test";

import { locate, reviewBeside } from "../src/locate";
import { plant } from "./fake";

const PLACES = { setting: "", python: "/env/bin/python", managed: "/storage/server" };
const GOOD = { stdout: "themis-lsp 0.1.0\n" };

test("the active Python environment comes before the managed one", async () => {
  const { run, asked } = plant({ "/env/bin/themis-lsp": GOOD, "/storage": GOOD });
  const located = await locate(PLACES, run, "linux");
  assert.ok(located.kind === "found");
  assert.equal(located.server.program, "/env/bin/themis-lsp");
  assert.equal(located.version, "0.1.0");
  assert.equal(asked.length, 1);
});

test("an environment without the server is passed over", async () => {
  const { run } = plant({ "/storage/server/bin/themis-lsp": GOOD });
  const located = await locate(PLACES, run, "linux");
  assert.ok(located.kind === "found");
  assert.equal(located.server.from, "managed environment");
});

test("the path comes last", async () => {
  const { run, asked } = plant({ "themis-lsp": GOOD });
  const located = await locate({ ...PLACES, python: undefined }, run, "linux");
  assert.ok(located.kind === "found");
  assert.equal(located.server.from, "PATH");
  assert.deepEqual(asked, ["/storage/server/bin/themis-lsp --version", "themis-lsp --version"]);
});

test("a setting is the only place where there is one", async () => {
  const { run, asked } = plant({ "themis-lsp": GOOD });
  const located = await locate({ ...PLACES, setting: "/wrong" }, run, "linux");
  assert.ok(located.kind === "missing");
  assert.match(located.problem, /“themis.path” names \/wrong.*Correct the setting/);
  assert.equal(asked.length, 1);
});

test("where nothing is installed the message says what to do", async () => {
  const located = await locate(PLACES, plant({}).run, "linux");
  assert.ok(located.kind === "missing");
  assert.match(located.problem, /not installed.*Install the Server/);
});

test("a server of another version is named, and the search goes on", async () => {
  const newer = { stdout: "themis-lsp 3.2.1\n" };
  const alone = await locate(PLACES, plant({ "/env": newer }).run, "linux");
  assert.ok(alone.kind === "missing");
  assert.match(alone.problem, /\/env\/bin\/themis-lsp .*is of version 3\.2, .*0\.1 up to.* 0\.2/);
  const both = await locate(PLACES, plant({ "/env": newer, "themis-lsp": GOOD }).run, "linux");
  assert.equal(both.kind, "found");
});

test("a server that fails is named with its last words", async () => {
  const failing = { code: 1, stderr: "Traceback\nModuleNotFoundError: No module named 'pygls'\n" };
  const located = await locate(PLACES, plant({ "/env": failing }).run, "linux");
  assert.ok(located.kind === "missing");
  assert.match(located.problem, /fails: ModuleNotFoundError/);
});

test("programs are found by their names on Windows", async () => {
  const { run, asked } = plant({});
  await locate({ ...PLACES, python: undefined }, run, "win32");
  assert.match(asked[0] ?? "", /Scripts.themis-lsp\.exe --version$/);
});

test("the command line stands beside the server", () => {
  assert.equal(reviewBeside("/env/bin/themis-lsp"), "/env/bin/themis-review");
  assert.equal(reviewBeside("themis-lsp"), "themis-review");
  assert.equal(reviewBeside("/env/bin/themis-lsp.exe"), "/env/bin/themis-review.exe");
  assert.equal(reviewBeside("/opt/start.sh"), "/opt/themis-review");
});
