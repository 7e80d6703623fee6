"""What the codes of diagnostics mean, in sentences, and as a page to link to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from themis_lsp.concerns import all_concerns
from themis_lsp.criteria import Criterion
from themis_lsp.report.formats.rules import rule_help

_TITLE = "# What Themis Review looks for"


def explain(code: str) -> str | None:
    """Return what a code means and what to do about it; None for one that is not ours."""
    return dict(_entries()).get(code)


def write_page(folder: Path) -> Mapping[str, str]:
    """Write a page about all codes into ``folder``; return a link to the part about each.

    Raises OSError when it cannot be written.
    """
    lines, places = [_TITLE, ""], {}
    for code, text in _entries():
        places[code] = len(lines) + 1
        lines += [f"## {code}", "", text, ""]
    page = folder / "themis-review.md"
    page.write_text("\n".join(lines), encoding="utf-8")
    return {code: f"{page.as_uri()}#L{line}" for code, line in places.items()}


def _entries() -> Iterator[tuple[str, str]]:
    for criterion in Criterion:
        yield criterion.kebab, f"{criterion.words.capitalize()}: {rule_help(criterion)}"
    for concern in all_concerns().values():
        title = concern.title[0].upper() + concern.title[1:]
        yield concern.name, f"{title}. {concern.why} Instead: {concern.remedy}"
