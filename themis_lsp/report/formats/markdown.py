"""Markdown: a summary for a comment on a pull request."""

from __future__ import annotations

import re
from collections.abc import Sequence

from themis_lsp.criteria import Criterion
from themis_lsp.judgement.comparison import ChangeReading
from themis_lsp.judgement.findings import Finding, bar
from themis_lsp.judgement.verdict import Verdict
from themis_lsp.report.excerpt import make_visible
from themis_lsp.report.formats.remarks import PLAIN
from themis_lsp.report.review import Review
from themis_lsp.report.wording import percentile_words, signed, summarize
from themis_lsp.units.unit import Unit

_ROWS = 10
_MARKS = {Verdict.REGRESSED: " ▼", Verdict.IMPROVED: " ▲"}


def format_markdown(review: Review) -> str:
    """Return a table of the changes and one of the weak units, worst first, the rest collapsed."""
    parts = ["### Themis Review", _text(summarize(review))]
    parts += [f"**Error:** {_text(problem.message)}" for problem in review.problems]
    if review.changes is not None:
        compared = [r for r in review.changes.readings if r.is_compared()]
        compared.sort(key=_worst_first)
        parts += _table("Changed units", "verdict", [_change_row(r) for r in compared])
    below = [f for f in review.findings if f.is_below(bar(review.min_percentile))]
    title = "New units that are weak" if review.changes is not None else "Weak units"
    parts += _table(f"{title}, percentiles", "weakest", [_finding_row(f) for f in below])
    return "\n\n".join(parts)


def _worst_first(reading: ChangeReading) -> tuple[bool, float]:
    lowest = reading.lowest
    return reading.verdict is not Verdict.REGRESSED, 0.0 if lowest is None else lowest.margin


def _table(title: str, verdict: str, rows: Sequence[str]) -> list[str]:
    if not rows:
        return []
    columns = [criterion.code for criterion in Criterion]
    head = [f"| unit | {verdict} | {' | '.join(columns)} |", "|---|---|" + "--:|" * len(columns)]
    shown = [f"#### {title}", "\n".join([*head, *rows[:_ROWS]])]
    rest = rows[_ROWS:]
    if rest:
        table = "\n".join([*head, *rest])
        shown.append(f"<details><summary>{len(rest)} more</summary>\n\n{table}\n\n</details>")
    return shown


def _change_row(reading: ChangeReading) -> str:
    margins = {
        m.criterion: f"{signed(m.margin)}{_MARKS.get(m.standing, '')}" for m in reading.margins
    }
    return _row(reading.change.unit, reading.verdict.value, margins)


def _finding_row(finding: Finding) -> str:
    percentiles = {r.criterion: percentile_words(r) for r in finding.reading.readings}
    return _row(finding.reading.unit, finding.weakest.criterion.words, percentiles)


def _row(unit: Unit, verdict: str, cells: dict[Criterion, str]) -> str:
    place = f"{_text(unit.name)}<br>{_text(unit.path)}:{unit.start_line}"
    return f"| {place} | {verdict} | {' | '.join(cells.get(c, '') for c in Criterion)} |"


def _text(text: str) -> str:
    """Plain text: all that Markdown or HTML could read as markup is a character reference."""
    return re.sub(
        r"[^\w\s/.,:;=+%-]|_", lambda match: f"&#{ord(match[0])};", make_visible(text, PLAIN)
    )
