"""Costly lines as excerpts: the code, underlined, with what each costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from themis_lsp.judgement.pointing import LineCost
from themis_lsp.report.excerpt import Layout, cut_excerpt, style
from themis_lsp.report.wording import cost_words

_COST_COLUMNS = 10


def excerpt_lines(costs: Sequence[LineCost], *, color: str, layout: Layout) -> Iterator[str]:
    """Yield two lines for each of ``costs``, their line numbers aligned."""
    gutter = max((len(str(cost.line)) for cost in costs), default=0)
    for cost in costs:
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
    number = style(f"{cost.line:>{gutter}} {rule}", layout, fg="blue")
    blank = style(f"{'':>{gutter}} {rule}", layout, fg="blue")
    carets = style(f"{'^' * excerpt.underline_width} -{cost_words(cost.cost)}", layout, fg=color)
    yield f"  {number} {excerpt.text}"
    yield f"  {blank} {' ' * excerpt.underline_start}{carets}"
