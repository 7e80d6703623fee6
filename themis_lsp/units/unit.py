"""What is scored: a function, or a run of statements that belong to none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from themis_lsp.languages import Language


class UnitKind(StrEnum):
    """What a unit is in its language."""

    FUNCTION = "function"
    METHOD = "method"
    CONSTRUCTOR = "constructor"
    PROPERTY = "property"
    STATEMENTS = "statements"


@dataclass(frozen=True, slots=True)
class Unit:
    """A stretch of one source file that gets a reward of its own.

    ``name`` is qualified (``Class.method``). Bytes count into the UTF-8 encoding of the file's
    text, half-open; lines are 1-based and inclusive. ``text`` is exactly the bytes of that range.
    """

    path: str
    language: Language
    kind: UnitKind
    name: str
    start_byte: int
    end_byte: int
    start_line: int
    end_line: int
    text: str
