"""Roundabout ways to say simple things."""

from __future__ import annotations

import re
from collections.abc import Iterator

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.conditions import invert, is_negation
from themis_train.degradation.layout import has_own_lines, in_style, indent_of, step_of
from themis_train.degradation.operators import ALL, Candidate, Edit, Operator
from themis_train.degradation.shapes import find_branches, sign_of
from themis_train.degradation.subject import Subject
from themis_train.degradation.variation import choose

_RM = Criterion.READABILITY_MAINTAINABILITY
_COMPARISONS = frozenset(["==", "!=", "===", "!==", "<", ">", "<=", ">=", "is", "in"]) | {
    "is not",
    "not in",
}
_CLAIM = re.compile(
    r"(?:[\w.@]+(?:\.|->))?(?:is|has|can|should|was|needs|Is|Has|Can)_?[A-Za-z]\w*"
    r"(?:\([\w., ]*\))?\??"
    r"|[\w.@]+\?(?:\([\w., ]*\))?"
)


def _roundabout_boolean(subject: Subject) -> Iterator[Candidate]:
    """A comparison is returned through an if."""
    dialect = subject.dialect
    for node in subject.of(dialect.returns):
        inner = node.named_children
        while len(inner) == 1 and inner[0].type in ("expression_list", "argument_list"):
            inner = inner[0].named_children
        if len(inner) != 1 or not has_own_lines(subject, node) or "\n" in subject.text(node):
            continue
        value, sign = inner[0], sign_of(inner[0])
        is_claim = value.type in dialect.binaries and sign is not None
        if not (is_claim and sign is not None and sign.type in _COMPARISONS) and not (
            value.type in dialect.nots and is_negation(value)
        ):
            continue
        if node.parent is not None and node.parent.type in dialect.blocks:
            worse = _returned_by_if(subject, subject.text(value), indent_of(subject, node))
            yield Candidate((Edit(node.start_byte, node.end_byte, worse),))


def _returned_by_if(subject: Subject, condition: str, indent: str) -> str:
    dialect = subject.dialect
    step, end = step_of(subject), dialect.end
    is_int = subject.language is Language.C and "bool" not in subject.unit.text
    true, false = ("1", "0") if is_int else (dialect.true, dialect.false)
    yes, no = f"return {true}{end}", f"return {false}{end}"
    inner = step + yes
    several: tuple[list[str], ...]
    match subject.language:
        case Language.PYTHON:
            several = (
                [f"if {condition}:", inner, "else:", step + no],
                [f"if {condition}:", inner, no],
                [f"return True if {condition} else False"],
                [f"result = True if {condition} else False", "return result"],
            )
        case Language.RUBY:
            several = (
                [f"if {condition}", inner, "else", step + no, "end"],
                [f"return true if {condition}", no],
                [f"return ({condition}) ? true : false"],
            )
        case Language.GO:
            several = (
                [f"if {condition} {{", inner, "} else {", step + no, "}"],
                [f"if {condition} {{", inner, "}", no],
            )
        case _:
            several = (
                [f"if ({condition}) {{", inner, "} else {", step + no, "}"],
                [f"if ({condition}) {{", inner, "}", no],
                [f"return ({condition}) ? {true} : {false}{end}"],
            )
    lines = in_style(subject, choose(subject, several, salt=condition))
    return (subject.newline + indent).join(lines)


def _compared_with_true(subject: Subject) -> Iterator[Candidate]:
    for branch in find_branches(subject):
        text = subject.text(branch.condition)
        if _CLAIM.fullmatch(text) and not text.startswith("defined") and "ptr" not in text.lower():
            end = branch.condition.end_byte
            worse = choose(subject, _comparisons(subject), salt=text)
            yield Candidate((Edit(end, end, worse),))


def _comparisons(subject: Subject) -> list[str]:
    true, false = subject.dialect.true, subject.dialect.false
    match subject.language:
        case Language.PYTHON:
            return [f" == {true}", f" is {true}", f" != {false}", f" is not {false}"]
        case Language.JAVASCRIPT:
            return [f" == {true}", f" === {true}", f" !== {false}"]
        case _:
            return [f" == {true}", f" == {true}", f" != {false}"]


def _double_negation(subject: Subject) -> Iterator[Candidate]:
    for branch in find_branches(subject):
        condition, sign = branch.condition, sign_of(branch.condition)
        if condition.type not in subject.dialect.binaries or sign is None:
            continue
        if sign.type in _COMPARISONS and condition.named_child_count == 2:
            turned = invert(subject, condition)
            worse = f"{subject.dialect.not_}({turned})"
            if subject.language is not Language.C and subject.language is not Language.PYTHON:
                other = f"({turned}) == {subject.dialect.false}"
                worse = choose(subject, (worse, worse, other), salt=turned)
            yield Candidate((Edit(condition.start_byte, condition.end_byte, worse),))


_WITH_TRUE = tuple(language for language in Language if language is not Language.C)

OPERATORS = (
    Operator(
        "roundabout-boolean",
        _RM,
        "a comparison is returned by way of an if",
        ALL,
        _roundabout_boolean,
    ),
    Operator(
        "compared-with-true", _RM, "a claim is compared with true", _WITH_TRUE, _compared_with_true
    ),
    Operator("double-negation", _RM, "a condition is negated twice", ALL, _double_negation),
)
