"""What a review has to say line by line, flat, for every format that tools read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from themis_lsp.criteria import Criterion
from themis_lsp.judgement.comparison import ChangeReading, CriterionMargin, is_ranked_change
from themis_lsp.judgement.findings import Finding, bar
from themis_lsp.judgement.fingerprint import fingerprint, hash_parts
from themis_lsp.judgement.pointing import LineCost, telling_lines
from themis_lsp.judgement.readings import CriterionReading, UnitReading
from themis_lsp.judgement.silence import Silence
from themis_lsp.judgement.verdict import Verdict
from themis_lsp.report.excerpt import Layout, make_visible
from themis_lsp.report.review import Review
from themis_lsp.report.wording import signed, sure_words
from themis_lsp.units.unit import Unit

PLAIN = Layout(width=160, encoding="utf-8", is_colored=False)
NOT_REVIEWED = "not-reviewed"
SUPPRESSION = "suppression"


class Severity(StrEnum):
    """How much a remark matters: an error fails the run."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing said of one place.

    ``criterion`` is None for what could not be reviewed, whose ``path`` may be empty and whose
    ``unit`` is, and for a suppression that is amiss, whose ``unit`` is ``SUPPRESSION``. Lines and
    columns are 1-based, columns count code points, ``end_column`` is exclusive; it is None, and
    ``text`` (the whole line) empty, where the place is just the start of a unit or a line.
    ``message`` holds no control characters. ``fingerprint`` is 64 hex digits that stay the same
    when code moves, and no two remarks of a review share one. ``silence`` says who has accepted
    what it tells.
    """

    path: str
    unit: str
    line: int
    start_column: int
    end_column: int | None
    text: str
    criterion: Criterion | None
    severity: Severity
    message: str
    fingerprint: str
    silence: Silence | None = None

    @property
    def rule(self) -> str:
        """The name of what was looked at, e.g. ``runtime-efficiency``."""
        if self.criterion is not None:
            return self.criterion.kebab
        return self.unit or NOT_REVIEWED


def make_remarks(review: Review, *, with_silenced: bool = False) -> list[Remark]:
    """Return the remarks of a review: what failed first, then changes, then weak units.

    Then comes what is amiss with suppressions and, ``with_silenced``, what someone has accepted.
    """
    remarks = [*_problems(review), *_of_changes(review), *_of_units(review), *_notes(review)]
    if with_silenced:
        remarks += _silenced(review)
    seen: Counter[str] = Counter()
    unique = []
    for remark in remarks:
        key, count = remark.fingerprint, seen[remark.fingerprint]
        # The same code once more: in another file, or in this one.
        unique.append(
            replace(remark, fingerprint=hash_parts(key, remark.path, count)) if count else remark
        )
        seen[key] += 1
    return unique


def change_severity(review: Review, reading: ChangeReading, margin: CriterionMargin) -> Severity:
    """Return how much a margin matters: one that fails the gate is an error, else a regression a
    warning. Without a verdict a margin is only noted: nothing says what it means.
    """
    if _fails_gate(review, reading, margin):
        return Severity.ERROR
    return Severity.WARNING if margin.verdict is Verdict.REGRESSED else Severity.NOTE


def unit_severity(review: Review, reading: CriterionReading) -> Severity:
    """Return how much a percentile matters: an error under the user's bar, else a note."""
    bar_set, percentile = review.min_percentile, reading.percentile
    is_failing = bar_set is not None and percentile is not None and percentile < bar_set
    return Severity.ERROR if is_failing else Severity.NOTE


def margin_words(margin: CriterionMargin) -> str:
    """Return ``regressed (91 % likely): margin -0.42``; of an unjudged one only the margin."""
    words = f"margin {signed(margin.margin)}{', suppressed' if margin.silence else ''}"
    if margin.verdict is not Verdict.REGRESSED or margin.probability is None:
        return words
    likely = "" if margin.concern is None else f", likely {margin.concern.concern.name}"
    return f"regressed ({sure_words(100 * margin.probability)} likely): {words}{likely}"


def _fails_gate(review: Review, reading: ChangeReading, margin: CriterionMargin) -> bool:
    """Whether the review says that this margin fails the run."""
    failures = () if review.gate is None else review.gate.failures
    return any(
        trial.reading is reading and trial.margin.criterion is margin.criterion
        for trial in failures
    )


def _problems(review: Review) -> Iterator[Remark]:
    for problem in review.problems:
        yield Remark(
            path=problem.path,
            unit="",
            line=1,
            start_column=1,
            end_column=None,
            text="",
            criterion=None,
            severity=Severity.ERROR,
            message=make_visible(problem.message, PLAIN),
            fingerprint=hash_parts(NOT_REVIEWED, problem.path, problem.message),
        )


def _notes(review: Review) -> Iterator[Remark]:
    for note in review.notes:
        message = make_visible(note.message, PLAIN)
        yield Remark(
            path=note.path,
            unit=SUPPRESSION,
            line=note.line,
            start_column=1,
            end_column=None,
            text="",
            criterion=None,
            severity=Severity.NOTE,
            message=message[0].upper() + message[1:],
            fingerprint=hash_parts(SUPPRESSION, note.path, note.kind.value, message),
        )


def _of_changes(review: Review) -> Iterator[Remark]:
    """Every regression of a ranked unit; without verdicts, what is shown loses most on."""
    if review.changes is None:
        return
    shown = review.changes.shown
    regressed = [
        (reading, margin)
        for reading in review.changes.readings
        for margin in reading.margins
        if _fails_gate(review, reading, margin)
        or (
            margin.standing is Verdict.REGRESSED
            and (is_ranked_change(reading.change) or reading in shown)
        )
    ]
    unjudged = [
        (reading, reading.lowest)
        for reading in shown
        if reading.lowest is not None
        and reading.verdict is Verdict.SKIPPED
        and reading.lowest.margin < 0
    ]
    for reading, margin in (*regressed, *unjudged):
        yield _of_margin(reading, margin, change_severity(review, reading, margin))


def _of_margin(reading: ChangeReading, margin: CriterionMargin, severity: Severity) -> Remark:
    costliest = () if reading.points_before else margin.costliest
    words = _capital(margin.criterion)
    happened = margin_words(margin)
    separator = " " if margin.verdict is Verdict.REGRESSED else ": "
    unit = make_visible(reading.change.unit.name, PLAIN)
    side = "taken away " if reading.points_before else ""
    return _remark(
        reading.change.unit,
        start_column=reading.start_column,
        costliest=costliest,
        criterion=margin.criterion,
        said=(
            severity,
            f"{words} of {unit}{separator}{happened}{_costliest(margin.costliest, side)}",
        ),
    )


def _of_units(review: Review) -> Iterator[Remark]:
    """The weak units shown, and all that are under the user's bar, on each criterion they fail."""
    percentile = bar(review.min_percentile)
    for finding in review.findings:
        is_failing = review.min_percentile is not None and finding.is_below(percentile)
        if is_failing or finding in review.shown:
            yield from _of_finding(finding, review, percentile)


def _of_finding(finding: Finding, review: Review, percentile: int) -> Iterator[Remark]:
    for reading in finding.reading.readings:
        value = reading.percentile
        if value is None or reading.silence is not None:
            continue
        if value < percentile or reading is finding.weakest:
            yield _of_reading(finding.reading, reading, unit_severity(review, reading))


def _of_reading(whole: UnitReading, reading: CriterionReading, severity: Severity) -> Remark:
    unit = whole.unit
    assert reading.percentile is not None
    share = sure_words(100 - reading.percentile)
    return _remark(
        unit,
        start_column=whole.start_column,
        costliest=reading.costliest,
        criterion=reading.criterion,
        said=(
            severity,
            f"{_capital(reading.criterion)} of {make_visible(unit.name, PLAIN)}: weaker than "
            f"{share} of comparable {unit.language} code{_costliest(reading.costliest)}",
        ),
    )


def _silenced(review: Review) -> Iterator[Remark]:
    """What someone has accepted, as it would be told."""
    changes = () if review.changes is None else review.changes.readings
    for change in changes:
        for margin in change.silenced:
            remark = _of_margin(change, margin, change_severity(review, change, margin))
            yield replace(remark, silence=margin.silence)
    for whole in review.readings:
        for reading in whole.silenced:
            remark = _of_reading(whole, reading, unit_severity(review, reading))
            yield replace(remark, silence=reading.silence)


def _remark(
    unit: Unit,
    *,
    start_column: int,
    costliest: tuple[LineCost, ...],
    criterion: Criterion,
    said: tuple[Severity, str],
) -> Remark:
    at = costliest[0] if costliest else None
    severity, message = said
    return Remark(
        path=unit.path,
        unit=unit.name,
        line=unit.start_line if at is None else at.line,
        start_column=start_column if at is None else at.start_column,
        end_column=None if at is None else at.end_column,
        text="" if at is None else at.text,
        criterion=criterion,
        severity=severity,
        message=message,
        fingerprint=fingerprint(unit, criterion),
    )


def _costliest(costs: tuple[LineCost, ...], side: str = "") -> str:
    lines = [str(cost.line) for cost in telling_lines(costs)]
    if not lines:
        return ""
    return f"; costliest {side}line{'s' if len(lines) > 1 else ''} {', '.join(lines)}"


def _capital(criterion: Criterion) -> str:
    return criterion.words[0].upper() + criterion.words[1:]
