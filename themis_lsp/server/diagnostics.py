"""What an editor shows in place: regressions as warnings, weak units as hints."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from lsprotocol import types

from themis_lsp.judgement.changed import find_hunks
from themis_lsp.judgement.comparison import ChangeReading, CriterionMargin
from themis_lsp.judgement.findings import Finding, choose_findings, is_ranked, rank_findings
from themis_lsp.judgement.pointing import LineCost
from themis_lsp.judgement.verdict import Verdict
from themis_lsp.report.wording import comparison
from themis_lsp.server.analysis import Analysis
from themis_lsp.server.positions import line_range
from themis_lsp.units.unit import Unit

SOURCE = "themis"
_SHOWN_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class View:
    """How a document is to be shown: where it is, how positions count, what is wanted.

    ``links`` has a page for each code, ``base`` is what the document is compared with.
    """

    uri: str
    encoding: types.PositionEncodingKind | str
    with_hints: bool
    with_related: bool = True
    links: Mapping[str, str] = field(default_factory=dict)
    base: str = "HEAD"


def diagnose(analysis: Analysis, view: View) -> list[types.Diagnostic]:
    """Return the diagnostics of a document in the order of its lines.

    A unit that got worse is a warning; a weak one a hint, unless it is in a warning already.
    """
    lines = analysis.text.split("\n")
    shown, warned = [], set()
    for reading in analysis.changes:
        worst = _regression(reading)
        if worst is not None and reading.change.after is not None:
            warned.add(reading.change.after.start_byte)
            shown.append(_warning(reading, worst, lines=lines, view=view))
    if view.with_hints:
        ranked = [r for r in analysis.readings if is_ranked(r.unit)]
        for finding in choose_findings(rank_findings(ranked), top=None):
            if finding.reading.unit.start_byte not in warned:
                shown.append(_hint(finding, lines=lines, view=view))
    return sorted(shown, key=lambda one: (one.range.start.line, one.range.start.character))


def _regression(reading: ChangeReading) -> CriterionMargin | None:
    """Return the likeliest regression of a unit that says enough to be compared."""
    regressed = reading.judged(Verdict.REGRESSED) if reading.is_compared() else []
    return max(regressed, key=lambda m: m.probability or 0.0, default=None)


def _warning(
    reading: ChangeReading, worst: CriterionMargin, *, lines: list[str], view: View
) -> types.Diagnostic:
    unit = reading.change.unit
    concern = None if worst.concern is None else worst.concern.concern
    costliest = () if reading.points_before else worst.costliest
    what = worst.criterion.words.capitalize()
    why = "" if concern is None else f": {concern.title}"
    gone = "; the code that was taken out was worth more" if reading.points_before else ""
    others = [m.criterion.code for m in reading.judged(Verdict.REGRESSED) if m is not worst]
    also = f"; also {', '.join(others)}" if others else ""
    chance = min(99, math.floor(100 * (worst.probability or 0.0)))
    code = worst.criterion.kebab if concern is None else concern.name
    place = _place(unit, costliest, lines, view)
    return types.Diagnostic(
        range=place,
        message=f"{what} regressed ({chance} % likely){why}{gone}{also}",
        severity=types.DiagnosticSeverity.Warning,
        code=code,
        code_description=_link(code, view),
        source=SOURCE,
        related_information=[*_before(reading, place, view), *_others(costliest, view)] or None,
        data={
            "kind": "regression",
            "unit": unit.name,
            "line": unit.start_line,
            "criterion": worst.criterion.value,
            "margin": worst.margin,
            "probability": worst.probability,
        },
    )


def _before(
    reading: ChangeReading, place: types.Range, view: View
) -> list[types.DiagnosticRelatedInformation]:
    """Return what stood where the warning points."""
    before, after = reading.change.before, reading.change.after
    if not view.with_related or before is None or after is None:
        return []
    old, new = before.text.split("\n"), after.text.split("\n")
    line = place.start.line + 1 - after.start_line
    for hunk in find_hunks(old, new):
        if not (hunk.right_start <= line < hunk.right_end or reading.points_before):
            continue
        went = [text.strip() for text in old[hunk.left_start : hunk.left_end] if text.strip()]
        if went:
            more = f" (and {len(went) - 1} more lines)" if len(went) > 2 else ""
            shown = " ⏎ ".join(went[:1] if more else went)
            message = f"in {view.base}: {shown[:_SHOWN_CHARACTERS]}{more}"
            return [types.DiagnosticRelatedInformation(types.Location(view.uri, place), message)]
    return []


def _hint(finding: Finding, *, lines: list[str], view: View) -> types.Diagnostic:
    unit, weakest = finding.reading.unit, finding.weakest
    return types.Diagnostic(
        range=_place(unit, weakest.costliest, lines, view),
        message=f"{unit.name}: {comparison(finding)}",
        severity=types.DiagnosticSeverity.Hint,
        code=weakest.criterion.kebab,
        code_description=_link(weakest.criterion.kebab, view),
        source=SOURCE,
        related_information=_others(weakest.costliest, view) or None,
        data={
            "kind": "weak",
            "unit": unit.name,
            "line": unit.start_line,
            "criterion": weakest.criterion.value,
            "percentile": finding.percentile,
        },
    )


def _place(
    unit: Unit, costliest: tuple[LineCost, ...], lines: list[str], view: View
) -> types.Range:
    """Return the costliest line or, if none costs anything, the first of the unit."""
    if costliest:
        return _cost_range(costliest[0], view)
    text = lines[unit.start_line - 1]
    blanks = len(text) - len(text.lstrip())
    return line_range(
        unit.start_line,
        text,
        start=blanks + 1,
        end=len(text.rstrip()) + 1,
        encoding=view.encoding,
    )


def _others(
    costliest: tuple[LineCost, ...], view: View
) -> list[types.DiagnosticRelatedInformation]:
    if not view.with_related:
        return []
    return [
        types.DiagnosticRelatedInformation(
            types.Location(view.uri, _cost_range(cost, view)), "costs next most"
        )
        for cost in costliest[1:]
    ]


def _link(code: str, view: View) -> types.CodeDescription | None:
    link = view.links.get(code)
    return None if link is None else types.CodeDescription(link)


def _cost_range(cost: LineCost, view: View) -> types.Range:
    return line_range(
        cost.line,
        cost.text,
        start=cost.start_column,
        end=cost.end_column,
        encoding=view.encoding,
    )
