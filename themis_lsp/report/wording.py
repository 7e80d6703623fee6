"""The words and figures that several formats share."""

from __future__ import annotations

import math
from collections.abc import Iterator

from themis_lsp.changes.change import ChangeKind
from themis_lsp.judgement.findings import Finding
from themis_lsp.judgement.readings import CriterionReading, UnitReading
from themis_lsp.judgement.verdict import Verdict
from themis_lsp.report.excerpt import Layout, make_visible
from themis_lsp.report.review import BaselineOutcome, Escalation, Review, ReviewedChanges
from themis_lsp.scoring.score import ScorerInfo
from themis_lsp.sources.source import SkipReason
from themis_lsp.units.unit import Unit, UnitKind

# Most of a folder is not source code and has no place in a summary of the review of that code.
_UNREMARKABLE = (SkipReason.UNKNOWN_LANGUAGE, SkipReason.HIDDEN, SkipReason.EMPTY)
_HASH_DIGITS = 12


def percentile_words(reading: CriterionReading) -> str:
    """Return the percentile as a whole number, rounded down: under a bar it never shows as on it.

    A percentile that is missing shows as ``?``.
    """
    return "?" if reading.percentile is None else str(math.floor(reading.percentile))


def sure_words(percent: float) -> str:
    """Return ``87 %``: rounded down and never a certainty, so that it says less, not more."""
    return f"{min(99, math.floor(percent))} %"


def comparison(finding: Finding) -> str:
    """Return what the percentile says; never "weaker than 100 %": reference code is a sample."""
    share = sure_words(100 - finding.percentile)
    language = finding.reading.unit.language
    words = finding.weakest.criterion.words
    return f"weaker than {share} of comparable {language} code on {words}"


def also_weak(finding: Finding) -> str:
    """Return the unit's other weak criteria, ``; also RM 4, FC 9``; empty when there are none."""
    others = [f"{r.criterion.code} {percentile_words(r)}" for r in finding.also_weak]
    return f"; also {', '.join(others)}" if others else ""


def verdict(finding: Finding, min_percentile: int | None) -> str:
    """Return ``, below 10`` for a finding under the bar, else nothing."""
    is_failing = min_percentile is not None and finding.is_below(min_percentile)
    return f", below {min_percentile}" if is_failing else ""


def place(reading: UnitReading, layout: Layout) -> str:
    """Return ``path:line`` of a unit."""
    return f"{make_visible(reading.unit.path, layout)}:{reading.unit.start_line}"


def kind_words(unit: Unit) -> str:
    """Return `` (method)``; nothing for statements, whose name says it."""
    return "" if unit.kind is UnitKind.STATEMENTS else f" ({unit.kind})"


def cost_words(cost: float) -> str:
    """Return a positive cost with two significant digits."""
    if cost >= 0.1:
        return f"{cost:.2f}"
    decimals = 1 - math.floor(math.log10(cost))
    return f"{cost:.{decimals}f}" if decimals <= 6 else f"{cost:.1e}"


def signed(value: float, *, decimals: int = 2) -> str:
    """Return a margin with its sign; one that rounds to nothing has none."""
    shown = f"{value:+.{decimals}f}"
    return shown if shown.strip("+-0.") else shown[1:]


def summarize(review: Review) -> str:
    """Return the line that says what was done: files, units, outcome, time, model, skipped."""
    units = _count(len(review.readings), "unit")
    asides = []
    if review.changes is not None:
        units = _count(len(review.changes.readings), "changed unit")
        asides += _kinds(review.changes)
        asides += _verdicts(review.changes)
    if review.too_short:
        asides.append(f"{review.too_short:,} too short to judge")
    if review.silenced:
        asides.append(f"{review.silenced:,} suppressed")
    parts = [f"{_count(review.files, 'file')}, {units}"]
    if asides:
        parts[0] += f" ({'; '.join(asides)})"
    if review.min_percentile is not None:
        failed = _count(review.failed, "unit") if review.failed else "no unit"
        parts[0] += f", {failed} below percentile {review.min_percentile}"
    if review.problems:
        parts[0] += f", {_count(len(review.problems), 'error')}"
    parts[0] += f" in {review.seconds:.1f} s"
    skipped = {r: n for r, n in review.skipped_by_reason.items() if r not in _UNREMARKABLE}
    if skipped:
        reasons = ", ".join(f"{count} {reason}" for reason, count in skipped.items())
        parts.append(f"skipped {reasons}")
    if review.changes is not None and review.changes.lacks_verdicts:
        parts.append("margins without verdicts: the model is not calibrated for changes")
    if review.info is not None:
        parts.append(_who(review.info))
    if review.escalation is not None:
        parts.append(_escalated(review.escalation))
    return "; ".join(parts)


def _escalated(escalation: Escalation) -> str:
    """Say what the second model was asked about."""
    asked = [
        _count(number, noun)
        for number, noun in ((escalation.changes, "change"), (escalation.units, "unit"))
        if number
    ]
    what = " and ".join(asked) or "nothing"
    return f"{what} escalated to {_who(escalation.info)}"


def _who(info: ScorerInfo) -> str:
    """Say which model it is and where it runs, and why not elsewhere."""
    why = " as CUDA does not run, see themis-review doctor" if info.fell_back else ""
    return f"{info.model} {info.bundle_sha256[:_HASH_DIGITS]} on {info.provider}{why}"


def baseline_lines(outcome: BaselineOutcome) -> Iterator[str]:
    """Yield what there is to say about the baseline, if anything."""
    settled = outcome.settled
    added, gone = (_count(len(some), "entry") for some in (settled.added, settled.gone))
    if settled.added and outcome.is_written:
        yield f"{outcome.file}: {added} added"
    if settled.gone:
        example = settled.gone[0]
        what = f"{gone} for code that is gone, such as {example.path} {example.unit}"
        if outcome.is_written:
            yield f"{outcome.file}: took out {what}"
        elif outcome.has_failed:
            yield (
                f"{outcome.file}: the baseline should have shrunk: {what}; run the review in your "
                "working tree and commit the file"
            )
        else:
            yield f"{outcome.file}: has {what}; a review of the working tree takes it out"


def _kinds(changes: ReviewedChanges) -> list[str]:
    counts = {kind: changes.count(kind) for kind in ChangeKind}
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in counts.items() if count)
    return [kinds] if kinds else []


def _verdicts(changes: ReviewedChanges) -> list[str]:
    if not changes.has_verdicts:
        return []
    counts = changes.verdicts
    names = {verdict: verdict.value for verdict in Verdict} | {Verdict.SKIPPED: "not judged"}
    order = (Verdict.STABLE, Verdict.IMPROVED, Verdict.REGRESSED, Verdict.SKIPPED)
    return [", ".join(f"{counts[v]:,} {names[v]}" for v in order if counts[v])]


def _count(number: int, noun: str) -> str:
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"
