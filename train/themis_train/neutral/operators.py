"""What a neutral operator is: one of degradations that degrades nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.operators import Candidate, Edit, Find, Operator
from themis_train.degradation.subject import Subject

STABLE = tuple(c for c in Criterion if c is not Criterion.READABILITY_MAINTAINABILITY)
"""The criteria on which every neutral edit must be called stable."""

BRACED = (Language.C, Language.CSHARP, Language.CPP, Language.JAVA, Language.JAVASCRIPT)


class Family(StrEnum):
    """What kind of edit it is."""

    LAYOUT = "layout"
    NAMES = "names"
    ORDER = "order"
    COMMENTS = "comments"
    SYNTAX = "syntax"


@dataclass(frozen=True, slots=True)
class NeutralOperator:
    """A named way of changing code that keeps exactly what it does."""

    name: str
    family: Family
    summary: str
    languages: tuple[Language, ...]
    find: Find

    @property
    def operator(self) -> Operator:
        """The same for the machinery of degradations; readability is what it may touch."""
        criterion = Criterion.READABILITY_MAINTAINABILITY
        return Operator(self.name, criterion, self.summary, self.languages, self.find)


def when(find: Find, is_safe: Callable[[Subject, Edit], bool]) -> Find:
    """Return a finder that keeps only candidates each of whose edits is safe."""

    def find_safe(subject: Subject) -> Iterator[Candidate]:
        for candidate in find(subject):
            if all(is_safe(subject, edit) for edit in candidate.worse):
                yield candidate

    return find_safe
