"""The same things in another order, where the order says nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from themis_lsp.languages import Language
from themis_train.degradation.layout import has_own_lines
from themis_train.degradation.operators import ALL, Candidate, Edit, replace
from themis_train.degradation.shapes import (
    Local,
    find_branches,
    find_locals,
    operands,
    operator_of,
    sign_of,
    statements,
)
from themis_train.degradation.subject import Subject
from themis_train.neutral.operators import BRACED, Family, NeutralOperator

if TYPE_CHECKING:
    from tree_sitter import Node

_PLAIN = re.compile(
    r"-?\d[\w.]*|\"(?:[^\"\\\n#{}]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|\[\]|\{\}|nil|null|NULL|nullptr|None"
    r"|true|false|True|False"
)
_LITERAL = re.compile(r"-?\d+|'(?:[^'\\\n]|\\.)'|nil|null|NULL")
_NAME = re.compile(r"[a-z]\w*")
_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_VALUES = (Language.C, Language.CSHARP, Language.GO, Language.JAVA, Language.JAVASCRIPT)


def _swapped_declarations(subject: Subject) -> Iterator[Candidate]:
    """Two neighbours that each give a variable its first value, both of them plain literals."""
    declared = {local.statement.id: local for local in find_locals(subject)}
    for block in subject.of(subject.dialect.blocks):
        for above, below in pairwise(block.named_children):
            one, other = declared.get(above.id), declared.get(below.id)
            if one is None or other is None or not (_is_plain(subject, one, other)):
                continue
            if has_own_lines(subject, above) and has_own_lines(subject, below):
                yield Candidate(
                    (
                        Edit(above.start_byte, above.end_byte, subject.text(below)),
                        Edit(below.start_byte, below.end_byte, subject.text(above)),
                    )
                )


def _is_plain(subject: Subject, *locals_: Local) -> bool:
    return all(
        _PLAIN.fullmatch(subject.text(local.value)) and "," not in _head(subject, local)
        for local in locals_
    )


def _head(subject: Subject, local: Local) -> str:
    return subject.slice(local.statement.start_byte, local.value.start_byte)


def _swapped_equality(subject: Subject) -> Iterator[Candidate]:
    yield from replace(
        _turn(subject, node, operator_of(node), operator_of(node))
        for node in subject.of(subject.dialect.binaries)
        if operator_of(node) in ("==", "!=", "===", "!==")
    )


def _mirrored_comparison(subject: Subject) -> Iterator[Candidate]:
    for node in subject.of(subject.dialect.binaries):
        sides, sign = operands(node), operator_of(node)
        if sides is None or sign not in _MIRRORED or _heads_loop(subject, node):
            continue
        if all(_NAME.fullmatch(subject.text(side)) for side in sides):
            left, right = map(subject.text, sides)
            yield Candidate(
                (Edit(node.start_byte, node.end_byte, f"{right} {_MIRRORED[sign]} {left}"),)
            )


def _heads_loop(subject: Subject, node: Node) -> bool:
    """Tell whether it is the condition of a for, which nobody writes the other way round."""
    parent = node.parent
    return parent is not None and parent.type in subject.dialect.loops | {"for_clause"}


def _turn(subject: Subject, node: Node, old: str, new: str) -> Edit | None:
    """Return the comparison with a literal on one side, its sides swapped."""
    sides = operands(node)
    if sides is None or sign_of(node) is None:
        return None
    left, right = map(subject.text, sides)
    is_literal = [bool(_LITERAL.fullmatch(side)) for side in (left, right)]
    other = right if is_literal[0] else left
    if sum(is_literal) != 1 or not re.fullmatch(r"[\w.>-]+", other):
        return None
    if subject.text(node) != f"{left} {old} {right}":
        return None
    return Edit(node.start_byte, node.end_byte, f"{right} {new} {left}")


def _swapped_branches(subject: Subject) -> Iterator[Candidate]:
    """The condition negated as a whole, and the two branches in each other's place."""
    dialect = subject.dialect
    for branch in find_branches(subject):
        other = branch.otherwise
        if other is None or branch.is_chained or branch.is_modifier or branch.is_negated:
            continue
        inner = _block_of(other)
        if inner is None or inner.type != branch.body.type:
            continue
        condition = subject.text(branch.condition)
        is_simple = re.fullmatch(r"[\w.]+(?:\([\w., ]*\))?", condition)
        if "\n" in condition or "=" in condition.replace("==", "") or ":=" in condition:
            continue
        if not statements(branch.body) or not statements(inner):
            continue
        negated = f"{dialect.not_}{condition if is_simple else f'({condition})'}"
        yield Candidate(
            (
                Edit(branch.condition.start_byte, branch.condition.end_byte, negated),
                Edit(branch.body.start_byte, branch.body.end_byte, subject.text(inner)),
                Edit(inner.start_byte, inner.end_byte, subject.text(branch.body)),
            )
        )


def _block_of(alternative: Node) -> Node | None:
    """Return the block of an else; None for an else that is another if."""
    if alternative.type in ("else_clause", "else"):
        body = alternative.child_by_field_name("body")
        inner = alternative.named_children
        return body or (inner[0] if len(inner) == 1 else None)
    return alternative if alternative.type.endswith("block") else None


_ORDER = Family.ORDER
OPERATORS = (
    NeutralOperator(
        "swapped-declarations",
        _ORDER,
        "two independent declarations change places",
        ALL,
        _swapped_declarations,
    ),
    NeutralOperator(
        "swapped-branches",
        _ORDER,
        "the condition is negated and the branches change places",
        tuple(language for language in ALL if language is not Language.RUBY),
        _swapped_branches,
    ),
    NeutralOperator(
        "swapped-equality",
        _ORDER,
        "the literal stands on the other side of an equality",
        (*BRACED, Language.GO),
        _swapped_equality,
    ),
    NeutralOperator(
        "mirrored-comparison",
        _ORDER,
        "a smaller than b is written b greater than a",
        _VALUES,
        _mirrored_comparison,
    ),
)
