"""What a run brought, as a table to print."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.mining.drops import Drop
from themis_train.mining.run import Mined


def format_mined(mined: Mined) -> str:
    """Return the pairs per criterion and language, and what was dropped and why."""
    languages = [lang for lang in Language if any(key[1] == lang for key in mined.pairs)]
    rows = [["pairs", *languages, "all"]]
    for criterion in Criterion:
        counts = [mined.pairs[criterion, language.value] for language in languages]
        rows.append([criterion.words, *map(_show, counts), _show(sum(counts))])
    totals = [sum(mined.pairs[c, language.value] for c in Criterion) for language in languages]
    rows.append(["all", *map(_show, totals), _show(sum(totals))])
    drops = [["of the commits", _show(mined.commit_count)], ["became pairs", _show(sum(totals))]]
    drops += [[drop.value, _show(mined.dropped[drop])] for drop in Drop if mined.dropped[drop]]
    return "\n".join([*_table(rows), "", *_table(drops)])


def _show(count: int) -> str:
    return f"{count:,}"


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        numbers = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        yield "  ".join([first.ljust(widths[0]), *numbers])
