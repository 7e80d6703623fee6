"""Changed units, for reading: the margins, and the lines that cost most."""

from __future__ import annotations

from collections.abc import Iterator

from themis_lsp.changes.change import Change, ChangeKind
from themis_lsp.judgement.comparison import ChangeReading, CriterionMargin, is_ranked_change
from themis_lsp.judgement.pointing import LineCost
from themis_lsp.report.excerpt import Layout, make_visible, style
from themis_lsp.report.lines import excerpt_lines
from themis_lsp.report.review import ReviewedChanges
from themis_lsp.report.wording import kind_words, lines_to_show, signed


def full_change_lines(changes: ReviewedChanges, layout: Layout) -> Iterator[str]:
    """Yield the changes shown, each with the lines that cost most, and what is not shown."""
    for reading in changes.shown:
        unit = reading.change.unit
        place = style(f"{make_visible(unit.path, layout)}:{unit.start_line}", layout, bold=True)
        name = make_visible(unit.name, layout)
        happened = make_visible(_happened(reading.change), layout)
        yield f"{place} {name}{kind_words(unit)}, {happened}"
        yield f"  {_margins(reading)}"
        lowest, lines = _costly(reading)
        if lowest is not None and lines:
            code = style(lowest.criterion.code, layout, fg="yellow", bold=True)
            where = "by what went from these lines" if reading.points_before else "by these lines"
            yield f"  {code} {lowest.criterion.words} loses most, {where}:"
            yield from excerpt_lines(lines, color="yellow", layout=layout)
        yield ""
    closing = _closing(changes)
    if closing:
        yield closing
        yield ""


def concise_change_lines(changes: ReviewedChanges, layout: Layout) -> Iterator[str]:
    """Yield ``path:line:column: modified name: FC -0.10, ...`` for each change shown."""
    for reading in changes.shown:
        unit = reading.change.unit
        lowest, lines = _costly(reading)
        costly = ""
        if lowest is not None and lines:
            numbers = ", ".join(str(cost.line) for cost in lines)
            removed = "lines taken away" if reading.points_before else "lines"
            costly = f"; costliest {removed} {numbers} ({lowest.criterion.code})"
        path, name = make_visible(unit.path, layout), make_visible(unit.name, layout)
        yield (
            f"{path}:{unit.start_line}:{reading.start_column}: {name}: "
            f"{make_visible(_happened(reading.change), layout)}: {_margins(reading)}{costly}"
        )


def _closing(changes: ReviewedChanges) -> str:
    """What is not shown."""
    hidden = [r.change for r in changes.readings if r.margins and r not in changes.shown]
    ranked = sum(map(is_ranked_change, hidden))
    small = len(hidden) - ranked
    parts = []
    if ranked:
        parts.append(f"{ranked} more changed; --top {len(changes.shown) + ranked} shows them all")
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
    """The criterion that a change loses most on, if it loses, and where."""
    lowest = reading.lowest
    if lowest is None or lowest.margin >= 0:
        return None, ()
    return lowest, lines_to_show(lowest.costliest)
