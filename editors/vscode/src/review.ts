// A review of changes, as `themis-review --format json` prints it, and what the panel shows of it.

export const CRITERIA = [
  "Functional_Correctness",
  "Runtime_Efficiency",
  "Memory_Efficiency",
  "Security_Hardness",
  "Readability_Maintainability",
] as const;

export type Criterion = (typeof CRITERIA)[number];
export type Verdict = "improved" | "stable" | "regressed" | "skipped";

export interface Cost {
  readonly line: number;
  readonly cost: number;
  readonly start_column: number;
  readonly end_column: number;
}

export interface Margin {
  readonly before: number;
  readonly after: number;
  readonly margin: number;
  readonly probability: number | null;
  readonly verdict: Verdict;
  readonly concern: { readonly title: string } | null;
  readonly costliest: readonly Cost[];
}

export interface Unit {
  readonly path: string;
  readonly name: string;
  readonly start_line: number;
}

export interface Change {
  readonly change: string;
  readonly before: Unit | null;
  readonly after: Unit | null;
  readonly costliest_side: "before" | "after";
  readonly criteria: Partial<Record<Criterion, Margin>>;
}

export interface Review {
  readonly summary: { readonly model: string | null; readonly provider: string | null };
  readonly errors: readonly { readonly message: string }[];
  readonly changes: readonly Change[] | null;
}

export interface UnitRow {
  readonly name: string;
  readonly path: string;
  readonly line: number;
  readonly margin: Margin;
  readonly costs: readonly Cost[];
}

export interface CriterionRow {
  readonly criterion: Criterion;
  readonly units: readonly UnitRow[];
}

/** Reads what the program printed. Throws an Error that can be shown. */
export function readReview(printed: string): Review {
  let read: unknown;
  try {
    read = JSON.parse(printed);
  } catch {
    throw new Error("The review broke off; the log tells more.");
  }
  if (typeof read !== "object" || read === null || (read as { version?: unknown }).version !== 1) {
    throw new Error("The review is of another version than this extension; bring both up to date.");
  }
  return read as Review;
}

/** The panel: each criterion with the units that are still there, the likeliest regression first. */
export function arrange(review: Review): CriterionRow[] {
  return CRITERIA.map((criterion) => {
    const units = (review.changes ?? []).flatMap((change) => {
      const margin = change.criteria[criterion];
      return change.after === null || margin === undefined ? [] : [row(change, change.after, margin)];
    });
    units.sort((one, other) => (other.margin.probability ?? 0) - (one.margin.probability ?? 0));
    return { criterion, units };
  }).filter((shown) => shown.units.length > 0);
}

function row(change: Change, after: Unit, margin: Margin): UnitRow {
  const costs = change.costliest_side === "after" ? margin.costliest : [];
  return {
    name: after.name,
    path: after.path,
    line: costs[0]?.line ?? after.start_line,
    margin,
    costs,
  };
}

const WORDS: Record<Criterion, string> = {
  Functional_Correctness: "Functional correctness",
  Runtime_Efficiency: "Runtime efficiency",
  Memory_Efficiency: "Memory efficiency",
  Security_Hardness: "Security hardness",
  Readability_Maintainability: "Readability and maintainability",
};

export function words(criterion: Criterion): string {
  return WORDS[criterion];
}

export function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;
}

/** The likelihood of a regression in full per cent; never certain. */
export function percent(probability: number): string {
  return `${Math.min(99, Math.floor(100 * probability))} %`;
}

/** "1 worse, 2 better, 1 stable", or that the model does not judge by the criterion. */
export function tally(units: readonly UnitRow[]): string {
  const kinds: [Verdict, string][] = [
    ["regressed", "worse"],
    ["improved", "better"],
    ["stable", "stable"],
  ];
  const parts = kinds.flatMap(([verdict, word]) => {
    const count = units.filter((unit) => unit.margin.verdict === verdict).length;
    return count > 0 ? [`${count} ${word}`] : [];
  });
  return parts.length > 0 ? parts.join(", ") : "not judged by this model";
}

/** What stands beside a unit's name. */
export function verdictWords(margin: Margin): string {
  const concern = margin.concern === null ? "" : `: ${margin.concern.title}`;
  switch (margin.verdict) {
    case "regressed":
      return `worse (${percent(margin.probability ?? 0)} likely)${concern}`;
    case "improved":
      return "better";
    case "stable":
      return "stable";
    case "skipped":
      return "not judged";
  }
}
