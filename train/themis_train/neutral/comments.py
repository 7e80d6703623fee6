"""Comments that come, go or move; what runs stays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from themis_lsp.languages import Language
from themis_train.degradation.layout import (
    begins_line,
    has_own_lines,
    indent_of,
    insert_before,
    line_start,
    remove_lines,
)
from themis_train.degradation.operators import ALL, Candidate, Edit, replace
from themis_train.degradation.shapes import find_guards, find_locals, find_loops
from themis_train.degradation.subject import Subject
from themis_train.degradation.variation import choose
from themis_train.neutral.operators import BRACED, Family, NeutralOperator

if TYPE_CHECKING:
    from tree_sitter import Node

# Comments that tools read.
_DIRECTIVE = re.compile(
    r"(?i)^(?://|#|/\*)\s*(?:!|go:|\+build|nolint|noqa|type:|pylint|mypy|pragma|eslint|jshint|jslint"
    r"|istanbul|prettier|ts-|@|rubocop|frozen|encoding|:nodoc|nosec|fmt:|clang|nolint|cppcheck"
    r"|fall ?s?-?thr|resharper|region|endregion|noinspection|checkstyle|suppress|coverity|lint|\*"
    r"|sourcemap|global|exported|lcov|gcov|region|spotless|isort|yapf|ruff|line\b|export\b)"
)
_BEFORE_LOOP = ("one after the other", "go through all of them", "loop", "repeat for each")
_BEFORE_GUARD = (
    "special case",
    "leave early in this case",
    "this case is done here",
    "check first",
)
_BEFORE_RETURN = ("done", "hand it back", "that is all", "return to the caller")


def _comments(subject: Subject) -> Iterator[Node]:
    """Yield comments of one line that no other comment goes on from and no tool reads."""
    for node in subject.of(subject.dialect.comments):
        text = subject.text(node)
        if not _DIRECTIVE.match(text) and "\n" not in text.strip() and not _is_one_of_many(node):
            yield node


def _is_one_of_many(node: Node) -> bool:
    before, after = node.prev_named_sibling, node.next_named_sibling
    return any(
        other is not None
        and "comment" in other.type
        and abs(other.start_point[0] - node.start_point[0]) <= 1
        for other in (before, after)
    )


def _comment_added(subject: Subject) -> Iterator[Candidate]:
    places: list[tuple[Node, tuple[str, ...]]] = []
    places += [(loop.node, _BEFORE_LOOP) for loop in find_loops(subject)]
    places += [(guard.node, _BEFORE_GUARD) for guard in find_guards(subject)]
    places += [(node, _BEFORE_RETURN) for node in subject.of(subject.dialect.returns)]
    declared = [(local.statement, ("a local value",)) for local in find_locals(subject)]
    for node, words in places or declared:
        if node.parent is None or node.parent.type not in subject.dialect.blocks:
            continue
        if begins_line(subject, node):
            said = choose(subject, words, salt=str(node.start_byte))
            line = f"{subject.dialect.comment} {said}"
            yield from replace([insert_before(subject, node, [line])])


def _comment_removed(subject: Subject) -> Iterator[Candidate]:
    for node in _comments(subject):
        if not has_own_lines(subject, node) or node.start_byte <= subject.unit.start_byte:
            continue
        if node.parent is not None and node.parent.type in subject.dialect.blocks:
            yield from replace([remove_lines(subject, node)])


def _comment_moved(subject: Subject) -> Iterator[Candidate]:
    """From behind a statement to the line above it."""
    for node in _comments(subject):
        start = line_start(subject, node.start_byte)
        before = subject.slice(start, node.start_byte)
        statement = node.prev_named_sibling
        if begins_line(subject, node) or statement is None or start < subject.unit.start_byte:
            continue
        if node.parent is None or node.parent.type not in subject.dialect.blocks:
            continue
        if not begins_line(subject, statement) or statement.start_point[0] != node.start_point[0]:
            continue
        code_end = start + len(before.rstrip().encode("utf-8", "surrogatepass"))
        above = indent_of(subject, statement) + subject.text(node).rstrip() + subject.newline
        yield Candidate((Edit(start, start, above), Edit(code_end, node.end_byte, "")))


def _comment_style(subject: Subject) -> Iterator[Candidate]:
    for node in _comments(subject):
        text = subject.text(node)
        if text.startswith("// ") and "*/" not in text:
            new = f"/* {text[3:].rstrip()} */"
        elif re.fullmatch(r"/\* [^*]*? \*/", text) and _ends_line(subject, node):
            new = f"// {text[3:-3]}"
        else:
            continue
        if not text.endswith("\\"):
            yield Candidate((Edit(node.start_byte, node.start_byte + len(text.encode()), new),))


def _ends_line(subject: Subject, node: Node) -> bool:
    return subject.data[node.end_byte : node.end_byte + 1] in (b"\n", b"\r")


_COMMENTS = Family.COMMENTS
OPERATORS = (
    NeutralOperator("comment-added", _COMMENTS, "a plain comment comes in", ALL, _comment_added),
    NeutralOperator("comment-removed", _COMMENTS, "a comment goes", ALL, _comment_removed),
    NeutralOperator(
        "comment-moved",
        _COMMENTS,
        "a comment behind a statement goes above it",
        ALL,
        _comment_moved,
    ),
    NeutralOperator(
        "comment-style",
        _COMMENTS,
        "a comment of a line is written the other way",
        (*BRACED, Language.GO),
        _comment_style,
    ),
)
