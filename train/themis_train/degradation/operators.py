"""What an operator is, and what it proposes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.subject import Subject

ALL = tuple(Language)


@dataclass(frozen=True, slots=True)
class Edit:
    """Bytes [start, end) of a file that ``new`` takes the place of."""

    start: int
    end: int
    new: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """Edits that make a unit worse.

    ``better`` is empty where the better side is the unit as it stands. An operator that plants a
    statement plants the good way to write it with ``better`` and the bad way with ``worse``.
    """

    worse: tuple[Edit, ...]
    better: tuple[Edit, ...] = ()


Find = Callable[[Subject], Iterator[Candidate]]
"""Proposes candidates for a unit, in the order of its text; the same for the same unit."""


@dataclass(frozen=True, slots=True)
class Operator:
    """A named way of making code worse on one criterion.

    Of a mirrored one as many pairs are kept of a change as of its reverse: ``<`` for ``<=`` as
    often as ``<=`` for ``<``, so that neither is told by what it looks like.
    """

    name: str
    criterion: Criterion
    summary: str
    languages: tuple[Language, ...]
    find: Find
    is_mirrored: bool = False


def replace(edits: Iterable[Edit | None]) -> Iterator[Candidate]:
    """Yield a candidate for each edit that there is."""
    for edit in edits:
        if edit is not None:
            yield Candidate((edit,))
