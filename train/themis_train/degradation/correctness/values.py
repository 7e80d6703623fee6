"""Expressions that give a wrong value."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.operators import ALL, Candidate, Edit, Operator
from themis_train.degradation.rewriting import Rewrite, languages_of, rewrites
from themis_train.degradation.shapes import (
    arguments_of,
    called_name,
    operands,
    sign_of,
)
from themis_train.degradation.subject import Subject

if TYPE_CHECKING:
    from tree_sitter import Node

_FC = Criterion.FUNCTIONAL_CORRECTNESS
_ARITHMETIC = {"+": "-", "-": "+", "*": "+", "/": "*", "%": "/"}
_SYMMETRIC = re.compile(
    r"(?:min|max|add|sum|and|or|eq|equals?|gcd|lcm|swap|print\w*|log\w*|puts|debug|info|warn\w*|"
    r"error|assert\w*|expect\w*|union|intersect\w*|\w*compare\w*|\w*Equals?|"
    r"include|require|p|format|zip|cross|mul\w*)",
    re.IGNORECASE,
)
_SIMPLE_ARGUMENTS = frozenset({"identifier", "attribute", "member_expression", "field_expression"})
_POSITION = re.compile(
    r"(?:[ijkn]|idx|index|pos|position|offset|row|col|cur|\w+_(?:idx|index|pos))"
)
_WRONG_RETURN = (
    (re.compile(r"(return\s+)(true|True)(;?)"), {"true": "false", "True": "False"}),
    (re.compile(r"(return\s+)(false|False)(;?)"), {"false": "true", "False": "True"}),
    (re.compile(r"(return\s+)(-1)(;?)"), {"-1": "0"}),
    (re.compile(r"(return\s+(?:[^\n]*,\s*))(err)()"), {"err": "nil"}),
)


def _wrong_arithmetic(subject: Subject) -> Iterator[Candidate]:
    for node in subject.of(subject.dialect.binaries):
        sign, sides = sign_of(node), operands(node)
        if sign is None or sides is None or sign.type not in _ARITHMETIC:
            continue
        if sides[1].type in subject.dialect.numbers:
            yield Candidate((Edit(sign.start_byte, sign.end_byte, _ARITHMETIC[sign.type]),))


def _swapped_arguments(subject: Subject) -> Iterator[Candidate]:
    for call in subject.of(subject.dialect.calls):
        if _SYMMETRIC.fullmatch(called_name(subject, call)):
            continue
        given = arguments_of(call)
        for left, right in itertools.pairwise(given):
            texts = [subject.text(side) for side in (left, right)]
            if texts[0] != texts[1] and all(map(_is_simple_argument, (left, right))):
                yield Candidate(
                    (
                        Edit(left.start_byte, left.end_byte, texts[1]),
                        Edit(right.start_byte, right.end_byte, texts[0]),
                    )
                )


def _is_simple_argument(node: Node) -> bool:
    if node.type == "argument" and node.named_child_count == 1:
        return _is_simple_argument(node.named_children[0])
    return node.type in _SIMPLE_ARGUMENTS


def _off_by_one_index(subject: Subject) -> Iterator[Candidate]:
    for node in subject.of(subject.dialect.subscripts):
        index = node.named_children[-1]
        while index.type in ("subscript_argument_list", "bracketed_argument_list", "argument"):
            if index.named_child_count != 1:
                break
            index = index.named_children[0]
        sides = operands(index) if index.type in subject.dialect.binaries else None
        text = subject.text(index)
        if sides is not None and sides[1].text == b"1":
            yield Candidate((Edit(sides[0].end_byte, index.end_byte, ""),))
        elif text == "0":
            yield Candidate((Edit(index.start_byte, index.end_byte, "1"),))
        elif _POSITION.fullmatch(text):
            yield Candidate((Edit(index.end_byte, index.end_byte, " + 1"),))


def _wrong_return(subject: Subject) -> Iterator[Candidate]:
    for node in subject.of(subject.dialect.returns):
        text = subject.text(node)
        for pattern, others in _WRONG_RETURN:
            found = pattern.fullmatch(text)
            if found is not None and (found[2] != "err" or subject.language is Language.GO):
                start, end = (node.start_byte + byte for byte in found.span(2))
                yield Candidate((Edit(start, end, others[found[2]]),))


_EMPTY = "$d{\\[\\]|\"[^\"]*\"|'[^']*'|-?\\d+|None|nil|true|false|True|False|[\\w.]+\\(\\)|[A-Z_]+}"
_MISSING_DEFAULT = {
    Language.CPP: [Rewrite("call_expression", "$a.value_or($d)", "$a.value()")],
    Language.CSHARP: [
        Rewrite("binary_expression", "$a ?? $d", "$a"),
        Rewrite("invocation_expression", "$a.FirstOrDefault($x{[^()]*})", "$a.First($x)"),
        Rewrite("invocation_expression", "$a.GetValueOrDefault()", "$a.Value"),
    ],
    Language.JAVA: [
        Rewrite("method_invocation", "$a.getOrDefault($k, $d)", "$a.get($k)"),
        Rewrite("method_invocation", "$a.orElse($d)", "$a.get()"),
        Rewrite("method_invocation", "$a.orElseGet($d)", "$a.get()"),
    ],
    Language.JAVASCRIPT: [
        Rewrite("binary_expression", f"$a || {_EMPTY}", "$a"),
        Rewrite("binary_expression", "$a ?? $d", "$a"),
    ],
    Language.PYTHON: [
        Rewrite("boolean_operator", f"$a or {_EMPTY}", "$a"),
        Rewrite("call", "getattr($a, $b, $c)", "getattr($a, $b)"),
        Rewrite("call", "$a{[\\w.]+}.get($k, $d)", "$a[$k]"),
        Rewrite("call", "next($a, $d)", "next($a)"),
    ],
    Language.RUBY: [
        Rewrite("binary", f"$a || {_EMPTY}", "$a"),
        Rewrite("call", "$a.fetch($k, $d)", "$a.fetch($k)"),
    ],
}
_WRONG_DIVISION = {
    Language.C: [Rewrite("binary_expression", "($t{double|float}) $a / $b", "$a / $b")],
    Language.CPP: [
        Rewrite("binary_expression", "($t{double|float}) $a / $b", "$a / $b"),
        Rewrite("binary_expression", "static_cast<$t{double|float}>($a) / $b", "$a / $b"),
        Rewrite("binary_expression", "$t{double|float}($a) / $b", "$a / $b"),
    ],
    Language.CSHARP: [
        Rewrite("binary_expression", "($t{double|float|decimal}) $a / $b", "$a / $b"),
    ],
    Language.GO: [
        Rewrite("binary_expression", "float64($a) / float64($b)", "float64($a / $b)"),
    ],
    Language.JAVA: [Rewrite("binary_expression", "($t{double|float}) $a / $b", "$a / $b")],
    Language.JAVASCRIPT: [
        Rewrite("call_expression", "Math.floor($a / $b)", "$a / $b"),
        Rewrite("call_expression", "Math.$f{ceil|floor}($a)", "Math.round($a)"),
    ],
    Language.PYTHON: [
        Rewrite("binary_operator", '$a / $b{(?!["\']|f")[\\w.()]+}', "$a // $b"),
        Rewrite("binary_operator", "$a // $b", "$a / $b"),
    ],
    Language.RUBY: [
        Rewrite("binary", "$a.to_f / $b", "$a / $b"),
        Rewrite("call", "$a.fdiv($b)", "$a / $b"),
    ],
}

OPERATORS = (
    Operator(
        "wrong-arithmetic",
        _FC,
        "a constant is added instead of subtracted, and the like",
        ALL,
        _wrong_arithmetic,
    ),
    Operator(
        "swapped-arguments", _FC, "two arguments have changed places", ALL, _swapped_arguments
    ),
    Operator("off-by-one-index", _FC, "the element beside the right one", ALL, _off_by_one_index),
    Operator("wrong-return", _FC, "failure is returned as success, or so", ALL, _wrong_return),
    Operator(
        "missing-default",
        _FC,
        "a missing value is not replaced by its default",
        languages_of(_MISSING_DEFAULT),
        rewrites(_MISSING_DEFAULT),
    ),
    Operator(
        "wrong-rounding",
        _FC,
        "a division or rounding loses or keeps the wrong part",
        languages_of(_WRONG_DIVISION),
        rewrites(_WRONG_DIVISION),
    ),
)
