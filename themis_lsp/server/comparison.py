"""A changed unit beside what it was: its margins and its lines."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from themis_lsp.judgement.comparison import ChangeReading, CriterionMargin
from themis_lsp.judgement.verdict import Verdict
from themis_lsp.report.verdicts import likely_words
from themis_lsp.report.wording import signed
from themis_lsp.server.analysis import Analysis

COMPARE = "themis.compareWithBase"

_NAMES = {Verdict.SKIPPED: "not judged"}


def change_at(analysis: Analysis, line: int) -> ChangeReading | None:
    """Return the innermost changed unit on the 1-based ``line``."""
    around = [
        reading
        for reading in analysis.changes
        if (unit := reading.change.after) is not None and unit.start_line <= line <= unit.end_line
    ]
    return min(around, key=lambda reading: len(reading.change.unit.text), default=None)


def describe_change(reading: ChangeReading, base: str) -> str:
    """Return the margins of a change and its lines as a unified diff."""
    before, after = reading.change.before, reading.change.after
    indent = " " * (reading.start_column - 1)
    old = [] if before is None else (indent + before.text).split("\n")
    new = [] if after is None else (indent + after.text).split("\n")
    kind = reading.change.kind.value
    lines = [f"{reading.change.unit.name}, {kind} since {base}", *_margins(reading), ""]
    return "\n".join([*lines, *difflib.unified_diff(old, new, base, "now", lineterm=""), ""])


def describe_margin(margin: CriterionMargin) -> dict[str, object]:
    """Return a margin as JSON."""
    return {
        "criterion": margin.criterion.value,
        "margin": margin.margin,
        "probability": margin.probability,
        "verdict": margin.verdict.value,
        "concern": None if margin.concern is None else margin.concern.concern.name,
        "accepted": None if margin.silence is None else margin.silence.kind.value,
    }


def _margins(reading: ChangeReading) -> Iterator[str]:
    width = max((len(margin.criterion.words) for margin in reading.margins), default=0)
    for margin in reading.margins:
        verdict = _NAMES.get(margin.verdict, margin.verdict.value)
        chance = "" if margin.probability is None else f"{likely_words(margin.probability):>17}, "
        yield f"  {margin.criterion.words:{width}}  {signed(margin.margin):>6}  {chance}{verdict}"
