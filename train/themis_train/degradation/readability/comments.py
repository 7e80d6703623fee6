"""Comments that are missing, wrong, or say what the code says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.layout import (
    begins_line,
    ends_line,
    has_own_lines,
    insert_before,
    line_end,
    remove_lines,
)
from themis_train.degradation.operators import ALL, Candidate, Edit, Operator, replace
from themis_train.degradation.shapes import body_of, find_locals, statements
from themis_train.degradation.subject import Subject

if TYPE_CHECKING:
    from tree_sitter import Node

_RM = Criterion.READABILITY_MAINTAINABILITY
_FOR_MACHINES = re.compile(
    r"noqa|nolint|eslint|pylint|pragma|type:|rubocop|checkstyle|istanbul|prettier|copyright|license"
    r"|fallthrough|fall through|TODO|FIXME|XXX|@generated|go:|NOSONAR|ReSharper|:nodoc:",
    re.IGNORECASE,
)
_LOOKS_LIKE_CODE = re.compile(r"[;{}]\s*$|^\W*\w+\(.*\)\s*$|\w+ = \w+", re.MULTILINE)
_TELLING_LENGTH = 24
_OPPOSITES = (
    ("before", "after"),
    ("first", "last"),
    ("true", "false"),
    ("minimum", "maximum"),
    ("smallest", "largest"),
    ("read", "write"),
    ("open", "close"),
    ("add", "remove"),
    ("start", "end"),
    ("always", "never"),
    ("input", "output"),
    ("enable", "disable"),
    ("left", "right"),
    ("previous", "next"),
    ("valid", "invalid"),
    ("include", "exclude"),
    ("success", "failure"),
    ("source", "destination"),
    ("new", "old"),
)
_OTHER = {a: b for pair in _OPPOSITES for a, b in (pair, pair[::-1])}
_WORD = re.compile(rf"\b({'|'.join(_OTHER)})\b", re.IGNORECASE)
_MOST_NOISE = 3


def _telling_comments(subject: Subject) -> Iterator[Node]:
    for node in subject.of(subject.dialect.comments):
        text = subject.text(node)
        if not _FOR_MACHINES.search(text) and not _LOOKS_LIKE_CODE.search(text):
            yield node


def _docstring(subject: Subject) -> Node | None:
    body = body_of(subject)
    if subject.language is not Language.PYTHON or body is None:
        return None
    inside = statements(body)
    first = inside[0].named_children[0] if inside and inside[0].named_child_count else None
    is_text = first is not None and first.type == "string" and len(inside) > 1
    return inside[0] if is_text else None


def _stripped_comments(subject: Subject) -> Iterator[Candidate]:
    removed = list(_telling_comments(subject))
    docstring = _docstring(subject)
    if docstring is not None:
        removed.append(docstring)
    if sum(node.end_byte - node.start_byte for node in removed) < _TELLING_LENGTH:
        return
    edits = [_strip(subject, node) for node in removed]
    kept = tuple(edit for edit in edits if edit is not None)
    if kept:
        yield Candidate(kept)


def _strip(subject: Subject, comment: Node) -> Edit | None:
    if comment.start_byte == subject.unit.start_byte:
        following = _next_code(subject, comment.end_byte)
        return Edit(comment.start_byte, following, "")
    if begins_line(subject, comment) and ends_line(subject, comment):
        return remove_lines(subject, comment)
    end = line_end(subject, comment.end_byte)
    if subject.slice(comment.end_byte, end).strip():
        return None
    before = subject.data[: comment.start_byte].rstrip(b" \t")
    return Edit(len(before), comment.end_byte, "")


def _next_code(subject: Subject, byte: int) -> int:
    rest = subject.data[byte:]
    return byte + len(rest) - len(rest.lstrip())


def _misleading_comment(subject: Subject) -> Iterator[Candidate]:
    nodes = list(_telling_comments(subject))
    docstring = _docstring(subject)
    if docstring is not None:
        nodes.append(docstring)
    for node in nodes:
        text = subject.text(node)
        for word in _WORD.finditer(text):
            start = node.start_byte + len(text[: word.start()].encode())
            yield Candidate((Edit(start, start + len(word[0]), _opposite(word[0])),))


def _opposite(word: str) -> str:
    other = _OTHER[word.lower()]
    if word.isupper():
        return other.upper()
    return other.capitalize() if word[0].isupper() else other


def _noise_comments(subject: Subject) -> Iterator[Candidate]:
    edits: list[Edit] = []
    for node, words in _restatements(subject):
        above = node.prev_named_sibling
        if above is not None and above.type in subject.dialect.comments:
            continue
        if has_own_lines(subject, node) and len(edits) < _MOST_NOISE:
            edit = insert_before(subject, node, [f"{subject.dialect.comment} {words}"])
            if edit is not None and edit.start > subject.unit.start_byte:
                edits.append(edit)
    if len(edits) > 1:
        yield Candidate(tuple(edits))


def _restatements(subject: Subject) -> Iterator[tuple[Node, str]]:
    """Yield statements and what they say, in words."""
    for local in find_locals(subject):
        yield local.statement, f"set {local.name}"
    for node in subject.of(subject.dialect.returns):
        yield node, "return the result"
    for node in subject.of(subject.dialect.loops):
        yield node, "loop"
    for node in subject.of(subject.dialect.ifs):
        parent = node.parent
        if parent is not None and parent.type in subject.dialect.blocks:
            yield node, "check the condition"


def _commented_out_code(subject: Subject) -> Iterator[Candidate]:
    kinds = subject.dialect.expressions | subject.dialect.returns
    for node in subject.of(kinds):
        if node.parent is None or node.parent.type not in subject.dialect.blocks:
            continue
        text = subject.text(node)
        if len(text) < _TELLING_LENGTH or "\n" in text or not has_own_lines(subject, node):
            continue
        older = _older(text, subject.dialect.null)
        if older != text:
            lines = [f"{subject.dialect.comment} {older}"]
            yield from replace([insert_before(subject, node, lines)])


def _older(text: str, null: str) -> str:
    """Return a statement as it may once have been: with an argument less, or another value."""
    shorter = re.sub(r",\s*[\w.]+\)", ")", text, count=1)
    if shorter != text:
        return shorter
    return re.sub(r"(?<=[\w\])] = )[^=;]+?(?=;?$)|(?<=^return )[^;]+?(?=;?$)", null, text, count=1)


OPERATORS = (
    Operator("stripped-comments", _RM, "the comments are gone", ALL, _stripped_comments),
    Operator(
        "misleading-comment",
        _RM,
        "a comment says the opposite of what the code does",
        ALL,
        _misleading_comment,
    ),
    Operator("noise-comments", _RM, "comments say what the code says anyway", ALL, _noise_comments),
    Operator(
        "commented-out-code",
        _RM,
        "an older version of a statement is left as a comment",
        ALL,
        _commented_out_code,
    ),
)
