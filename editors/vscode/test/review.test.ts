import assert from "node:assert/strict";
import test from "node:test";

import {
  type Change,
  type Margin,
  type Review,
  arrange,
  percent,
  readReview,
  signed,
  tally,
  verdictWords,
  words,
} from "../src/review";

const MARGIN: Margin = {
  before: 0.1,
  after: -0.2,
  margin: -0.3,
  probability: 0.6,
  verdict: "stable",
  concern: null,
  costliest: [{ line: 7, cost: 0.2, start_column: 5, end_column: 9 }],
};

function change(name: string, margin: Partial<Margin>, more: Partial<Change> = {}): Change {
  const unit = { path: "a.py", name, start_line: 3 };
  const criteria = { Memory_Efficiency: { ...MARGIN, ...margin } };
  return { change: "modified", before: unit, after: unit, costliest_side: "after", criteria, ...more };
}

function review(...changes: Change[]): Review {
  return { summary: { model: "M", provider: "cpu" }, errors: [], changes };
}

test("units are listed by criterion, the likeliest regression first", () => {
  const rows = arrange(
    review(
      change("calm", {}),
      change("worse", { verdict: "regressed", probability: 0.97 }),
      change("unknown", { verdict: "skipped", probability: null }),
    ),
  );
  assert.deepEqual(rows.map((row) => row.criterion), ["Memory_Efficiency"]);
  assert.deepEqual(rows[0]?.units.map((unit) => unit.name), ["worse", "calm", "unknown"]);
  assert.equal(tally(rows[0].units), "1 worse, 1 stable");
});

test("a unit leads to its costliest line, or to its first where that line is gone", () => {
  const [row] = arrange(review(change("f", {}), change("g", {}, { costliest_side: "before" })));
  assert.deepEqual(row?.units.map((unit) => unit.line), [7, 3]);
});

test("deleted and new units have no row", () => {
  const gone = change("gone", {}, { after: null });
  const added = change("added", {}, { before: null, criteria: {} });
  assert.deepEqual(arrange(review(gone, added)), []);
});

test("a model that judges nothing is said not to", () => {
  const [row] = arrange(review(change("f", { verdict: "skipped" })));
  assert.equal(tally(row?.units ?? []), "not judged by this model");
});

test("verdicts are words", () => {
  const concern = { title: "reads a whole file" };
  const worse: Margin = { ...MARGIN, verdict: "regressed", probability: 0.999, concern };
  assert.equal(verdictWords(worse), "worse (99 % likely): reads a whole file");
  assert.equal(verdictWords({ ...MARGIN, verdict: "improved" }), "better");
  assert.equal(verdictWords({ ...MARGIN, verdict: "skipped" }), "not judged");
});

test("figures are short and have their sign", () => {
  assert.deepEqual([signed(-0.304), signed(0)], ["−0.30", "+0.00"]);
  assert.deepEqual([percent(0.5), percent(1)], ["50 %", "99 %"]);
  assert.equal(words("Memory_Efficiency"), "Memory efficiency");
});

test("what is no review of this version is refused with a sentence", () => {
  assert.throws(() => readReview(""), /broke off/);
  assert.throws(() => readReview('{"version": 2}'), /another version/);
  assert.throws(() => readReview("[]"), /another version/);
  assert.equal(readReview('{"version": 1, "changes": null}').changes, null);
});
