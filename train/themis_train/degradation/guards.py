"""What a guard is for: each belongs to one criterion only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from themis_lsp.languages import Language
from themis_train.degradation.conditions import tests_absence, tests_bounds, tests_presence
from themis_train.degradation.layout import remove_lines
from themis_train.degradation.operators import Candidate, Edit
from themis_train.degradation.shapes import (
    Guard,
    find_guards,
    is_raise,
    names_in,
    references,
    statements,
)
from themis_train.degradation.subject import Subject

_FAST = re.compile(
    r"cache|memo(?!r)|same\b|unchanged|identical|\bis_?equal|==\s*this\b"
    r"|\bthis\s*==|\bis self\b|equal\?\(self",
    re.IGNORECASE,
)
_EMPTY = re.compile(
    r"(?:(?:\.|->)(?:len|length|size|count|Length|Count)\w*(?:\(\))?|\blen\(\w+\))\s*===?\s*0\b|\.empty\?"
    r"|\.empty\(\)|isEmpty\(\)|\.none\?|\.zero\?|^not \w+s$|^!\w+s\.(?:length|Any\(\))$"
)
_LINKED = re.compile(r"\|\||&&|\b(?:and|or)\b")
_COUNTED = re.compile(
    r"^(?:not |!)?(?:len\()?([\w.]+?)\)?(?:(?:\.|->)(?:length|size|count"
    r"|empty|isEmpty|Count|Length|none|zero)\b"
    r"[?()]*)?\s*(?:[=<]=?=?\s*\d)?$"
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


def _is_looped_over(subject: Subject, guard: Guard) -> bool:
    """Tell whether what a guard finds empty is only gone through afterwards."""
    text = subject.text(guard.branch.condition)
    rest = subject.slice(guard.node.end_byte, subject.unit.end_byte)
    found = _COUNTED.search(text)
    if found is None:
        return False
    name = re.escape(found[1])
    loops = (
        rf"\b(?:for|foreach|while)\b[^\n]*\b{name}\b|\b{name}\s*\.\s*(?:each|map|forEach|stream)"
    )
    return re.search(loops, rest) is not None


def drop_guard(subject: Subject, guard: Guard) -> Iterator[Candidate]:
    """Yield the candidate without a guard.

    What only the guard read would be an unused variable, which Go refuses: it becomes blank. A
    guard whose variable would be the only new one stays.
    """
    removed = remove_lines(subject, guard.node)
    if removed is None:
        return
    if subject.language is not Language.GO:
        yield Candidate((removed,))
        return
    edits = [removed]
    for name in names_in(subject, guard.branch.condition):
        others = [
            use
            for use in references(subject, name)
            if not guard.node.start_byte <= use.start_byte < guard.node.end_byte
        ]
        declared = others[0].parent if len(others) == 1 else None
        above = None if declared is None else declared.parent
        if declared is None or above is None or above.type != "short_var_declaration":
            continue
        if declared.named_child_count < 2 or "_" in subject.text(declared):
            return
        edits.append(Edit(others[0].start_byte, others[0].end_byte, "_"))
    yield Candidate(tuple(edits))


def kind_of(subject: Subject, guard: Guard) -> GuardKind:
    """Return why a guard is there, judged by its condition and what it does."""
    condition = guard.branch.condition
    text = subject.text(condition)
    is_only = len(statements(guard.branch.body)) == 1
    returns = guard.exit.type in subject.dialect.returns and is_only
    returns = returns and not _FAILURE.search(subject.text(guard.exit))
    tests_null = tests_presence if guard.branch.is_negated else tests_absence
    is_single = not _LINKED.search(text)
    is_ordered = re.search(r"[<>]", text) is not None
    is_same = _FAST.search(text) and not is_ordered and not tests_null(subject, condition)
    if returns and is_single and is_same:
        return GuardKind.FAST_PATH
    if returns and is_single and _EMPTY.search(text) and _is_looped_over(subject, guard):
        return GuardKind.FAST_PATH
    if tests_null(subject, condition) and not _JOINED.search(text):
        return GuardKind.NULL
    is_bound = tests_bounds(subject, condition) and not _PRESENT.search(text)
    if is_bound and guard.exit.type not in subject.dialect.breaks:
        return GuardKind.BOUNDS
    return GuardKind.VALIDATION if is_raise(subject, guard.exit) else GuardKind.OTHER
