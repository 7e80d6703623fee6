"""Layout that hides how the code runs."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.layout import (
    dedent_lines,
    has_own_lines,
    holds_long_text,
    in_style,
    indent_lines,
    indent_of,
    line_start,
    step_of,
)
from themis_train.degradation.operators import ALL, Candidate, Edit, Operator
from themis_train.degradation.shapes import Guard, find_guards, statements
from themis_train.degradation.subject import Subject
from themis_train.degradation.variation import choose

if TYPE_CHECKING:
    from tree_sitter import Node

_RM = Criterion.READABILITY_MAINTAINABILITY
_DIRECTIVE = re.compile(r"^\s*#\s*(?:if|el|endif|define|undef)", re.MULTILINE)
_MOST_CRAMMED = 3
_NO_PYTHON = tuple(language for language in Language if language is not Language.PYTHON)


def _else_after_return(subject: Subject) -> Iterator[Candidate]:
    for guard in find_guards(subject):
        parent = guard.node.parent
        if parent is None or parent.type not in subject.dialect.blocks:
            continue
        rest = [node for node in statements(parent) if node.start_byte >= guard.node.end_byte]
        if len(rest) < 2 or not all(has_own_lines(subject, node) for node in (guard.node, *rest)):
            continue
        if any(holds_long_text(subject, node) for node in rest):
            continue
        edits = _nest(subject, guard, rest[-1].end_byte)
        if edits:
            yield Candidate(edits)


def _nest(subject: Subject, guard: Guard, end: int) -> tuple[Edit, ...]:
    """Return the edits that put what follows a guard into its else."""
    node, newline = guard.node, subject.newline
    indent, step = indent_of(subject, node), step_of(subject)
    begin = line_start(subject, node.end_byte)
    begin = subject.data.find(b"\n", begin) + 1
    rest = subject.slice(begin, end)
    if (_DIRECTIVE.search(rest) and subject.dialect.has_braces) or rest.lstrip().startswith("}"):
        return ()
    nested = step + indent_lines(rest, step) if rest.strip() else rest
    if not subject.slice(begin, begin + 1).strip():
        blank = len(rest) - len(rest.lstrip("\r\n"))
        nested = step + indent_lines(rest[blank:], step)
    match subject.language:
        case Language.PYTHON:
            return (Edit(begin, end, f"{indent}else:{newline}{nested}"),)
        case Language.RUBY if guard.branch.is_modifier:
            keyword = "unless" if guard.branch.is_negated else "if"
            condition, body = subject.text(guard.branch.condition), subject.text(guard.branch.body)
            head = (
                f"{keyword} {condition}{newline}{indent}{step}{body}{newline}{indent}else{newline}"
            )
            return (Edit(node.start_byte, end, f"{head}{nested}{newline}{indent}end"),)
        case Language.RUBY:
            closing = node.children[-1]
            start = closing.start_byte
            return (Edit(start, end, f"else{newline}{nested}{newline}{indent}end"),)
        case _:
            after = node.end_byte
            is_braced = subject.data[after - 1 : after] == b"}"
            opening = in_style(subject, ["} else {"])
            is_below = len(opening) > 1
            joint = " " if is_braced and not is_below else newline + indent
            tail = f"{newline}{indent}}}"
            head = f"else{newline}{indent}{{" if is_below else "else {"
            return (
                Edit(after, after, f"{joint}{head}"),
                Edit(begin, end, f"{nested}{tail}"),
            )


def _crammed_lines(subject: Subject) -> Iterator[Candidate]:
    for block in subject.of(subject.dialect.blocks):
        inside = statements(block)
        joints: list[Edit] = []
        for left, right in itertools.pairwise(inside):
            edit = _join(subject, left, right)
            if edit is not None and len(joints) < _MOST_CRAMMED:
                joints.append(edit)
            elif joints:
                break
        if joints:
            yield Candidate(tuple(joints))


def _join(subject: Subject, left: Node, right: Node) -> Edit | None:
    kinds = subject.dialect.expressions | subject.dialect.assignments | subject.dialect.returns
    for node in (left, right):
        is_simple = node.type in kinds or "declaration" in node.type
        is_text = node.named_child_count == 1 and "string" in node.named_children[0].type
        if is_text or not is_simple or node.start_point[0] != node.end_point[0]:
            return None
    between = subject.slice(left.end_byte, right.start_byte)
    if between.strip() or between.count("\n") != 1:
        return None
    is_ended = bool(subject.dialect.end) and subject.text(left).endswith(subject.dialect.end)
    return Edit(left.end_byte, right.start_byte, " " if is_ended else "; ")


def _lost_indentation(subject: Subject) -> Iterator[Candidate]:
    for block in subject.of(subject.dialect.blocks):
        parent = block.parent
        inside = statements(block)
        is_inner = parent is not None and parent.type not in subject.dialect.functions
        if parent is None or not is_inner or len(inside) < 2 or block.type == "statement_list":
            continue
        if holds_long_text(subject, block) or not all(has_own_lines(subject, n) for n in inside):
            continue
        if any(node.type.startswith(("case", "switch", "default")) for node in inside):
            continue
        step = step_of(subject)
        start, end = line_start(subject, inside[0].start_byte), inside[-1].end_byte
        text = subject.slice(start, end)
        if start > parent.start_byte and text.startswith(step):
            flat = dedent_lines(text.removeprefix(step), step)
            deep = indent_lines(step + text, step)
            mixed = _some_lines(subject, text, step, salt=str(start))
            worse = choose(subject, (flat, flat, deep, mixed), salt=str(start))
            yield Candidate((Edit(start, end, worse),))


def _some_lines(subject: Subject, text: str, step: str, *, salt: str) -> str:
    """Return lines of which about every second has lost its indentation."""
    lines = text.split("\n")
    return "\n".join(
        line.removeprefix(step) if choose(subject, (True, False), salt=f"{salt} {number}") else line
        for number, line in enumerate(lines)
    )


OPERATORS = (
    Operator(
        "else-after-return",
        _RM,
        "what follows an early return is nested in an else",
        ALL,
        _else_after_return,
    ),
    Operator("crammed-lines", _RM, "several statements stand on one line", ALL, _crammed_lines),
    Operator(
        "lost-indentation",
        _RM,
        "a block is not indented",
        _NO_PYTHON,
        _lost_indentation,
    ),
)
