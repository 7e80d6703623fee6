from __future__ import annotations

import ast
import textwrap
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from degradation_examples import NAMES
from neutral_examples import neutral_examples
from themis_train.degradation.document import Example, format_difference
from themis_train.neutral.document import describe_neutral
from themis_train.neutral.operators import Family
from themis_train.neutral.registry import OPERATORS

from themis_lsp.languages import Language

DOCS = Path(__file__).parent.parent.parent / "docs" / "neutral.md"
SAME_TREE = {"wrapped-call", "joined-call", "blank-line-added", "blank-line-removed"} | {
    *("trailing-comma", "comment-added", "comment-removed", "comment-moved"),
    *("explicit-parentheses", "returned-in-parentheses", "other-quotes", "digit-groups"),
}
"""What Python's own parser sees no difference in."""


@pytest.mark.parametrize("language", Language)
def test_each_operator_finds_something_to_edit(
    language: Language, check_golden: Callable[[str | Path, str], None]
) -> None:
    blocks = []
    for operator in OPERATORS:
        if language not in operator.languages:
            continue
        first = next(neutral_examples(operator, language), None)
        assert first is not None, f"{operator.name} finds nothing in the {language} example"
        subject, sides = first
        heading = f"== {operator.name} == {subject.unit.name}"
        blocks.append("\n".join([heading, *format_difference(sides, context=1)]))
    check_golden(f"neutral-{NAMES[language]}.txt", "\n\n".join(blocks) + "\n")


def test_there_are_many_operators_and_six_of_four_families_in_each_language() -> None:
    names = Counter(operator.name for operator in OPERATORS)
    assert len(names) == len(OPERATORS) >= 20
    for language in Language:
        own = [operator for operator in OPERATORS if language in operator.languages]
        assert len(own) >= 6
        assert len({operator.family for operator in own}) >= 4


def test_python_runs_the_same_before_and_after() -> None:
    compared = Counter[str]()
    for operator in OPERATORS:
        if Language.PYTHON not in operator.languages:
            continue
        for _, sides in neutral_examples(operator, Language.PYTHON):
            trees = [_tree(side) for side in (sides.chosen, sides.rejected)]
            if operator.name in SAME_TREE:
                assert trees[0] == trees[1], operator.name
            compared[operator.name] += 1
    assert set(compared) >= SAME_TREE


def _tree(unit: str) -> str:
    first, _, rest = unit.partition("\n")
    # A method is cut from behind the indentation of its first line.
    body = textwrap.dedent(rest)
    indented = textwrap.indent(body, "    ") if body[:1] not in (" ", "") else rest
    for text in (unit, f"{first}\n{indented}", f"{first}\n{body}"):
        try:
            return ast.dump(ast.parse(text))
        except SyntaxError:
            continue
    raise AssertionError(f"does not parse:\n{unit}")


def test_the_docs_list_every_operator_with_an_example(
    check_golden: Callable[[str | Path, str], None],
) -> None:
    examples = {}
    for number, operator in enumerate(OPERATORS):
        language = operator.languages[number % len(operator.languages)]
        _, sides = next(neutral_examples(operator, language))
        examples[operator.name] = Example(language, sides)
    assert {operator.family for operator in OPERATORS} == set(Family)
    check_golden(DOCS, describe_neutral(examples))
