"""Conditions that are wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.conditions import invert, is_negation
from themis_train.degradation.operators import ALL, Candidate, Edit, Operator, replace
from themis_train.degradation.rewriting import Rewrite, rewrites
from themis_train.degradation.shapes import (
    arguments_of,
    called_name,
    find_branches,
    find_loops,
    operands,
    sign_of,
)
from themis_train.degradation.subject import Subject

if TYPE_CHECKING:
    from tree_sitter import Node

_FC = Criterion.FUNCTIONAL_CORRECTNESS
_WIDER = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
_REVERSED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_LOGIC = {"&&": "||", "||": "&&", "and": "or", "or": "and"}
_RANGES = {"...": "..", "..": "..."}
_KEYWORDS = {"if": "unless", "unless": "if"}
# A loop that runs a round number of times is no worse for one round more.
_NUMBER = re.compile(r"[<>]=?\s*\d")
_BRACKETED = re.compile(r"(?:!|not )\(")


def _swap_sign(node: Node | None, signs: dict[str, str]) -> Edit | None:
    sign = None if node is None else sign_of(node)
    if sign is None or sign.type not in signs:
        return None
    return Edit(sign.start_byte, sign.end_byte, signs[sign.type])


def _off_by_one_bound(subject: Subject) -> Iterator[Candidate]:
    yield from replace(
        _swap_sign(loop.condition, _WIDER)
        for loop in find_loops(subject)
        if loop.condition is not None and not _NUMBER.search(subject.text(loop.condition))
    )
    if subject.language is Language.PYTHON:
        yield from replace(map(_range_edit, _range_bounds(subject)))
    if subject.language is Language.RUBY:
        yield from replace(
            _swap_sign(node, _RANGES)
            for node in subject.by_type.get("range", ())
            if node.child_by_field_name("end") is not None
        )


def _range_bounds(subject: Subject) -> Iterator[Node]:
    """Yield the end of every range that goes upwards by one."""
    for call in subject.of(subject.dialect.calls):
        bounds = arguments_of(call)
        if called_name(subject, call) == "range" and 1 <= len(bounds) <= 2:
            yield bounds[-1]


def _range_edit(bound: Node) -> Edit | None:
    sides = operands(bound) if bound.type == "binary_operator" else None
    if sides is not None and sides[1].text == b"1":
        return Edit(sides[0].end_byte, bound.end_byte, "")
    if bound.type in ("identifier", "call", "attribute"):
        return Edit(bound.end_byte, bound.end_byte, " + 1")
    return None


def _flipped_condition(subject: Subject) -> Iterator[Candidate]:
    for branch in find_branches(subject):
        condition = branch.condition
        if subject.language is Language.RUBY and not branch.is_chained:
            keyword = next(child for child in branch.node.children if child.type in _KEYWORDS)
            other = _KEYWORDS[keyword.type]
            is_plain = branch.otherwise is None and sign_of(branch.condition) is None
            if is_plain or branch.is_negated:
                yield Candidate((Edit(keyword.start_byte, keyword.end_byte, other),))
                continue
        sign = sign_of(condition)
        if sign is not None and sign.type in _LOGIC:
            continue
        worse = invert(subject, condition)
        start, end = condition.byte_range
        if not _BRACKETED.match(worse) or is_negation(condition):
            yield Candidate((Edit(start, end, worse),))


def _wrong_logic(subject: Subject) -> Iterator[Candidate]:
    for node in subject.of(subject.dialect.binaries):
        if not _is_directive(node):
            yield from replace([_swap_sign(node, _LOGIC)])


def _is_directive(node: Node) -> bool:
    """Tell whether an expression is the condition of an ``#if``."""
    child, above = node, node.parent
    while above is not None:
        if above.type.startswith("preproc_") and above.child_by_field_name("condition") == child:
            return True
        child, above = above, above.parent
    return False


def _reversed_comparison(subject: Subject) -> Iterator[Candidate]:
    for branch in find_branches(subject):
        yield from replace([_swap_sign(branch.condition, _REVERSED)])
        for node in operands(branch.condition) or ():
            if node.type in subject.dialect.binaries:
                yield from replace([_swap_sign(node, _REVERSED)])


def _assignment_in_condition(subject: Subject) -> Iterator[Candidate]:
    for branch in find_branches(subject):
        sign, sides = sign_of(branch.condition), operands(branch.condition)
        if sign is None or sides is None or sign.type not in ("==", "==="):
            continue
        if sides[0].type in ("identifier", "field_expression", "member_expression"):
            yield Candidate((Edit(sign.start_byte, sign.end_byte, "="),))


_FALSY = "$b{0|''|\"\"|false}"
_LOWER = "$b{[a-z_][a-z0-9_]*(?:\\.[a-z_][a-z0-9_]*)*|\"[^\"]*\"|'[^']*'}"
_IDENTITY = {
    Language.C: [
        Rewrite("binary_expression", "strcmp($a, $b) == 0", "$a == $b"),
        Rewrite("binary_expression", "strcmp($a, $b) != 0", "$a != $b"),
        Rewrite("unary_expression", "!strcmp($a, $b)", "$a == $b"),
        Rewrite("binary_expression", "strncmp($a, $b, $n) == 0", "$a == $b"),
        Rewrite("binary_expression", "memcmp($a, $b, $n) == 0", "$a == $b"),
        Rewrite("unary_expression", "!memcmp($a, $b, $n)", "$a == $b"),
    ],
    Language.CSHARP: [
        Rewrite(
            "invocation_expression",
            "$t{string|String}.Equals($a, $b, $c{.*IgnoreCase})",
            "$a == $b",
        ),
        Rewrite("invocation_expression", "$a.SequenceEqual($b)", "$a == $b"),
        Rewrite(
            "invocation_expression", "$a{(?!base\\b)[\\w.]+}.Equals($b)", "ReferenceEquals($a, $b)"
        ),
        Rewrite("invocation_expression", "Equals($a, $b)", "ReferenceEquals($a, $b)"),
    ],
    Language.GO: [
        Rewrite("call_expression", "errors.Is($a, $b)", "$a == $b"),
        Rewrite("call_expression", "strings.EqualFold($a, $b)", "$a == $b"),
    ],
    Language.JAVA: [
        Rewrite("method_invocation", "$a{(?!.*[cC]lass)[^()]+}.equals($b)", "$a == $b"),
        Rewrite("method_invocation", "Objects.equals($a, $b)", "$a == $b"),
        Rewrite("method_invocation", "Arrays.equals($a, $b)", "$a == $b"),
    ],
    Language.JAVASCRIPT: [
        Rewrite("binary_expression", f"$a === {_FALSY}", "$a == $b"),
        Rewrite("binary_expression", f"$a !== {_FALSY}", "$a != $b"),
    ],
    Language.PYTHON: [
        Rewrite("comparison_operator", f"$a == {_LOWER}", "$a is $b"),
        Rewrite("comparison_operator", f"$a != {_LOWER}", "$a is not $b"),
    ],
    Language.RUBY: [
        Rewrite("binary", "$a{[@\\w.]+} == $b{\"[^\"#]*\"|'[^']*'}", "$a.equal?($b)"),
        Rewrite("call", "$a.eql?($b)", "$a.equal?($b)"),
    ],
}
_IDENTITY[Language.CPP] = _IDENTITY[Language.C]

OPERATORS = (
    Operator(
        "off-by-one-bound",
        _FC,
        "a loop runs once too often or too seldom",
        ALL,
        _off_by_one_bound,
        is_mirrored=True,
    ),
    Operator(
        "flipped-condition",
        _FC,
        "an if asks for the opposite",
        ALL,
        _flipped_condition,
        is_mirrored=True,
    ),
    Operator(
        "wrong-logic",
        _FC,
        "and stands for or, or stands for and",
        ALL,
        _wrong_logic,
        is_mirrored=True,
    ),
    Operator(
        "reversed-comparison",
        _FC,
        "less stands for greater in a condition",
        ALL,
        _reversed_comparison,
        is_mirrored=True,
    ),
    Operator(
        "assignment-in-condition",
        _FC,
        "a condition assigns instead of comparing",
        (Language.C, Language.CPP, Language.JAVASCRIPT),
        _assignment_in_condition,
    ),
    Operator(
        "identity-for-equality",
        _FC,
        "values are compared by identity, or with conversions",
        ALL,
        rewrites(_IDENTITY),
    ),
)
