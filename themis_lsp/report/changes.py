"""Changed units, for reading: verdicts or bare margins, and the lines that cost most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from themis_lsp.changes.change import Change, ChangeKind
from themis_lsp.judgement.comparison import ChangeReading, CriterionMargin, is_ranked_change
from themis_lsp.judgement.pointing import LineCost, telling_lines
from themis_lsp.judgement.verdict import Verdict
from themis_lsp.report.excerpt import Layout, make_visible, style
from themis_lsp.report.lines import excerpt_lines
from themis_lsp.report.review import ReviewedChanges
from themis_lsp.report.verdicts import (
    improvement_words,
    reason_words,
    regression_words,
    reversal_words,
    trade_off,
)
from themis_lsp.report.wording import kind_words, signed

_COLORS = {Verdict.REGRESSED: "red", Verdict.IMPROVED: "green"}


def full_change_lines(changes: ReviewedChanges, layout: Layout) -> Iterator[str]:
    """Yield the changes shown, each with the lines that cost most, and what is not shown."""
    for reading in changes.shown:
        unit = reading.change.unit
        place = style(f"{make_visible(unit.path, layout)}:{unit.start_line}", layout, bold=True)
        name = make_visible(unit.name, layout)
        happened = make_visible(_happened(reading.change), layout)
        yield f"{place} {name}{kind_words(unit)}, {happened}{_verdict(reading, layout)}"
        yield from _judgement_lines(reading, layout)
        yield from _costly_lines(reading, layout)
        yield ""
    closing = _closing(changes)
    if closing:
        yield closing
        yield ""


def concise_change_lines(changes: ReviewedChanges, layout: Layout) -> Iterator[str]:
    """Yield ``path:line:column: name: modified, regressed: ...`` for each change shown."""
    for reading in changes.shown:
        unit = reading.change.unit
        worst, lines = _costly(reading)
        asides = [_figures(reading), trade_off(reading)]
        asides += [f"{m.criterion.code} {_silenced(m, layout)}" for m in reading.silenced]
        if reading.reversal is not None:
            asides.append(reversal_words(reading.reversal))
        if worst is not None and lines:
            numbers = ", ".join(str(cost.line) for cost in lines)
            removed = "lines taken away" if reading.points_before else "lines"
            asides.append(f"costliest {removed} {numbers} ({worst.criterion.code})")
        path, name = make_visible(unit.path, layout), make_visible(unit.name, layout)
        happened = make_visible(_happened(reading.change), layout)
        is_judged = reading.verdict is not Verdict.SKIPPED
        yield (
            f"{path}:{unit.start_line}:{reading.start_column}: {name}: {happened}"
            f"{f', {reading.verdict}' if is_judged else ''}: {'; '.join(filter(None, asides))}"
        )


def _verdict(reading: ChangeReading, layout: Layout) -> str:
    """The verdict, for the end of a heading; nothing where there is none."""
    if reading.verdict is Verdict.SKIPPED or _is_only_suspected(reading):
        return ""
    color = _COLORS.get(reading.verdict)
    return f": {style(reading.verdict, layout, fg=color, bold=color is not None)}"


def _judgement_lines(reading: ChangeReading, layout: Layout) -> Iterator[str]:
    """Each criterion that was decided; the bare margins where none was."""
    regressed, improved = reading.judged(Verdict.REGRESSED), reading.judged(Verdict.IMPROVED)
    if not regressed and not improved:
        yield f"  {_margins(reading)}"
    for margin in reading.suspected:
        code = style(margin.criterion.code, layout, fg="yellow", bold=True)
        is_unjudged = margin.verdict is Verdict.SKIPPED
        but = "no threshold to judge by" if is_unjudged else "too small a loss to be sure"
        yield f"  {code} {margin.criterion.words}: {but}, but {reason_words(margin)}"
    for margin in regressed:
        code = style(margin.criterion.code, layout, fg="red", bold=True)
        yield f"  {code} {margin.criterion.words}: {regression_words(margin)}"
        yield f"     {reason_words(margin)}"
    for margin in reading.silenced:
        yield f"  {margin.criterion.code} {margin.criterion.words}: {_silenced(margin, layout)}"
    if regressed and improved:
        yield f"  {trade_off(reading)}"
        return
    for margin in reversed(improved):
        code = style(margin.criterion.code, layout, fg="green", bold=True)
        yield f"  {code} {margin.criterion.words} improved: {improvement_words(margin)}"


def _costly_lines(reading: ChangeReading, layout: Layout) -> Iterator[str]:
    worst, lines = _costly(reading)
    if reading.reversal is not None:
        yield f"  {reversal_words(reading.reversal)}"
    if worst is None or not lines:
        return
    color = "red" if worst.verdict is Verdict.REGRESSED else "yellow"
    code = style(worst.criterion.code, layout, fg=color, bold=True)
    where = "by what went from these lines" if reading.points_before else "by these lines"
    if worst.verdict is Verdict.REGRESSED:
        yield f"  {code} is lost {where}:"
    else:
        yield f"  {code} {worst.criterion.words} loses most, {where}:"
    yield from excerpt_lines(lines, color=color, layout=layout)


def _figures(reading: ChangeReading) -> str:
    """The criteria that were decided, in brief; the bare margins where none was."""
    regressed, improved = reading.judged(Verdict.REGRESSED), reading.judged(Verdict.IMPROVED)
    if regressed:
        return "; ".join(f"{m.criterion.code} {regression_words(m)}{_named(m)}" for m in regressed)
    if improved:
        words = [f"{m.criterion.code} {improvement_words(m)}" for m in reversed(improved)]
        return "; ".join(words)
    likely = "; ".join(f"{m.criterion.code} {reason_words(m)}" for m in reading.suspected)
    return "; ".join(filter(None, (_margins(reading), likely)))


def _is_only_suspected(reading: ChangeReading) -> bool:
    return bool(reading.suspected) and reading.verdict is not Verdict.REGRESSED


def _silenced(margin: CriterionMargin, layout: Layout) -> str:
    silence = margin.silence
    assert silence is not None
    lost = f"margin {signed(margin.margin)}"
    where = "the baseline" if silence.line is None else f"line {silence.line}"
    reason = f", {make_visible(silence.reason, layout)}" if silence.reason else ""
    return f"suppressed by {where}{reason} ({lost})"


def _named(margin: CriterionMargin) -> str:
    return "" if margin.concern is None else f", likely {margin.concern.concern.name}"


def _closing(changes: ReviewedChanges) -> str:
    """What is not shown."""
    hidden = [r for r in changes.readings if r.margins and r not in changes.shown]
    ranked = [reading for reading in hidden if is_ranked_change(reading.change)]
    small = len(hidden) - len(ranked)
    parts = []
    if changes.has_verdicts:
        counts = Counter(reading.verdict for reading in ranked)
        more = [f"{counts[v]} more {v}" for v in _COLORS if counts[v]]
        if more:
            top = len(changes.shown) + sum(counts[verdict] for verdict in _COLORS)
            parts.append(f"{', '.join(more)}; --top {top} shows them all")
    elif ranked:
        top = len(changes.shown) + len(ranked)
        parts.append(f"{len(ranked)} more changed; --top {top} shows them all")
    if small and all(is_ranked_change(reading.change) for reading in changes.shown):
        parts.append(f"{small} changed but too small to rank; --all-units shows them too")
    return "; ".join(parts)


def _happened(change: Change) -> str:
    before = change.before
    if before is None or change.kind is ChangeKind.MODIFIED:
        return change.kind.value
    is_elsewhere = change.after is not None and change.after.path != before.path
    where = f"{before.path}:{before.start_line} " if is_elsewhere else ""
    return f"{change.kind} from {where}{before.name}"


def _margins(reading: ChangeReading) -> str:
    return "  ".join(f"{m.criterion.code} {signed(m.margin)}" for m in reading.margins)


def _costly(reading: ChangeReading) -> tuple[CriterionMargin | None, tuple[LineCost, ...]]:
    """The criterion that tells most against a change, if it loses on it, and where.

    Lines of a change that is judged and did not regress are no one's concern.
    """
    worst = reading.worst
    is_fine = reading.verdict in (Verdict.STABLE, Verdict.IMPROVED)
    if _is_only_suspected(reading):
        worst, is_fine = reading.suspected[0], False
    if worst is None or worst.margin >= 0 or is_fine:
        return None, ()
    reversal = reading.reversal
    inside = () if reversal is None else reversal.costliest
    return worst, telling_lines(inside or worst.costliest)
