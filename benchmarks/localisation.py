"""Whether the costliest lines of worsened code are those that were worsened.

    python benchmarks/localisation.py DEGRADED.jsonl... [--model BUNDLE] [--limit N]

The worse side of each pair is reviewed alone, as code as it stands, so nothing tells the reviewer
which lines are new. A hit is one of the 1 or 3 costliest lines inside ``rejected_span``; random is
the chance of a hit with as many of the lines that hold a word. Rows whose span is empty, of code
that was only taken away, are left out.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import comb
from pathlib import Path
from typing import Any

from inputs import draw, make_parser, open_model, print_table

from themis_lsp.criteria import Criterion, parse_criterion
from themis_lsp.judgement.readings import read_units
from themis_lsp.languages import parse_language
from themis_lsp.scoring.score import Snippet
from themis_lsp.units.unit import Unit, UnitKind

HITS = (1, 3)


@dataclass(frozen=True, slots=True)
class Planted:
    """Worsened code and the 1-based lines that are worse."""

    unit: Unit
    criterion: Criterion
    lines: frozenset[int]


def read_rows(path: Path) -> Iterator[Planted]:
    """Read rows of ``themis-train pairs degrade`` that have changed lines."""
    with path.open(encoding="utf-8") as file:
        for number, row in enumerate(map(json.loads, file)):
            if any(span["end_byte"] > span["start_byte"] for span in row["rejected_span"]):
                yield parse(row, f"{path.name}:{number}")


def parse(row: Mapping[str, Any], name: str) -> Planted:
    """Return the worse side of a row as a unit that is a file of its own, called ``name``."""
    text = row["rejected"]
    lines = frozenset(
        line
        for span in row["rejected_span"]
        for line in range(span["start_line"], span["end_line"] + 1)
    )
    unit = Unit(
        path=name,
        language=parse_language(row["language"]),
        kind=UnitKind.FUNCTION,
        name=name,
        start_byte=0,
        end_byte=len(text.encode()),
        start_line=1,
        end_line=text.count("\n") + 1,
        text=text,
    )
    return Planted(unit, parse_criterion(row["aspect"]), lines)


def chance(row: Planted, tries: int) -> float:
    """Return how likely ``tries`` lines with a word, drawn at random, hold a worse one."""
    lines = row.unit.text.split("\n")
    worth = [number for number, line in enumerate(lines, start=1) if re.search(r"\w", line)]
    misses = sum(number not in row.lines for number in worth)
    tries = min(tries, len(worth))
    return 1 - comb(misses, tries) / comb(len(worth), tries)


def main() -> None:
    """Read the arguments, review, print."""
    options = make_parser("Costliest lines against changed lines.", "degradations").parse_args()
    opened = open_model(options)
    columns = {criterion: i for i, criterion in enumerate(opened.scorer.info.criteria)}
    rows = [row for file in options.files for row in draw(read_rows(file), options)]
    units = [row.unit for row in rows]
    readings = read_units(
        units,
        opened.scorer.score([Snippet(unit.language, unit.text) for unit in units]),
        texts={unit.path: unit.text for unit in units},
        tables=opened.bundle.manifest.calibration.percentiles,
        columns=columns,
    )
    found: dict[str, list[tuple[float, ...]]] = defaultdict(list)
    for row, reading in zip(rows, readings, strict=True):
        if row.criterion not in columns:
            continue
        costliest = reading.readings[columns[row.criterion]].costliest
        hits = [any(c.line in row.lines for c in costliest[:tries]) for tries in HITS]
        figures = (*map(float, hits), *(chance(row, tries) for tries in HITS))
        for group in (row.criterion.words, "all"):
            found[group].append(figures)
    head = ("criterion", "rows", "hit@1", "random", "times", "hit@3", "random", "times")
    table = []
    for group, members in sorted(found.items()):
        one, three, lucky, luckier = (sum(x) / len(members) for x in zip(*members, strict=True))
        table.append(
            (group, len(members), one, lucky, one / lucky, three, luckier, three / luckier)
        )
    print_table(head, table)


if __name__ == "__main__":
    main()
