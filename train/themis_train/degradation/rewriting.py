"""Operators told by tables: code that reads like a pattern is written another way.

In a pattern ``$x`` stands for an expression, ``$x{regex}`` for what the regular expression
matches, and a blank for any white space; the rest stands for itself. A name used twice stands for
the same text. ``worse`` says what takes the place, with the same names; where it has several lines,
it takes the place of statements only, and a tab stands for one step of indentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from themis_lsp.languages import Language
from themis_train.degradation.layout import has_own_lines, indent_of, step_of
from themis_train.degradation.operators import Candidate, Edit, Find
from themis_train.degradation.subject import Subject

if TYPE_CHECKING:
    from tree_sitter import Node

_STRING = r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`[^`]*`"
_ROUND = rf"\((?:[^()\"'`]|{_STRING}|\((?:[^()\"'`]|{_STRING})*\))*\)"
_EXPRESSION = (
    rf"(?:[^(),\[\]{{}};\"'`\n]|{_STRING}|{_ROUND}|\[(?:[^\[\]\"']|{_STRING})*\]|\{{[^{{}}]*\}})+?"
)
_NAME = re.compile(r"\$(\w+)(?:\{((?:[^{}]|\{[\d,]+\})*)\})?")
_LONGEST = 400
_JOINED = re.compile(r"^[^(]\S* (?:[=!]=|===|is|\+|/|<|>) ")
_SELECTIONS = frozenset(
    {"attribute", "member_expression", "field_access", "selector_expression", "field_expression"}
    | {"member_access_expression"}
)


@dataclass(frozen=True, slots=True)
class Rewrite:
    """How a node of one of the types (``|`` between them) is written worse."""

    types: str
    pattern: str
    worse: str


def rewrites(table: Mapping[Language, Sequence[Rewrite]]) -> Find:
    """Return what finds every node that one of its language's patterns matches."""

    def find(subject: Subject) -> Iterator[Candidate]:
        for rewrite in table.get(subject.language, ()):
            for node in subject.of(frozenset(rewrite.types.split("|"))):
                if node.end_byte - node.start_byte > _LONGEST:
                    continue
                worse = rewrite_text(rewrite, subject.text(node))
                if worse is not None and "\n" in rewrite.worse:
                    worse = _lay_out(subject, node, worse)
                elif worse is not None and _is_operand(subject, node) and _JOINED.search(worse):
                    worse = f"({worse})"
                if worse is not None:
                    yield Candidate((Edit(node.start_byte, node.end_byte, worse),))

    return find


def _is_operand(subject: Subject, node: Node) -> bool:
    kinds = subject.dialect.nots | _SELECTIONS
    return node.parent is not None and node.parent.type in kinds


def _lay_out(subject: Subject, node: Node, lines: str) -> str | None:
    """Return lines indented as the statement they take the place of; None where it is none."""
    parent = node.parent
    if parent is None or parent.type not in subject.dialect.blocks:
        return None
    if not has_own_lines(subject, node):
        return None
    joint = subject.newline + indent_of(subject, node)
    return lines.replace("\n", joint).replace("\t", step_of(subject))


def rewrite_text(rewrite: Rewrite, text: str) -> str | None:
    """Return ``text`` written worse; None where the pattern does not match it."""
    found = _compile(rewrite.pattern).fullmatch(text)
    if found is None:
        return None
    worse = _NAME.sub(lambda name: found[name[1]], rewrite.worse)
    return None if worse == text else worse


@cache
def _compile(pattern: str) -> re.Pattern[str]:
    parts = []
    seen: set[str] = set()
    position = 0
    for name in _NAME.finditer(pattern):
        parts.append(_literal(pattern[position : name.start()]))
        known = name[1] in seen
        parts.append(f"(?P={name[1]})" if known else f"(?P<{name[1]}>{name[2] or _EXPRESSION})")
        seen.add(name[1])
        position = name.end()
    parts.append(_literal(pattern[position:]))
    return re.compile("".join(parts))


def _literal(text: str) -> str:
    return re.sub(r"(?:\\ )+", r"\\s*", re.escape(text))


def languages_of(*tables: Mapping[Language, object]) -> tuple[Language, ...]:
    """Return the languages that one of the tables has, in the usual order."""
    return tuple(language for language in Language if any(language in table for table in tables))
