"""Operators told by tables: code that reads like a pattern is written another way.

In a pattern ``$x`` stands for an expression, ``$x{regex}`` for what the regular expression
matches, and a blank for any white space; the rest stands for itself. A name used twice stands for
the same text. ``worse`` says what takes the place, with the same names; where it has several lines,
it takes the place of statements only, and a tab stands for one step of indentation. There ``$at``,
``$x`` and ``$all``, unless the pattern has them, are names that the unit does not use yet; ``$$``
is a dollar sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from themis_lsp.languages import Language
from themis_train.degradation.conditions import is_negation
from themis_train.degradation.layout import has_own_lines, indent_of, step_of
from themis_train.degradation.operators import Candidate, Edit, Find
from themis_train.degradation.subject import Subject
from themis_train.degradation.variation import free_name

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
_PREFIXED = frozenset(
    {"cast_expression", "spread_element", "list_splat", "as_pattern", "with_item"}
)
# An expression in one pair of parentheses, which not every place needs.
_WRAPPED = re.compile(rf"\((?:[^()\"'`]|{_STRING}|{_ROUND})*\)")
_EQUALS = re.compile(rf"((?:[^()\"'`=!<>]|{_STRING}|{_ROUND})+?) (===?) ((?:[^=&|]|{_STRING})+)")
_TURNED = {"==": "!=", "===": "!=="}
_PRIMARY = re.compile(rf"[\w.:@$]+(?:\[[^\[\]]*\]|{_ROUND}|\.\w+)*")
_SELECTIONS = frozenset(
    {"attribute", "member_expression", "field_access", "selector_expression", "field_expression"}
    | {"member_access_expression", "conditional_expression", "ternary_expression", "conditional"}
    | {"await", "await_expression", "range"}
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
        own = table.get(subject.language, ())
        fresh = _fresh_names(subject) if own else {}
        for rewrite in own:
            for node in subject.of(frozenset(rewrite.types.split("|"))):
                if node.end_byte - node.start_byte > _LONGEST:
                    continue
                worse = rewrite_text(rewrite, subject.text(node), fresh)
                if worse is not None and "\n" in rewrite.worse:
                    worse = _lay_out(subject, node, worse)
                if worse is not None and "\n" not in rewrite.worse:
                    yield Candidate((_fit_in(subject, node, worse),))
                elif worse is not None:
                    yield Candidate((Edit(node.start_byte, node.end_byte, worse),))

    return find


def _fit_in(subject: Subject, node: Node, worse: str) -> Edit:
    """Return the edit that writes an expression worse, with the parentheses that it needs there.

    A comparison that is negated turns round instead, and what stood in parentheses of its own
    loses them where they do nothing any more.
    """
    parent = node.parent
    start, end = node.byte_range
    if parent is None or subject.text(node).startswith("("):
        return Edit(start, end, worse)
    bare = worse[1:-1] if _WRAPPED.fullmatch(worse) else worse
    turned = _EQUALS.fullmatch(bare)
    if parent.type in subject.dialect.nots and turned is not None and is_negation(parent):
        start, end = parent.byte_range
        return Edit(start, end, f"{turned[1]} {_TURNED[turned[2]]} {turned[3]}")
    above = parent.parent
    is_condition = above is not None and above.child_by_field_name("condition") == parent
    if parent.type == "parenthesized_expression" and not is_condition:
        if _PRIMARY.fullmatch(bare):
            start, end = parent.byte_range
        return Edit(start, end, bare)
    if bare != worse:
        needs = subject.dialect.binaries | subject.dialect.nots | _SELECTIONS
        needs |= subject.dialect.subscripts | _PREFIXED
        return Edit(start, end, worse if parent.type in needs else bare)
    if parent.type in subject.dialect.nots | _SELECTIONS and _JOINED.search(worse):
        return Edit(start, end, f"({worse})")
    return Edit(start, end, worse)


def _lay_out(subject: Subject, node: Node, lines: str) -> str | None:
    """Return lines indented as the statement they take the place of; None where it is none."""
    parent = node.parent
    if parent is None or parent.type not in subject.dialect.blocks:
        return None
    if not has_own_lines(subject, node):
        return None
    joint = subject.newline + indent_of(subject, node)
    return lines.replace("\n", joint).replace("\t", step_of(subject))


_POSITIONS = ("i", "j", "k", "idx", "pos", "n")
_WHOLES = ("data", "content", "raw", "body", "buf", "contents")
_ELEMENTS = ("item", "x", "entry", "element", "value", "one")


def _fresh_names(subject: Subject) -> Mapping[str, str]:
    """Return names that are free: ``$at`` of a position, ``$x`` of an element, ``$all`` of all."""
    return {
        "all": free_name(subject, _WHOLES, salt="all"),
        "at": free_name(subject, _POSITIONS, salt="at"),
        "x": free_name(subject, _ELEMENTS, salt="x"),
    }


def rewrite_text(rewrite: Rewrite, text: str, fresh: Mapping[str, str] | None = None) -> str | None:
    """Return ``text`` written worse; None where the pattern does not match it."""
    found = _compile(rewrite.pattern).fullmatch(text)
    if found is None:
        return None
    values = {**(fresh or {}), **found.groupdict()}
    worse = _NAME.sub(lambda name: values[name[1]], rewrite.worse.replace("$$", "\0"))
    worse = worse.replace("\0", "$")
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
