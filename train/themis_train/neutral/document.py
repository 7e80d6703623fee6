"""The page of the documentation that lists the neutral operators."""

from __future__ import annotations

from collections.abc import Mapping

from themis_lsp.languages import Language
from themis_train.degradation.document import Example, count_table, list_operators
from themis_train.neutral.operators import Family
from themis_train.neutral.registry import OPERATORS

_INTRODUCTION = """\
# Neutral edits

`themis-train pairs neutral PATHS... --out FILE` edits functions in ways that keep exactly what they
do. A reviewer must call such an edit stable on every criterion but readability; how often it does
is part of every calibration (`themis-export --neutral FILE`).

- An operator edits the source where the syntax tree says so, and leaves alone what it is not sure
  of. What comes out must parse as well as what went in.
- Which side of a row is the original is random: it stands under `before` or under `after`.
- A row has `id`, `before`, `after`, `language`, `operator`, `family`, `stable` (the criteria that
  it must be stable on), `path`, `license`, `before_span` and `after_span`, the spans as those of
  [degradations](degradations.md).
- `--dev-share` keeps the edits of some operators of each family for a file of their own.

This page is generated from the operators; a test keeps it up to date.
"""


def describe_neutral(examples: Mapping[str, Example]) -> str:
    """Return the page, in Markdown; ``examples`` are by the operators' names."""
    families = {
        family: [operator for operator in OPERATORS if operator.family is family]
        for family in Family
    }
    counts = {
        family.value: [sum(language in one.languages for one in own) for language in Language]
        for family, own in families.items()
    }
    lines = [_INTRODUCTION, *count_table(len(OPERATORS), "family", counts)]
    for family, own in families.items():
        lines += ["", f"## {family.capitalize()}", ""]
        lines += list_operators([one.operator for one in own], examples, "what changes")
    return "\n".join(lines) + "\n"
