"""What the reviewer says of changes made by hand: regressions, neutral ones, improvements.

    python benchmarks/regressions.py [--model BUNDLE] [--cases]

Makes a real repository of the changes in ``crafted``, three of each kind in each language, and runs
``themis-review --staged`` and then ``--commit HEAD`` on it; both must say the same. Prints
Markdown: the verdicts by kind and by criterion and, with ``--cases``, a row for each change.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crafted import Case, Kind, commit, commit_before, read_cases, stage_after
from inputs import print_table

from themis_lsp.criteria import Criterion

THEMIS = (sys.executable, "-c", "from themis_lsp.cli.main import main; main()")
VERDICTS = ("regressed", "stable", "improved", "skipped")


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of a change: a verdict on the whole, and the criteria as in the JSON format."""

    case: Case
    verdict: str
    criteria: dict[str, Any]

    def on(self, criterion: Criterion) -> dict[str, Any]:
        reading: dict[str, Any] = self.criteria[criterion.value]
        return reading

    @property
    def suspected(self) -> list[str]:
        """Likely faults that are told though the model has no threshold for the criterion."""
        found = [c for c in self.criteria.values() if c["verdict"] == "skipped" and c["concern"]]
        return [str(one["concern"]["name"]) for one in found]


def review(folder: Path, model: Sequence[str], *what: str) -> dict[str, Any]:
    """Return the changes that a review finds, by their paths."""
    command = [*THEMIS, *what, *model, "--isolated", "--all-units", "--quiet", "--format", "json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    changes = json.loads(done.stdout)["changes"]
    return {change["after"]["path"]: change for change in changes if change["criteria"]}


def ask(cases: list[Case], model: Sequence[str]) -> list[Said]:
    """Return what is said of each change."""
    with tempfile.TemporaryDirectory(prefix="themis-") as name:
        folder = Path(name)
        commit_before(cases, folder)
        stage_after(cases, folder)
        staged = review(folder, model, "--staged")
        commit(folder)
        if staged != review(folder, model, "--commit", "HEAD"):
            sys.exit("what is said of the index and of the commit made of it differs")
    return [
        Said(case, staged[case.path]["verdict"], staged[case.path]["criteria"]) for case in cases
    ]


def print_kinds(said: Sequence[Said]) -> None:
    """Print how often each kind got which verdict."""
    rows = []
    for kind in Kind:
        own = [one for one in said if one.case.kind is kind]
        verdicts = Counter(one.verdict for one in own)
        rows.append((kind.value, len(own), *(verdicts[verdict] for verdict in VERDICTS)))
    print_table(("changes meant as", "changes", *VERDICTS[:3], "not judged"), rows)


def print_criteria(said: Sequence[Said]) -> None:
    """Print what became of the changes that are about each criterion."""
    rows: list[tuple[object, ...]] = []
    for criterion in Criterion:
        for kind, sign in ((Kind.REGRESSION, -1), (Kind.IMPROVEMENT, 1)):
            own = [s for s in said if s.case.criterion is criterion and s.case.kind is kind]
            if not own:
                continue
            margins = [float(one.on(criterion)["margin"]) for one in own]
            verdicts = Counter(one.on(criterion)["verdict"] for one in own)
            right = sum(sign * margin > 0 for margin in margins)
            cells = (len(own), right, statistics.median(margins))
            counts = [verdicts[verdict] for verdict in VERDICTS[:3]]
            suspected = sum(bool(one.suspected) for one in own)
            rows.append((criterion.words, kind.value, *cells, *counts, suspected))
    head = ("criterion", "meant as", "changes", "sign right", "median margin", *VERDICTS[:3])
    print_table((*head, "fault suspected"), rows)


def print_cases(said: Sequence[Said]) -> None:
    """Print a row for each change."""
    rows = []
    for one in said:
        case, criterion = one.case, one.case.criterion
        about = "-" if criterion is None else _signed(criterion, one.on(criterion))
        because = [
            _signed(Criterion(name), reading)
            for name, reading in one.criteria.items()
            if reading["verdict"] in ("regressed", "improved")
        ]
        because += [f"likely {name}" for name in one.suspected]
        verdict = "not judged" if one.verdict == "skipped" else one.verdict
        cells = (case.language, case.kind.value, case.what, about, verdict)
        rows.append((*cells, ", ".join(because) or "-"))
    print_table(("language", "meant as", "what", "margin", "verdict", "because of"), rows)


def _signed(criterion: Criterion, reading: Mapping[str, Any]) -> str:
    return f"{criterion.code} {reading['margin']:+.2f}"


def main() -> None:
    """Read the arguments, review, print."""
    parser = argparse.ArgumentParser(description="Verdicts on changes made by hand.")
    parser.add_argument("--model", help="folder of a bundle; the embedded one by default")
    parser.add_argument("--cases", action="store_true", help="print a row for each change, too")
    options = parser.parse_args()
    said = ask(read_cases(), ["--model", options.model] if options.model else [])
    print_kinds(said)
    print()
    print_criteria(said)
    if options.cases:
        print()
        print_cases(said)


if __name__ == "__main__":
    main()
