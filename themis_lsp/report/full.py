"""The format for reading: each finding with the lines that cost most."""

from __future__ import annotations

from collections.abc import Iterator

from themis_lsp.judgement.findings import Finding, bar
from themis_lsp.judgement.pointing import telling_lines
from themis_lsp.report.changes import full_change_lines
from themis_lsp.report.excerpt import Layout, make_visible, style
from themis_lsp.report.lines import excerpt_lines
from themis_lsp.report.review import Review
from themis_lsp.report.wording import (
    also_weak,
    comparison,
    kind_words,
    percentile_words,
    place,
    verdict,
)


def full_lines(review: Review, layout: Layout) -> Iterator[str]:
    """Yield the report line by line, without the summary."""
    if review.changes is not None:
        yield from full_change_lines(review.changes, layout)
    for finding in review.shown:
        yield from _finding_lines(finding, review, layout)
        yield ""
    closing = _closing(review, layout)
    if closing:
        yield closing


def _finding_lines(finding: Finding, review: Review, layout: Layout) -> Iterator[str]:
    unit, weakest = finding.reading.unit, finding.weakest
    min_percentile, is_new = review.min_percentile, review.changes is not None
    name = make_visible(unit.name, layout)
    heading = style(place(finding.reading, layout), layout, bold=True)
    yield f"{heading} {name}{kind_words(unit)}{', new' if is_new else ''}"
    color = "red" if verdict(finding, min_percentile) else "yellow"
    code = style(weakest.criterion.code, layout, fg=color, bold=True)
    yield (
        f"  {code} percentile {percentile_words(weakest)}{verdict(finding, min_percentile)}: "
        f"{comparison(finding)}{also_weak(finding)}"
    )
    yield from excerpt_lines(telling_lines(weakest.costliest), color=color, layout=layout)


def _closing(review: Review, layout: Layout) -> str:
    """What is not shown, or why nothing is."""
    new = "" if review.changes is None else "new units: "
    percentile = bar(review.min_percentile)
    below = sum(finding.is_below(percentile) for finding in review.findings)
    hidden = below - len(review.shown)
    if hidden > 0:
        return f"{new}{hidden} more below percentile {percentile}; --top {below} shows them all"
    if review.shown or not review.findings:
        return ""
    weakest = review.findings[0]
    name = make_visible(weakest.reading.unit.name, layout)
    return (
        f"{new}nothing below percentile {percentile}; the weakest is "
        f"{place(weakest.reading, layout)} {name}, {weakest.weakest.criterion.code} percentile "
        f"{percentile_words(weakest.weakest)}"
    )
