"""All operators."""

from __future__ import annotations

from collections.abc import Collection

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation import correctness, memory, readability, runtime, security
from themis_train.degradation.operators import Operator

OPERATORS: tuple[Operator, ...] = (
    *correctness.OPERATORS,
    *runtime.OPERATORS,
    *memory.OPERATORS,
    *security.OPERATORS,
    *readability.OPERATORS,
)


def operators_for(language: Language, criteria: Collection[Criterion]) -> list[Operator]:
    """Return the operators of a language on some criteria, in the order of the registry."""
    return [
        operator
        for operator in OPERATORS
        if language in operator.languages and operator.criterion in criteria
    ]
