"""When a regression fails a run: what ``--fail-on`` says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from themis_lsp.criteria import Criterion, parse_criterion
from themis_lsp.errors import UserError

ANY = "any"


@dataclass(frozen=True, slots=True)
class Condition:
    """A regression on ``criterion`` fails the run; None is every one the model has a threshold for.

    It does if its probability is above ``probability`` or, where that is None, if its margin is
    below the model's threshold for gates; where it claims none, below that for warnings.
    """

    criterion: Criterion | None
    probability: float | None

    def __str__(self) -> str:
        """As it is written: ``SH:0.9``."""
        name = ANY if self.criterion is None else self.criterion.code
        return name if self.probability is None else f"{name}:{self.probability!r}"


def parse_conditions(values: Iterable[str]) -> tuple[Condition, ...]:
    """Return what ``SH``, ``SH:0.9``, ``any`` or several of these between commas say.

    Raises UserError for what is none of them.
    """
    return tuple(_parse(text) for value in values for text in value.split(","))


def settle_conditions(conditions: Iterable[Condition]) -> dict[Criterion | None, Condition]:
    """Return the conditions by their criterion: of several for one the last holds."""
    return {condition.criterion: condition for condition in conditions}


def _parse(text: str) -> Condition:
    name, colon, number = text.strip().partition(":")
    criterion = None if name.strip().lower() == ANY else _criterion(name, text)
    if not colon:
        return Condition(criterion, None)
    try:
        probability = float(number)
    except ValueError:
        probability = -1.0
    if not 0 <= probability <= 1:
        raise UserError(
            f"{text.strip()!r}: {number.strip()!r} is no probability; give one from 0 to 1, "
            f"as in {name.strip()}:0.9"
        )
    return Condition(criterion, probability)


def _criterion(name: str, text: str) -> Criterion:
    try:
        return parse_criterion(name)
    except UserError as error:
        raise UserError(f"{text.strip()!r}: {error}, or {ANY} for all") from error
