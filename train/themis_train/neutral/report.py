"""What a run made, and what operators there are, as text."""

from __future__ import annotations

from themis_lsp.languages import Language
from themis_train.degradation.report import format_table, name_languages
from themis_train.neutral.operators import Family
from themis_train.neutral.registry import OPERATORS
from themis_train.neutral.run import NeutralEdits


def format_neutral(made: NeutralEdits) -> str:
    """Return the edits per family and language."""
    counts = made.count()
    used = [language for language in Language if any(key[1] is language for key in counts)]
    rows = [["edits", *used, "all"]]
    for family in Family:
        cells = [counts[family, language] for language in used]
        rows.append([family, *(f"{count:,}" for count in (*cells, sum(cells)))])
    names = {edit.operator for edit in (*made.learned, *made.held_out)}
    total = f"{counts.total():,} edits from {made.file_count:,} files by {len(names)} operators"
    return "\n".join([*format_table(rows), "", total])


def format_operators() -> str:
    """Return a line for each operator, by family."""
    width = max(len(operator.name) for operator in OPERATORS)
    lines = []
    for family in Family:
        lines.append(f"{family}:")
        for one in OPERATORS:
            if one.family is family:
                names = name_languages(one.operator)
                lines.append(f"  {one.name.ljust(width)}  {one.summary} [{names}]")
    return "\n".join(lines)
