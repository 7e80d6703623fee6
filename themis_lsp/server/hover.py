"""What is known about the unit under the cursor, as a small table."""

from __future__ import annotations

from themis_lsp.criteria import Criterion
from themis_lsp.judgement.comparison import ChangeReading, CriterionMargin
from themis_lsp.judgement.readings import UnitReading
from themis_lsp.report.wording import percentile_words, signed, sure_words
from themis_lsp.server.analysis import Analysis


def unit_at(analysis: Analysis, line: int) -> UnitReading | None:
    """Return the innermost unit on the 1-based ``line``."""
    around = [r for r in analysis.readings if r.unit.start_line <= line <= r.unit.end_line]
    return min(around, key=lambda r: r.unit.end_line - r.unit.start_line, default=None)


def describe(reading: UnitReading, change: ChangeReading | None) -> str:
    """Return Markdown: five criteria by percentile and, of a changed unit, margin and chance.

    ``change`` is the innermost change around; it counts if it is one of this very unit.
    """
    unit = reading.unit
    margins: dict[Criterion, CriterionMargin] = {}
    if change is not None and change.change.after == unit:
        margins = {margin.criterion: margin for margin in change.margins}
    lines = [f"**{_plain(unit.name)}**", ""]
    if margins:
        lines += ["| | percentile | margin | worse? |", "|:--|--:|--:|--:|"]
    else:
        lines += ["| | percentile |", "|:--|--:|"]
    for criterion in reading.readings:
        row = f"| {criterion.criterion.words} | {percentile_words(criterion)} |"
        if margins:
            margin = margins[criterion.criterion]
            chance = "" if margin.probability is None else sure_words(100 * margin.probability)
            row += f" {signed(margin.margin)} | {chance} |"
        lines.append(row)
    if reading.is_too_short:
        lines += ["", "Too short to judge: a percentile needs more code."]
    return "\n".join(lines)


def _plain(name: str) -> str:
    """Return a name that Markdown does not read anything into."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>|#" else c for c in name)
