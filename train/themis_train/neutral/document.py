"""The page of the documentation that lists the neutral operators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from themis_lsp.languages import Language
from themis_train.degradation.apply import Degraded
from themis_train.degradation.document import format_difference
from themis_train.degradation.report import name_languages
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


@dataclass(frozen=True, slots=True)
class NeutralExample:
    """What an operator does to some function."""

    language: Language
    sides: Degraded


def describe_neutral(examples: Mapping[str, NeutralExample]) -> str:
    """Return the page, in Markdown; ``examples`` are by the operators' names."""
    lines = [_INTRODUCTION, *_count_table()]
    for family in Family:
        own = [operator for operator in OPERATORS if operator.family is family]
        lines += ["", f"## {family.capitalize()}", ""]
        lines += ["| operator | languages | what changes |", "| --- | --- | --- |"]
        for one in own:
            names = name_languages(one.operator)
            lines.append(f"| [{one.name}](#{one.name}) | {names} | {one.summary} |")
        for one in own:
            example = examples[one.name]
            sentence = f"{one.summary[0].upper()}{one.summary[1:]}. In {example.language}:"
            difference = format_difference(example.sides, context=1)
            lines += ["", f"### {one.name}", "", sentence, "", "```diff", *difference, "```"]
    return "\n".join(lines) + "\n"


def _count_table() -> list[str]:
    lines = [
        f"Operators, {len(OPERATORS)} in all, by family and language:",
        "",
        f"| | {' | '.join(Language)} |",
        f"| --- |{' --- |' * len(Language)}",
    ]
    for family in Family:
        own = [operator for operator in OPERATORS if operator.family is family]
        counts = [str(sum(language in one.languages for one in own)) for language in Language]
        lines.append(f"| {family} | {' | '.join(counts)} |")
    return lines
