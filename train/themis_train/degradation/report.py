"""What a run made, and what operators there are, as tables to print."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.operators import Operator
from themis_train.degradation.run import Degradation


def format_degradation(made: Degradation) -> str:
    """Return the pairs per criterion and language, and what was left out for balance."""
    pairs = [*made.learned.pairs, *made.held_out.pairs]
    surplus = made.learned.surplus + made.held_out.surplus
    counts = Counter((pair.criterion, pair.language) for pair in pairs)
    used = [lang for lang in Language if any(key[1] is lang for key in (*counts, *surplus))]
    signs = Counter(pair.sides.length_sign for pair in pairs)
    lines = [
        *format_table(_cells("pairs", counts, used)),
        "",
        *format_table(_cells("left out for balance", surplus, used)),
        "",
        f"{len(pairs):,} pairs from {made.file_count:,} files by "
        f"{len({pair.operator for pair in pairs})} operators; "
        f"better side longer {signs[1]:,}, shorter {signs[-1]:,}, equal {signs[0]:,}",
    ]
    return "\n".join(lines)


def format_operators(operators: Iterable[Operator]) -> str:
    """Return one line for each operator: its name, languages and what it does, by criterion."""
    known = list(operators)
    lines = []
    for criterion in Criterion:
        own = [operator for operator in known if operator.criterion is criterion]
        if own:
            lines += [f"{criterion.words} ({criterion.code}): {len(own)} operators"]
            lines += [f"  {line}" for line in _describe(own)] + [""]
    return "\n".join(lines).rstrip()


def name_languages(operator: Operator) -> str:
    """Return an operator's languages for a reader, in the usual order."""
    if len(operator.languages) == len(Language):
        return "all"
    return ", ".join(language for language in Language if language in operator.languages)


def _describe(operators: Sequence[Operator]) -> Iterator[str]:
    width = max(len(operator.name) for operator in operators)
    for operator in operators:
        yield f"{operator.name.ljust(width)}  {operator.summary} [{name_languages(operator)}]"


def _cells(
    title: str, counts: Counter[tuple[Criterion, Language]], languages: Sequence[Language]
) -> list[list[str]]:
    rows = [[title, *languages, "all"]]
    for criterion in Criterion:
        cells = [counts[criterion, language] for language in languages]
        rows.append([criterion.words, *(f"{count:,}" for count in (*cells, sum(cells)))])
    totals = [sum(counts[criterion, lang] for criterion in Criterion) for lang in languages]
    return [*rows, ["all", *(f"{count:,}" for count in (*totals, sum(totals)))]]


def format_table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the rows of a table, the first column to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        numbers = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        yield "  ".join([first.ljust(widths[0]), *numbers])
