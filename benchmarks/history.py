"""What the reviewer says of the commits of real repositories.

    python benchmarks/history.py REPOSITORY... [--commits N] [--model BUNDLE] [--out FILE]

Runs ``themis-review --commit`` on the last N commits of each repository that change code in one of
the eight languages and are no merges. Prints Markdown: how many changed units got which verdict,
and the share of commits with a warning. Whether the warnings are right only a reader can tell:
``--out`` writes each, and each likely fault told, with the diff of its function.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inputs import print_table

from themis_lsp.criteria import Criterion

THEMIS = (sys.executable, "-c", "from themis_lsp.cli.main import main; main()")
VERDICTS = ("regressed", "stable", "improved")


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A commit, and the units that it changed, as in the JSON format."""

    repository: Path
    commit: str
    subject: str
    changes: tuple[dict[str, Any], ...]

    def judged(self, verdict: str) -> list[dict[str, Any]]:
        return [change for change in self.changes if change["verdict"] == verdict]

    @property
    def suspected(self) -> list[dict[str, Any]]:
        """Changes with a likely fault that did not regress."""
        return [c for c in self.changes if c["verdict"] != "regressed" and _faults(c)]


def review_commits(repository: Path, count: int, model: Sequence[str]) -> Iterator[Reviewed]:
    """Yield the last ``count`` commits that change a unit which can be compared."""
    log = _git(repository, "log", "--no-merges", "--max-count=2000", "--format=%H %s", "HEAD")
    for line in log.splitlines():
        commit, _, subject = line.partition(" ")
        options = ("--isolated", "--quiet", "--format", "json")
        command = [*THEMIS, "--commit", commit, *model, *options]
        done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
        if done.returncode:
            continue  # the first commit there is, or one with a file that cannot be read
        found = json.loads(done.stdout)["changes"]
        changes = tuple(c for c in found if c["ranked"] and c["before"] and c["after"])
        if changes:
            yield Reviewed(repository, commit, subject, changes)
            count -= 1
        if not count:
            return


def row(name: str, reviewed: Sequence[Reviewed]) -> tuple[object, ...]:
    """Return the cells of a table about some commits."""
    units = [change for one in reviewed for change in one.changes]
    counts = [sum(c["verdict"] == verdict for c in units) for verdict in VERDICTS]
    warned = sum(bool(one.judged("regressed")) for one in reviewed)
    suspected = sum(len(one.suspected) for one in reviewed)
    share = f"{warned / len(reviewed):.0%}" if reviewed else "-"
    return (name, len(reviewed), len(units), *counts, suspected, warned, share)


def describe(one: Reviewed, change: dict[str, Any]) -> str:
    """Return what is said of a change, and its function before and after as a diff."""
    before, after = change["before"], change["after"]
    told = [
        f"{Criterion(name).code} margin {reading['margin']:+.2f}, "
        f"{reading['verdict']}, {(reading['concern'] or {}).get('name', 'no reason named')}"
        for name, reading in change["criteria"].items()
        if reading["verdict"] == "regressed" or reading["concern"]
    ]
    span = f"{after['start_line']},{after['end_line']}"
    place = f"{one.repository.name} {one.commit[:10]} {after['path']}:{span} {after['name']}"
    diff = _git(
        one.repository,
        *("diff", "--unified=6", f"{one.commit}^:{before['path']}"),
        f"{one.commit}:{after['path']}",
    )
    return "\n".join(["=" * 80, place, one.subject, *told, *_around(diff, after), ""])


def _around(diff: str, side: dict[str, Any]) -> Iterator[str]:
    """Yield the hunks of a diff that touch the lines of a unit after the change."""
    shown = False
    for line in diff.splitlines()[4:]:
        if line.startswith("@@"):
            start, _, length = line.split("+")[1].split(" ")[0].partition(",")
            end = int(start) + int(length or 1)
            shown = int(start) <= side["end_line"] and end >= side["start_line"]
        if shown:
            yield line


def _faults(change: dict[str, Any]) -> bool:
    return any(reading["concern"] for reading in change["criteria"].values())


def _git(repository: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=repository, capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace")


def main() -> None:
    """Read the arguments, review, print."""
    parser = argparse.ArgumentParser(description="Verdicts on the commits of real repositories.")
    parser.add_argument("repositories", type=Path, nargs="+", metavar="REPOSITORY")
    parser.add_argument("--commits", type=int, default=50, metavar="N", help="of each repository")
    parser.add_argument("--model", help="folder of a bundle; the embedded one by default")
    parser.add_argument("--out", type=Path, metavar="FILE", help="for what there is to judge")
    options = parser.parse_args()
    model = ["--model", options.model] if options.model else []
    everything: list[Reviewed] = []
    rows = []
    for repository in options.repositories:
        reviewed = list(review_commits(repository, options.commits, model))
        everything += reviewed
        rows.append(row(repository.name, reviewed))
    head = ("repository", "commits", "changed units", *VERDICTS, "fault suspected")
    print_table((*head, "commits with a warning", "share"), [*rows, row("all", everything)])
    if options.out is not None:
        told = [
            describe(one, change)
            for one in everything
            for change in (*one.judged("regressed"), *one.suspected)
        ]
        options.out.write_text("\n".join(told), encoding="utf-8")


if __name__ == "__main__":
    main()
