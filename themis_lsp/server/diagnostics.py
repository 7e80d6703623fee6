"""What an editor shows in place: regressions, what is likely wrong, weak units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lsprotocol import types

from themis_lsp.judgement.changed import find_hunks
from themis_lsp.judgement.comparison import ChangeReading, CriterionMargin
from themis_lsp.judgement.findings import Finding, choose_findings, is_ranked, rank_findings
from themis_lsp.judgement.fingerprint import fingerprint
from themis_lsp.judgement.pointing import LineCost
from themis_lsp.judgement.verdict import Verdict
from themis_lsp.report.wording import comparison, sure_words
from themis_lsp.server.analysis import Analysis
from themis_lsp.server.positions import line_range
from themis_lsp.suppressions.read import SuppressionNote
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


@dataclass(frozen=True, slots=True)
class _Page:
    """The lines of a document, and how it is to be shown."""

    lines: Sequence[str]
    view: View


def diagnose(analysis: Analysis, view: View) -> list[types.Diagnostic]:
    """Return the diagnostics of a document in the order of its lines.

    A unit that got worse is a warning; one that probably did, by what looks wrong with it,
    information; a weak one a hint, unless it is in one of the others already.
    """
    page = _Page(analysis.text.split("\n"), view)
    shown, told = [], set()
    for reading in analysis.changes:
        worst, unit = _regression(reading), reading.change.after
        if unit is None or not reading.is_compared():
            continue
        if worst is not None:
            shown.append(_warning(reading, worst, page))
        elif reading.suspected:
            shown.append(_suspicion(reading, page))
        else:
            continue
        told.add(unit.start_byte)
    if view.with_hints:
        ranked = [r for r in analysis.readings if is_ranked(r.unit)]
        for finding in choose_findings(rank_findings(ranked), top=None):
            if finding.reading.unit.start_byte not in told:
                shown.append(_hint(finding, page))
    shown += [_note(note, page) for note in analysis.notes]
    return sorted(shown, key=lambda one: (one.range.start.line, one.range.start.character))


def _note(note: SuppressionNote, page: _Page) -> types.Diagnostic:
    """Return what is amiss with a suppression, on its line."""
    return types.Diagnostic(
        range=_line(note.line, page),
        message=note.message,
        severity=types.DiagnosticSeverity.Information,
        code="suppression",
        source=SOURCE,
        data={"kind": "suppression", "line": note.line},
    )


def _regression(reading: ChangeReading) -> CriterionMargin | None:
    """Return the likeliest regression."""
    regressed = reading.judged(Verdict.REGRESSED)
    return max(regressed, key=lambda m: m.probability or 0.0, default=None)


def _warning(reading: ChangeReading, worst: CriterionMargin, page: _Page) -> types.Diagnostic:
    what = worst.criterion.words.capitalize()
    why = "" if worst.concern is None else f": {worst.concern.concern.title}"
    gone = "; the code that was taken out was worth more" if reading.points_before else ""
    others = [m.criterion.code for m in reading.judged(Verdict.REGRESSED) if m is not worst]
    also = f"; also {', '.join(others)}" if others else ""
    chance = sure_words(100 * (worst.probability or 0.0))
    diagnostic = _about(reading, worst, page)
    diagnostic.message = f"{what} regressed ({chance} likely){why}{gone}{also}"
    diagnostic.severity = types.DiagnosticSeverity.Warning
    return diagnostic


def _suspicion(reading: ChangeReading, page: _Page) -> types.Diagnostic:
    """Return what is likely wrong on a criterion that the model claims no threshold for."""
    suspected = reading.suspected
    titles = [m.concern.concern.title for m in suspected if m.concern is not None]
    diagnostic = _about(reading, suspected[0], page)
    diagnostic.message = f"Likely {'; '.join(titles)} ({suspected[0].criterion.words})"
    diagnostic.severity = types.DiagnosticSeverity.Information
    return diagnostic


def _about(reading: ChangeReading, margin: CriterionMargin, page: _Page) -> types.Diagnostic:
    """Return a diagnostic about a change, yet without a message.

    It is on the line that lost most or, where code was only taken away, below where that stood.
    """
    unit, view = reading.change.unit, page.view
    costliest = () if reading.points_before else margin.costliest
    code = margin.criterion.kebab if margin.concern is None else margin.concern.concern.name
    gap = _gap(reading, margin) if reading.points_before else None
    place = _place(unit, costliest, page) if gap is None else _line(gap, page)
    return types.Diagnostic(
        range=place,
        message="",
        code=code,
        code_description=_link(code, view),
        source=SOURCE,
        related_information=[*_before(reading, place, view), *_others(costliest, view)] or None,
        data={
            "kind": "regression" if margin.verdict is Verdict.REGRESSED else "suspicion",
            "unit": unit.name,
            "line": unit.start_line,
            "criterion": margin.criterion.value,
            "margin": margin.margin,
            "probability": margin.probability,
            "fingerprint": fingerprint(unit, margin.criterion),
        },
    )


def _gap(reading: ChangeReading, margin: CriterionMargin) -> int | None:
    """Return the line below where the costliest line stood that was taken away."""
    before, after = reading.change.before, reading.change.after
    if before is None or after is None or not margin.costliest:
        return None
    old, new = before.text.split("\n"), after.text.split("\n")
    gone = margin.costliest[0].line - before.start_line
    for hunk in find_hunks(old, new):
        if hunk.left_start <= gone < hunk.left_end:
            return after.start_line + _below(hunk.right_start, new)
    return None


def _below(index: int, lines: Sequence[str]) -> int:
    """Return the first line from ``index`` on that is not blank, the last one if all are."""
    return next((i for i in range(index, len(lines)) if lines[i].strip()), len(lines) - 1)


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
        is_gone = reading.points_before and hunk.right_start == hunk.right_end
        is_below = is_gone and line == _below(hunk.right_start, new)
        if not (hunk.right_start <= line < hunk.right_end or is_below):
            continue
        went = [text.strip() for text in old[hunk.left_start : hunk.left_end] if text.strip()]
        if went:
            more = f" (and {len(went) - 1} more lines)" if len(went) > 2 else ""
            shown = " ⏎ ".join(went[:1] if more else went)
            message = f"in {view.base}: {shown[:_SHOWN_CHARACTERS]}{more}"
            return [types.DiagnosticRelatedInformation(types.Location(view.uri, place), message)]
    return []


def _hint(finding: Finding, page: _Page) -> types.Diagnostic:
    unit, weakest, view = finding.reading.unit, finding.weakest, page.view
    return types.Diagnostic(
        range=_place(unit, weakest.costliest, page),
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
            "fingerprint": fingerprint(unit, weakest.criterion),
        },
    )


def _place(unit: Unit, costliest: tuple[LineCost, ...], page: _Page) -> types.Range:
    """Return the costliest line or, if none costs anything, the first of the unit."""
    if costliest:
        return _cost_range(costliest[0], page.view)
    return _line(unit.start_line, page)


def _line(line: int, page: _Page) -> types.Range:
    """Return what stands on a line, without the blanks around."""
    text = page.lines[line - 1]
    return line_range(
        line,
        text,
        start=len(text) - len(text.lstrip()) + 1,
        end=len(text.rstrip()) + 1,
        encoding=page.view.encoding,
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
