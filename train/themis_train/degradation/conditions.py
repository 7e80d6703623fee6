"""Conditions and their opposites."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from themis_train.degradation.shapes import operator_of, sign_of, unwrap
from themis_train.degradation.subject import Subject

if TYPE_CHECKING:
    from tree_sitter import Node

_OPPOSITES = {
    "==": "!=",
    "!=": "==",
    "===": "!==",
    "!==": "===",
    "<": ">=",
    ">=": "<",
    ">": "<=",
    "<=": ">",
    "is": "is not",
    "is not": "is",
    "in": "not in",
    "not in": "in",
}
_SIMPLE = re.compile(r"[\w.:?@]+(?:->\w+|\[[^\[\]]*\]| ?\((?:[^()]|\([^()]*\))*\)|\.\w+[?!]?)*")
_NULL = r"(?:null|nullptr|NULL|nil|None|undefined)"
_ABSENCE_TEST = re.compile(
    rf"(?:\bis|===?)\s*{_NULL}\b|\b{_NULL}\s*===?|\.nil\?|\bisNull\b|^!\s*[\w.]+$|^not\s+[\w.]+$"
    r"|(?<!!)\bIsNullOr\w+\b|(?<!!)\b\w+\.isEmpty\(|\.blank\?"
)
_PRESENCE_TEST = re.compile(
    rf"\bis not\s+{_NULL}\b|!==?\s*{_NULL}\b|\b{_NULL}\s*!==?|^[\w.@]+$|!\w+\.nil\?|\.present\?"
)
_BOUNDS_TEST = re.compile(
    r"(?<![-=<>])(?:[<>]=?)(?![<>])[^&|]*(?:\b\w*(?:len|length|size|count|capacity|max|limit|end|remaining|avail)\w*\b"
    r"|\b0\b|\b[A-Z_]{3,}\b)"
    r"|\b\w*(?:len|length|size|count|capacity|max|limit|index|offset|idx|pos|end)\w*\b[^&|]*(?<![-=<>])[<>]=?(?![<>])",
    re.IGNORECASE,
)


def is_negation(node: Node) -> bool:
    """Tell whether an expression is ``not`` of another."""
    return operator_of(node) in ("!", "not") and node.named_child_count == 1


def is_simple(text: str) -> bool:
    """Tell whether ``!`` before an expression applies to all of it."""
    return _SIMPLE.fullmatch(text) is not None


def invert(subject: Subject, condition: Node) -> str:
    """Return the source of the opposite of a condition."""
    text = subject.text(condition)
    if is_negation(condition):
        return subject.text(unwrap(condition.named_children[-1]))
    sign = sign_of(condition)
    if (
        condition.type in subject.dialect.binaries
        and sign is not None
        and sign.type in _OPPOSITES
        and condition.named_child_count == 2
    ):
        start, end = (byte - condition.start_byte for byte in sign.byte_range)
        data = text.encode("utf-8", "surrogatepass")
        return (data[:start] + _OPPOSITES[sign.type].encode() + data[end:]).decode(
            "utf-8", "surrogatepass"
        )
    return f"{subject.dialect.not_}{text}" if is_simple(text) else f"{subject.dialect.not_}({text})"


def tests_absence(subject: Subject, condition: Node) -> bool:
    """Tell whether a condition asks if there is no value."""
    return _ABSENCE_TEST.search(subject.text(condition)) is not None


def tests_presence(subject: Subject, condition: Node) -> bool:
    """Tell whether a condition asks if there is a value."""
    return _PRESENCE_TEST.search(subject.text(condition)) is not None


def tests_bounds(subject: Subject, condition: Node) -> bool:
    """Tell whether a condition compares a size or a position."""
    return _BOUNDS_TEST.search(subject.text(condition)) is not None
