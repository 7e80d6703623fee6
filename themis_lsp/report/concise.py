"""One line per finding, as compilers do: for editors, grep and logs."""

from __future__ import annotations

from collections.abc import Iterator

from themis_lsp.judgement.pointing import telling_lines
from themis_lsp.report.changes import concise_change_lines
from themis_lsp.report.excerpt import Layout, make_visible
from themis_lsp.report.review import Review
from themis_lsp.report.wording import (
    also_weak,
    comparison,
    percentile_words,
    place,
    verdict,
)


def concise_lines(review: Review, layout: Layout) -> Iterator[str]:
    """Yield ``path:line:column: RM percentile 3 name: message`` for each finding shown.

    In a review of changes those with margins come first, and the findings are new units.
    """
    if review.changes is not None:
        yield from concise_change_lines(review.changes, layout)
    for finding in review.shown:
        reading, weakest = finding.reading, finding.weakest
        costly = ", ".join(str(cost.line) for cost in telling_lines(weakest.costliest))
        yield (
            f"{place(reading, layout)}:{reading.start_column}: {weakest.criterion.code} "
            f"percentile {percentile_words(weakest)}{verdict(finding, review.min_percentile)} "
            f"{make_visible(reading.unit.name, layout)}: {comparison(finding)}"
            f"{also_weak(finding)}{f'; costliest lines {costly}' if costly else ''}"
        )
