"""The page of the documentation that lists the operators."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.apply import Degraded
from themis_train.degradation.operators import Operator
from themis_train.degradation.registry import OPERATORS, operators_for
from themis_train.degradation.report import name_languages

_INTRODUCTION = """\
# Degradations

`themis-train pairs degrade PATHS... --out FILE` takes good code and makes one function worse in one
known way: a preference pair whose label is certain and whose changed place is known. A named way of
making code worse is an operator; `themis-train pairs degrade --list` prints them.

- An operator edits the source where the syntax tree says so. What comes out must parse as well as
  what went in, else it is dropped.
- A function yields at most one pair for each operator. `--per-file`, `--per-operator` and `--limit`
  say how many are kept, `--seed` which.
- In each criterion and language as many pairs are kept whose better side is the longer one as pairs
  whose better side is the shorter one; what is left out for it is reported.
- Code that is in every-day use seldom shows what goes wrong in security. Operators marked *planted*
  put a statement into a function, the good way to write it on one side and the bad way on the
  other. It works on an argument of that function.

A row has the columns of Themis-CodePreference (`system`, `input`, `chosen`, `rejected`, `language`,
`aspect`, `source`, `idx`) and `id`, `operator`, `path`, `license`, `chosen_span` and
`rejected_span`. The spans are lists of places that one side has and the other has not: `start_byte`
and `end_byte`, half-open, in the side's UTF-8 encoding, and `start_line` and `end_line`, counted
from 1. An empty range says where something is missing.

Of 60 pairs from 26 repositories, one for each criterion and language and the rest at random, read
by hand, 55 are worse on their criterion, four arguably so (two comparisons that cost little before
or after a call that does, two checks that guard logic rather than memory), and one was worse in a
form that nobody writes, which has been mended.

This page is generated from the operators; a test keeps it up to date.
"""


@dataclass(frozen=True, slots=True)
class Example:
    """What an operator does to some function."""

    language: Language
    sides: Degraded


def describe_operators(examples: Mapping[str, Example]) -> str:
    """Return the page, in Markdown; ``examples`` are by the operators' names."""
    own_counts = {
        criterion.words: [len(operators_for(language, {criterion})) for language in Language]
        for criterion in Criterion
    }
    lines = [_INTRODUCTION, *count_table(len(OPERATORS), "criterion", own_counts)]
    for criterion in Criterion:
        own = [operator for operator in OPERATORS if operator.criterion is criterion]
        lines += ["", f"## {criterion.words.capitalize()}", ""]
        lines += list_operators(own, examples, "what is worse")
    return "\n".join(lines) + "\n"


def format_difference(sides: Degraded, *, context: int) -> list[str]:
    """Return what differs between two sides as a diff, without its header."""
    chosen, rejected = sides.chosen.splitlines(), sides.rejected.splitlines()
    diff = difflib.unified_diff(chosen, rejected, n=context, lineterm="")
    return [line for line in diff if not line.startswith(("---", "+++", "@@"))]


def count_table(total: int, grouped_by: str, counts: Mapping[str, Sequence[int]]) -> list[str]:
    """Return how many operators there are: ``counts`` are by group, in the order of Language."""
    return [
        f"Operators, {total} in all, by {grouped_by} and language:",
        "",
        f"| | {' | '.join(Language)} |",
        f"| --- |{' --- |' * len(Language)}",
        *(f"| {group} | {' | '.join(map(str, row))} |" for group, row in counts.items()),
    ]


def list_operators(
    operators: Sequence[Operator], examples: Mapping[str, Example], title: str
) -> list[str]:
    """Return a table of the operators, their summaries under ``title``, then their examples."""
    lines = [f"| operator | languages | {title} |", "| --- | --- | --- |"]
    for operator in operators:
        names = name_languages(operator)
        lines.append(f"| [{operator.name}](#{operator.name}) | {names} | {operator.summary} |")
    for operator in operators:
        lines += ["", *_show_example(operator, examples[operator.name])]
    return lines


def _show_example(operator: Operator, example: Example) -> list[str]:
    difference = format_difference(example.sides, context=1)
    sentence = operator.summary[0].upper() + operator.summary[1:]
    heading = [f"### {operator.name}", "", f"{sentence}. In {example.language}:", ""]
    return [*heading, "```diff", *difference, "```"]
