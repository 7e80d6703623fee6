"""Expressions that give a wrong value."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.declared import TYPED, declared_type
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
_ARITHMETIC = {"+": "-", "-": "+", "*": "/", "/": "*"}
_SYMMETRIC = re.compile(
    r"(?:min|max|add|sum|and|or|eq|equals?|gcd|lcm|swap|print\w*|log\w*|puts|debug|info|warn\w*|"
    r"error|assert\w*|expect\w*|union|intersect\w*|\w*compare\w*|\w*Equals?|"
    r"include|require|p|format|zip|cross|mul\w*|\w*(?:overflow|_mul_|_add_|same|equal|max|min)\w*)",
    re.IGNORECASE,
)
_SIMPLE_ARGUMENTS = frozenset({"identifier", "attribute", "member_expression", "field_expression"})
_POSITION = re.compile(
    r"(?:[ijkn]|idx|index|pos|position|offset|row|col|cur|\w+_(?:idx|index|pos))"
)
_OTHER_END = {"0": "1", "1": "0"}
_DENSE = re.compile(r"\w[-+]1\b")
_WRONG_RETURN = (
    (re.compile(r"(return\s+)(true|True)(;?)"), {"true": "false", "True": "False"}),
    (re.compile(r"(return\s+)(false|False)(;?)"), {"false": "true", "False": "True"}),
    (re.compile(r"(return\s+)(-1)(;?)"), {"-1": "0"}),
    (re.compile(r"(return\s+)(0)(;?)"), {"0": "-1"}),
)


def _wrong_arithmetic(subject: Subject) -> Iterator[Candidate]:
    for node in subject.of(subject.dialect.binaries):
        sign, sides = sign_of(node), operands(node)
        if sign is None or sides is None or sign.type not in _ARITHMETIC:
            continue
        is_round = subject.text(sides[1]) in ("1", "1.0") and sign.type in "*/"
        is_constant = sides[0].type in subject.dialect.numbers
        if sides[1].type in subject.dialect.numbers and not is_round and not is_constant:
            yield Candidate((Edit(sign.start_byte, sign.end_byte, _ARITHMETIC[sign.type]),))


def _swapped_arguments(subject: Subject) -> Iterator[Candidate]:
    for call in subject.of(subject.dialect.calls):
        if _SYMMETRIC.fullmatch(called_name(subject, call)):
            continue
        given = arguments_of(call)
        for left, right in itertools.pairwise(given):
            texts = [subject.text(side) for side in (left, right)]
            if not _are_alike(subject, texts):
                continue
            if texts[0] != texts[1] and all(map(_is_simple_argument, (left, right))):
                yield Candidate(
                    (
                        Edit(left.start_byte, left.end_byte, texts[1]),
                        Edit(right.start_byte, right.end_byte, texts[0]),
                    )
                )


def _are_alike(subject: Subject, names: list[str]) -> bool:
    """Tell whether a compiler would let two names change places."""
    if subject.language not in TYPED:
        return True
    left, right = (declared_type(subject, name) for name in names)
    return left is not None and left == right


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
        sign, text = sign_of(index), subject.text(index)
        if sides is not None and sides[1].text == b"1" and sign is not None and sign.type in "+-":
            yield Candidate((Edit(sides[0].end_byte, index.end_byte, ""),))
        elif text in _OTHER_END:
            yield Candidate((Edit(index.start_byte, index.end_byte, _OTHER_END[text]),))
        elif _POSITION.fullmatch(text):
            is_dense = subject.language is Language.GO or _DENSE.search(subject.unit.text)
            for step in ("+1", "-1") if is_dense else (" + 1", " - 1"):
                yield Candidate((Edit(index.end_byte, index.end_byte, step),))


def _wrong_return(subject: Subject) -> Iterator[Candidate]:
    for node in subject.of(subject.dialect.returns):
        text = subject.text(node)
        for pattern, others in _WRONG_RETURN:
            found = pattern.fullmatch(text)
            if found is not None and _can_fail(subject, found[2]):
                start, end = (node.start_byte + byte for byte in found.span(2))
                yield Candidate((Edit(start, end, others[found[2]]),))


def _can_fail(subject: Subject, value: str) -> bool:
    """Tell whether 0 stands for success and -1 for failure, where one of them is returned."""
    codes = {"0", "-1"}
    found = set(re.findall(r"\breturn\s+\(?(-?\d+)\)?\s*;", subject.unit.text))
    return value not in codes or codes <= found


_EMPTY = "$d{\\[\\]|\"[^\"]*\"|'[^']*'|-?\\d+|None|nil|true|false|True|False|[\\w.]+\\(\\)|[A-Z_]+}"
_MAPPING = "$a{(?!(?:\\w+\\.)*(?:\\w*client|session|requests|app|http|router|queue|cli))[\\w.]+}"
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
        Rewrite("call", f"{_MAPPING}.get($k, {_EMPTY})", "$a[$k]"),
        Rewrite("call", "next($a, $d)", "next($a)"),
    ],
    Language.RUBY: [
        Rewrite("binary", f"$a || {_EMPTY}", "$a"),
        Rewrite("call", "$a.fetch($k, $d)", "$a.fetch($k)"),
    ],
}
_NO_PATH = "{(?!.*(?:[dD]ir|[pP]ath|[rR]oot|[fF]older|[hH]ome|[bB]ase|here))[\\w.()\\[\\]]+}"
_AMOUNT = "$b{\\d[\\d.]*|len\\(.+\\)|\\w*(?:count|size|total|len|num|width|height|scale|max|n)}"
_WHOLE = "$b{(?!.*(?:double|float|\\d\\.|\\.\\d))[^,;]+}"
_WRONG_DIVISION = {
    Language.C: [Rewrite("binary_expression", f"($t{{double|float}}) $a / {_WHOLE}", "$a / $b")],
    Language.CPP: [
        Rewrite("binary_expression", f"($t{{double|float}}) $a / {_WHOLE}", "$a / $b"),
        Rewrite("binary_expression", f"static_cast<$t{{double|float}}>($a) / {_WHOLE}", "$a / $b"),
        Rewrite("binary_expression", f"$t{{double|float}}($a) / {_WHOLE}", "$a / $b"),
    ],
    Language.CSHARP: [
        Rewrite("binary_expression", "($t{double|float|decimal}) $a / $b", "$a / $b"),
    ],
    Language.GO: [
        Rewrite("binary_expression", "float64($a) / float64($b)", "float64($a / $b)"),
    ],
    Language.JAVA: [Rewrite("binary_expression", f"($t{{double|float}}) $a / {_WHOLE}", "$a / $b")],
    Language.JAVASCRIPT: [
        Rewrite("call_expression", "Math.floor($a / $b)", "$a / $b"),
        Rewrite("call_expression", "Math.$f{ceil|floor}($a)", "Math.round($a)"),
    ],
    Language.PYTHON: [
        Rewrite("binary_operator", f"$a{_NO_PATH} / {_AMOUNT}", "$a // $b"),
        Rewrite("binary_operator", f"$a{_NO_PATH} // {_AMOUNT}", "$a / $b"),
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
        is_mirrored=True,
    ),
    Operator(
        "swapped-arguments", _FC, "two arguments have changed places", ALL, _swapped_arguments
    ),
    Operator(
        "off-by-one-index",
        _FC,
        "the element beside the right one",
        ALL,
        _off_by_one_index,
        is_mirrored=True,
    ),
    Operator(
        "wrong-return",
        _FC,
        "failure is returned as success, or so",
        ALL,
        _wrong_return,
        is_mirrored=True,
    ),
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
