"""Other line breaks, other braces: nothing that a parser would notice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from themis_lsp.languages import Language
from themis_train.degradation.dialect import types
from themis_train.degradation.layout import (
    begins_line,
    has_own_lines,
    holds_long_text,
    indent_of,
    line_start,
    step_of,
)
from themis_train.degradation.operators import ALL, Candidate, Edit
from themis_train.degradation.rewriting import languages_of
from themis_train.degradation.shapes import find_branches
from themis_train.degradation.subject import Subject
from themis_train.neutral.operators import BRACED, Family, NeutralOperator

if TYPE_CHECKING:
    from tree_sitter import Node

_LONGEST_LINE = 96
_LISTS = {
    Language.C: types("initializer_list"),
    Language.CPP: types("initializer_list"),
    Language.JAVA: types("array_initializer"),
    Language.JAVASCRIPT: types("array object"),
    Language.PYTHON: types("list dictionary set"),
    Language.RUBY: types("array hash"),
}
_BARE = types(
    "expression_statement return_statement break_statement continue_statement throw_statement"
)


def _argument_lists(subject: Subject) -> Iterator[tuple[Node, list[Node]]]:
    """Yield parenthesised lists of at least two arguments, without comments or long texts."""
    for call in subject.of(subject.dialect.calls):
        listed = call.child_by_field_name("arguments")
        if listed is None or not subject.text(listed).startswith("("):
            continue
        arguments = listed.named_children
        is_plain = not any("comment" in argument.type for argument in arguments)
        if len(arguments) >= 2 and is_plain and not holds_long_text(subject, listed):
            yield listed, arguments


def _wrapped_call(subject: Subject) -> Iterator[Candidate]:
    for listed, arguments in _argument_lists(subject):
        if listed.start_point[0] != listed.end_point[0]:
            continue
        start = line_start(subject, listed.start_byte)
        column = len(subject.slice(start, arguments[0].start_byte).expandtabs(4))
        deeper = subject.newline + indent_of(subject, listed) + 2 * step_of(subject)
        aligned = subject.newline + " " * column
        joint = aligned if column < 40 and "\t" not in indent_of(subject, listed) else deeper
        places = [(one.end_byte, other.start_byte) for one, other in pairwise(arguments)]
        if all(subject.slice(*place).strip() == "," for place in places):
            yield Candidate(tuple(Edit(start, end, f",{joint}") for start, end in places))


def _joined_call(subject: Subject) -> Iterator[Candidate]:
    for listed, _ in _argument_lists(subject):
        text = subject.text(listed)
        joined = re.sub(r"\s*\r?\n\s*", " ", text).replace("( ", "(").replace(" )", ")")
        joined = joined.replace(",)", ")")
        before = listed.start_byte - line_start(subject, listed.start_byte)
        is_short = "\n" in text and before + len(joined) <= _LONGEST_LINE
        if is_short and not re.search(r"//|#|=>|\{", text):
            yield Candidate((Edit(listed.start_byte, listed.end_byte, joined),))


def _statements(subject: Subject) -> Iterator[tuple[Node, Node]]:
    """Yield neighbours in a block, each with lines of its own."""
    for block in subject.of(subject.dialect.blocks):
        for above, below in pairwise(block.named_children):
            is_code = not any("comment" in node.type for node in (above, below))
            if is_code and has_own_lines(subject, above) and begins_line(subject, below):
                yield above, below


def _blank_line_added(subject: Subject) -> Iterator[Candidate]:
    for above, below in _statements(subject):
        if below.start_point[0] == above.end_point[0] + 1 and above.end_point[1] > 0:
            start = line_start(subject, below.start_byte)
            yield Candidate((Edit(start, start, subject.newline),))


def _blank_line_removed(subject: Subject) -> Iterator[Candidate]:
    for above, below in _statements(subject):
        between = subject.slice(above.end_byte, below.start_byte)
        gap = re.fullmatch(r"(;?[ \t]*\r?\n)[ \t]*\r?\n([ \t]*)", between)
        if gap is not None:
            yield Candidate((Edit(above.end_byte, below.start_byte, gap[1] + gap[2]),))


def _brace_moved(subject: Subject) -> Iterator[Candidate]:
    """All braces of the unit that open a block on the line of its head go below it, or back."""
    down, up = [], []
    for block in subject.of(subject.dialect.blocks):
        parent = block.parent
        if parent is None or not subject.text(block).startswith("{"):
            continue
        start = line_start(subject, block.start_byte)
        before = subject.slice(start, block.start_byte)
        if begins_line(subject, block):
            head_end = len(subject.data[:start].rstrip())
            if subject.slice(line_start(subject, head_end - 1), head_end).find("//") < 0:
                up.append(Edit(head_end, block.start_byte, " "))
        elif before.strip() and before.endswith(" ") and "\n" in subject.text(block):
            indent = before[: len(before) - len(before.lstrip())]
            down.append(Edit(block.start_byte - 1, block.start_byte, subject.newline + indent))
    for edits in (down, up):
        if edits and not (down and up):
            yield Candidate(tuple(edits))


def _braces_added(subject: Subject) -> Iterator[Candidate]:
    for branch in find_branches(subject):
        body = branch.body
        if body.type not in _BARE or branch.otherwise is not None:
            continue
        if not has_own_lines(subject, body) or body.start_point[0] != body.end_point[0]:
            continue
        head_end = len(subject.data[: body.start_byte].rstrip())
        if "//" in subject.slice(line_start(subject, head_end - 1), head_end):
            continue
        closing = f"{subject.newline}{indent_of(subject, branch.node)}}}"
        yield Candidate(
            (Edit(head_end, head_end, " {"), Edit(body.end_byte, body.end_byte, closing))
        )


def _trailing_comma(subject: Subject) -> Iterator[Candidate]:
    for listed in subject.of(_LISTS.get(subject.language, frozenset())):
        elements = listed.named_children
        if len(elements) < 2 or any("comment" in one.type for one in elements):
            continue
        if any("spread" in one.type or "splat" in one.type for one in elements):
            continue
        end = subject.slice(elements[-1].end_byte, listed.end_byte)
        if re.fullmatch(r"\s*\n\s*[\]}]", end):
            yield Candidate((Edit(elements[-1].end_byte, elements[-1].end_byte, ","),))
        elif re.fullmatch(r",\s*\n\s*[\]}]", end):
            yield Candidate((Edit(elements[-1].end_byte, elements[-1].end_byte + 1, ""),))


_LAYOUT = Family.LAYOUT
OPERATORS = (
    NeutralOperator("wrapped-call", _LAYOUT, "an argument a line", ALL, _wrapped_call),
    NeutralOperator("joined-call", _LAYOUT, "all arguments on one line", ALL, _joined_call),
    NeutralOperator(
        "blank-line-added", _LAYOUT, "a blank line between statements", ALL, _blank_line_added
    ),
    NeutralOperator(
        "blank-line-removed", _LAYOUT, "no blank line between statements", ALL, _blank_line_removed
    ),
    NeutralOperator(
        "brace-moved",
        _LAYOUT,
        "opening braces on lines of their own, or not",
        (Language.C, Language.CSHARP, Language.CPP, Language.JAVA),
        _brace_moved,
    ),
    NeutralOperator(
        "braces-added", _LAYOUT, "braces around a single statement", BRACED, _braces_added
    ),
    NeutralOperator(
        "trailing-comma",
        _LAYOUT,
        "a comma behind the last element, or none",
        languages_of(_LISTS),
        _trailing_comma,
    ),
)
