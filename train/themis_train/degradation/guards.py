"""What a guard is for: each belongs to one criterion only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from themis_train.degradation.conditions import tests_absence, tests_bounds, tests_presence
from themis_train.degradation.shapes import Guard, find_guards, is_raise, statements
from themis_train.degradation.subject import Subject

_FAST = re.compile(
    r"cache|memo|already|same\b|unchanged|identical|visited|\bis_?equal|\bloaded|_dirty|"
    r"initiali[sz]ed",
    re.IGNORECASE,
)
_EMPTY = re.compile(
    r"(?:(?:len|length|size|count|Length|Count)\w*(?:\(\w*\))?\s*(?:===?\s*0|<=?\s*1))\b|\.empty\?"
    r"|\.empty\(\)|isEmpty\(\)|\.none\?|\.zero\?|^not \w+s$|^!\w+s\.(?:length|Any\(\))$"
)
_FAILURE = re.compile(r"rror|orrupt|nvalid|[fF]ail|xception|-1|\bE[A-Z]{4,}")
_PRESENT = re.compile(r"(?:>|!==?)\s*0\b")
_JOINED = re.compile(r"&&|\band\b")


class GuardKind(StrEnum):
    """Why a guard is there."""

    FAST_PATH = "fast path"
    """Nothing is left to do: without it the work is done for nothing."""
    NULL = "null"
    BOUNDS = "bounds"
    VALIDATION = "validation"
    """Raises: without it a value that must not be used is used."""
    OTHER = "other"


def find_guards_of(subject: Subject, kind: GuardKind) -> Iterator[Guard]:
    """Yield the unit's guards of one kind."""
    return (guard for guard in find_guards(subject) if kind_of(subject, guard) is kind)


def kind_of(subject: Subject, guard: Guard) -> GuardKind:
    """Return why a guard is there, judged by its condition and what it does."""
    condition = guard.branch.condition
    text = subject.text(condition)
    is_only = len(statements(guard.branch.body)) == 1
    returns = guard.exit.type in subject.dialect.returns and is_only
    returns = returns and not _FAILURE.search(subject.text(guard.exit))
    if returns and (_FAST.search(text) or _EMPTY.search(text)):
        return GuardKind.FAST_PATH
    tests_null = tests_presence if guard.branch.is_negated else tests_absence
    if tests_null(subject, condition) and not _JOINED.search(text):
        return GuardKind.NULL
    is_bound = tests_bounds(subject, condition) and not _PRESENT.search(text)
    if is_bound and guard.exit.type not in subject.dialect.breaks:
        return GuardKind.BOUNDS
    return GuardKind.VALIDATION if is_raise(subject, guard.exit) else GuardKind.OTHER
