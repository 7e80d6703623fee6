"""The format for reading: each finding with the lines that cost most."""

from __future__ import annotations

from collections.abc import Iterator

import click

from themis_lsp.judgement.findings import Finding, bar
from themis_lsp.judgement.readings import LineCost
from themis_lsp.report.excerpt import Layout, cut_excerpt, make_visible
from themis_lsp.report.review import Review
from themis_lsp.report.wording import (
    also_weak,
    comparison,
    cost_words,
    lines_to_show,
    percentile_words,
    place,
    verdict,
)
from themis_lsp.units.unit import UnitKind

_COST_COLUMNS = 10


def full_lines(review: Review, layout: Layout) -> Iterator[str]:
    """Yield the report line by line, without the summary."""
    for finding in review.shown:
        yield from _finding_lines(finding, review.min_percentile, layout)
        yield ""
    closing = _closing(review, layout)
    if closing:
        yield closing


def _finding_lines(finding: Finding, min_percentile: int | None, layout: Layout) -> Iterator[str]:
    unit, weakest = finding.reading.unit, finding.weakest
    name = make_visible(unit.name, layout)
    kind = "" if unit.kind is UnitKind.STATEMENTS else f" ({unit.kind})"
    yield f"{_style(place(finding.reading, layout), layout, bold=True)} {name}{kind}"
    lines = lines_to_show(weakest)
    gutter = max((len(str(cost.line)) for cost in lines), default=0)
    color = "red" if verdict(finding, min_percentile) else "yellow"
    code = _style(weakest.criterion.code, layout, fg=color, bold=True)
    yield (
        f"  {code} percentile {percentile_words(weakest)}{verdict(finding, min_percentile)}: "
        f"{comparison(finding)}{also_weak(finding)}"
    )
    for cost in lines:
        yield from _cost_lines(cost, gutter, color=color, layout=layout)


def _cost_lines(cost: LineCost, gutter: int, *, color: str, layout: Layout) -> Iterator[str]:
    rule = layout.pick("│", "|")
    excerpt = cut_excerpt(
        cost.text,
        cost.start_column - 1,
        cost.end_column - 1,
        width=layout.width - gutter - len("  | ") - _COST_COLUMNS,
        layout=layout,
    )
    number = _style(f"{cost.line:>{gutter}} {rule}", layout, fg="blue")
    blank = _style(f"{'':>{gutter}} {rule}", layout, fg="blue")
    carets = _style(f"{'^' * excerpt.underline_width} -{cost_words(cost.cost)}", layout, fg=color)
    yield f"  {number} {excerpt.text}"
    yield f"  {blank} {' ' * excerpt.underline_start}{carets}"


def _closing(review: Review, layout: Layout) -> str:
    """What is not shown, or why nothing is."""
    percentile = bar(review.min_percentile)
    below = sum(finding.is_below(percentile) for finding in review.findings)
    hidden = below - len(review.shown)
    if hidden > 0:
        return f"{hidden} more below percentile {percentile}; --top {below} shows them all"
    if review.shown or not review.findings:
        return ""
    weakest = review.findings[0]
    name = make_visible(weakest.reading.unit.name, layout)
    return (
        f"nothing below percentile {percentile}; the weakest is "
        f"{place(weakest.reading, layout)} {name}, {weakest.weakest.criterion.code} percentile "
        f"{percentile_words(weakest.weakest)}"
    )


def _style(text: str, layout: Layout, *, fg: str | None = None, bold: bool | None = None) -> str:
    return click.style(text, fg=fg, bold=bold) if layout.is_colored else text
