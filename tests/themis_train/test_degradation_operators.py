from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from degradation_examples import NAMES, degraded_examples
from themis_train.degradation.document import Example, describe_operators, format_difference
from themis_train.degradation.registry import OPERATORS, operators_for

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language

DOCS = Path(__file__).parent.parent.parent / "docs" / "degradations.md"


@pytest.mark.parametrize("language", Language)
def test_each_operator_makes_an_example_worse(
    language: Language, check_golden: Callable[[str | Path, str], None]
) -> None:
    blocks = []
    for operator in operators_for(language, set(Criterion)):
        first = next(degraded_examples(operator, language), None)
        assert first is not None, f"{operator.name} finds nothing in the {language} example"
        subject, sides = first
        heading = f"== {operator.name} == {subject.unit.name}"
        blocks.append("\n".join([heading, *format_difference(sides, context=1)]))
    check_golden(f"degradation-{NAMES[language]}.txt", "\n\n".join(blocks) + "\n")


def test_operators_are_many_and_have_names_of_their_own() -> None:
    names = Counter(operator.name for operator in OPERATORS)
    assert len(names) == len(OPERATORS) >= 60
    assert not [name for name in names if name != name.lower() or " " in name]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("criterion", Criterion)
def test_every_language_has_operators_on_every_criterion(
    language: Language, criterion: Criterion
) -> None:
    assert len(operators_for(language, {criterion})) >= 5


def test_the_docs_list_every_operator_with_an_example(
    check_golden: Callable[[str | Path, str], None],
) -> None:
    examples = {}
    for number, operator in enumerate(OPERATORS):
        language = operator.languages[number % len(operator.languages)]
        _, sides = next(degraded_examples(operator, language))
        examples[operator.name] = Example(language, sides)
    check_golden(DOCS, describe_operators(examples))
