"""What one comment says: ``ignore-next-line[SH, RM] until=2027-01-31 reason``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from enum import StrEnum

from themis_lsp.criteria import Criterion, parse_criterion
from themis_lsp.errors import UserError


class Scope(StrEnum):
    """What a directive holds for; the value is how it is written."""

    LINE = "ignore"
    NEXT_LINE = "ignore-next-line"
    START = "ignore-start"
    END = "ignore-end"
    FILE = "ignore-file"


@dataclass(frozen=True, slots=True)
class Directive:
    """What a comment says; no ``criteria`` are all of them.

    ``until`` is the last day it counts, None for ever.
    """

    scope: Scope
    criteria: frozenset[Criterion]
    until: date | None
    reason: str


# Behind the mark of a comment: prose that speaks of "themis:" is no directive.
_MARK = re.compile(r"(?:\#+|/{2,}|/\*+!?|<!--)[ \t]*themis:[ \t]*(?P<said>[^\n]*)")
_WORD = re.compile(r"(?P<word>[\w-]+)[ \t]*(?P<rest>.*)")
_DAY = re.compile(r"until[ \t]*=[ \t]*(?P<day>\S*)[ \t]*")
_ENDS = re.compile(r"(?:\*+/|-->)?\s*$")


def find_mark(comment: str) -> re.Match[str] | None:
    """Return where a comment becomes ours, with what it says as the group ``said``.

    That is where it begins or, in one that ends with its line, where another begins behind it.
    """
    is_line = comment.startswith(("#", "//"))
    return _MARK.search(comment) if is_line else _MARK.match(comment)


def parse_directive(said: str) -> Directive | None:
    """Return what stands behind ``themis:``; None for prose.

    Raises UserError for what is meant as a directive and is none.
    """
    found = _WORD.match(_ENDS.sub("", said).strip())
    if found is None:
        return None
    word, rest = found["word"], found["rest"]
    scopes = [scope.value for scope in Scope]
    if word not in scopes:
        near = get_close_matches(word.lower(), scopes, n=1)
        if not near and not rest.startswith("["):
            return None
        meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(scopes)}"
        raise UserError(f"{word!r} is no directive; {meant}")
    criteria, rest = _take_criteria(rest)
    until, rest = _take_day(rest)
    return Directive(Scope(word), criteria, until, rest.lstrip(" \t:-\u2013\u2014"))


def _take_criteria(rest: str) -> tuple[frozenset[Criterion], str]:
    if not rest.startswith("["):
        return frozenset(), rest
    names, closing, rest = rest[1:].partition("]")
    if not closing:
        raise UserError("the bracket is never closed: write [SH] or [SH, RM]")
    if not names.strip():
        raise UserError("the brackets name no criterion: leave them out for all")
    return frozenset(parse_criterion(name) for name in names.split(",")), rest.strip()


def _take_day(rest: str) -> tuple[date | None, str]:
    found = _DAY.match(rest)
    if found is None:
        return None, rest
    try:
        return date.fromisoformat(found["day"]), rest[found.end() :]
    except ValueError as error:
        raise UserError(f"until={found['day']} is no day: write it as until=2027-01-31") from error
