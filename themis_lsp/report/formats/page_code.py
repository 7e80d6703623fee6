"""The code of a unit on the page: its lines, those that a change took away, and what they cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from themis_lsp.judgement.changed import find_hunks
from themis_lsp.judgement.comparison import ChangeReading, CriterionMargin
from themis_lsp.judgement.findings import Finding
from themis_lsp.judgement.pointing import LineCost
from themis_lsp.judgement.verdict import Verdict
from themis_lsp.report.excerpt import make_visible
from themis_lsp.report.formats.remarks import PLAIN

_LINES = 200


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A line to show; ``number`` is None for one that is gone. ``heat`` is 0..1."""

    number: int | None
    text: str
    heat: float = 0.0
    is_new: bool = False


def telling_margin(reading: ChangeReading) -> CriterionMargin | None:
    """Return the margin to talk about: the likeliest regression, a likely fault, or the lowest."""
    if reading.suspected and reading.verdict is not Verdict.REGRESSED:
        return reading.suspected[0]
    return reading.worst


def changed_code(reading: ChangeReading) -> list[CodeLine]:
    """Return the lines of a unit after a change and, where they stood, those that are gone."""
    before, after = reading.change.before, reading.change.after
    margin = telling_margin(reading)
    heat = _heat(() if margin is None else margin.costliest)
    gone_heat, heat = (heat, {}) if reading.points_before else ({}, heat)
    old = [] if before is None else before.text.split("\n")
    new = [] if after is None else after.text.split("\n")
    old_start = 1 if before is None else before.start_line
    new_start = 1 if after is None else after.start_line
    shown: list[CodeLine] = []
    reached = 0
    for hunk in find_hunks(old, new, gap=0):
        shown += _numbered(new[reached : hunk.right_start], new_start + reached, heat)
        for index in range(hunk.left_start, hunk.left_end):
            shown.append(CodeLine(None, old[index], gone_heat.get(old_start + index, 0.0)))
        came = new[hunk.right_start : hunk.right_end]
        shown += _numbered(came, new_start + hunk.right_start, heat, are_new=True)
        reached = hunk.right_end
    return [*shown, *_numbered(new[reached:], new_start + reached, heat)]


def unit_code(finding: Finding) -> list[CodeLine]:
    """Return the lines of a unit."""
    unit, heat = finding.reading.unit, _heat(finding.weakest.costliest)
    return list(_numbered(unit.text.split("\n"), unit.start_line, heat))


def draw_code(lines: Sequence[CodeLine]) -> str:
    """Return the lines as HTML."""
    drawn = "".join(map(_draw, lines[:_LINES]))
    rest = len(lines) - _LINES
    more = f'<p class="soft">{rest} more lines</p>' if rest > 0 else ""
    return f"<pre>{drawn}</pre>{more}"


def _numbered(
    lines: Sequence[str], first: int, heat: Mapping[int, float], *, are_new: bool = False
) -> Iterator[CodeLine]:
    for number, text in enumerate(lines, first):
        yield CodeLine(number, text, heat.get(number, 0.0), are_new)


def _heat(costs: Sequence[LineCost]) -> dict[int, float]:
    return {cost.line: cost.cost / costs[0].cost for cost in costs}


def _draw(line: CodeLine) -> str:
    kind = "gone" if line.number is None else "new" if line.is_new else ""
    mark = {"gone": "\N{MINUS SIGN}", "new": "+"}.get(kind, " ")
    number = "" if line.number is None else line.number
    text = "\t".join(
        escape(make_visible(part, PLAIN)) for part in line.text.removesuffix("\r").split("\t")
    )
    return (
        f'<span class="{kind}" style="--cost:{line.heat:.2f}"><b>{number}</b>'
        f"<b>{mark}</b>{text}</span>"
    )
