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
from themis_train.degradation.variation import choose

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
    ("always", "never"),
    ("enable", "disable"),
    ("enabled", "disabled"),
    ("previous", "next"),
    ("valid", "invalid"),
    ("include", "exclude"),
    ("success", "failure"),
    ("ascending", "descending"),
    ("increase", "decrease"),
    ("higher", "lower"),
    ("inclusive", "exclusive"),
    ("without", "with"),
    ("with", "without"),
    ("more", "less"),
    ("greater", "smaller"),
    ("older", "newer"),
    ("earlier", "later"),
    ("must", "need not"),
    ("can", "cannot"),
    ("is", "is not"),
    ("are", "are not"),
    ("should", "should not"),
)
_OTHER = {a: b for pair in _OPPOSITES for a, b in (pair, pair[::-1])}
_LONGEST_FIRST = sorted(_OTHER, key=len, reverse=True)
# "First we check" and "with regard to" have no opposite.
_WORD = re.compile(
    rf"\b({'|'.join(_LONGEST_FIRST)})\b(?! (?:we|check|try"
    "|of all|not|now|regard|respect|than one))",
    re.IGNORECASE,
)
_MOST_NOISE = 3
_SETS = (
    "set {0}",
    "the {0}",
    "{0} variable",
    "declare {0}",
    "Create {0}.",
    "assign {0}",
    "Get the {0}",
    "initialize {0}",
    "this is {0}",
    "store it in {0}",
)
_RETURNS = (
    "return the result",
    "return",
    "Return the value.",
    "now we return",
    "done",
    "give it back to the caller",
    "return from the function",
    "end of function",
)
_LOOPS = ("loop", "loop over it", "iterate", "for each element", "Start of loop", "go through all")
_IFS = (
    "check the condition",
    "check",
    "if statement",
    "test if this is the case",
    "Check it.",
    "conditional",
    "only if needed",
    "see if true",
)


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
    lines = {line for node in removed for line in (node.start_point[0], node.end_point[0])}
    for node in subject.of(subject.dialect.comments):
        first, last = node.start_point[0], node.end_point[0]
        # What is left of a comment of several lines would be a torn one.
        if node not in removed and {first - 1, last + 1} & lines and subject.dialect.comment:
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
            # Where the opposite stands beside it, the sentence says both.
            if re.search(rf"\b{_OTHER[word[0].lower()]}\b", text, re.IGNORECASE):
                continue
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
        words = choose(subject, _SETS, salt=local.name)
        yield local.statement, words.format(local.name)
    for kinds, several in (
        (subject.dialect.returns, _RETURNS),
        (subject.dialect.loops, _LOOPS),
        (subject.dialect.ifs, _IFS),
    ):
        for node in subject.of(kinds):
            parent = node.parent
            if parent is not None and parent.type in subject.dialect.blocks:
                yield node, choose(subject, several, salt=str(node.start_byte))


def _commented_out_code(subject: Subject) -> Iterator[Candidate]:
    kinds = subject.dialect.expressions | subject.dialect.returns
    mark = subject.dialect.comment
    for node in subject.of(kinds):
        if node.parent is None or node.parent.type not in subject.dialect.blocks:
            continue
        text, salt = subject.text(node), str(node.start_byte)
        is_doc = node.named_child_count == 1 and "string" in node.named_children[0].type
        if (
            len(text) < _TELLING_LENGTH
            or "\n" in text
            or not has_own_lines(subject, node)
            or is_doc
        ):
            continue
        olds = [old for old in _older(text) if old != text]
        if olds:
            space = choose(subject, (" ", " ", ""), salt=salt)
            lines = [f"{mark}{space}{choose(subject, olds, salt=salt)}"]
            if choose(subject, (False, False, True), salt=f"two {salt}"):
                lines.append(f"{mark}{space}{text}")
            yield from replace([insert_before(subject, node, lines)])


def _older(text: str) -> Iterator[str]:
    """Yield a statement as it may once have been."""
    yield re.sub(r",\s*[\w.]+\)", ")", text, count=1)
    yield re.sub(r"\b(\d+)\b", lambda found: str(int(found[1]) + 1), text, count=1)
    yield re.sub(
        r"(?<=\w)(?<!return)(?<!if)(?<!sizeof)\((?=[^)])",
        "Old(" if re.search(r"[a-z][A-Z]", text) else "_old(",
        text,
        count=1,
    )
    yield re.sub(r"\((\w+), (\w+)\)", r"(\2, \1)", text, count=1)
    yield re.sub(r"\b(true|false|True|False)\b", _opposite_word, text, count=1)
    yield re.sub(r"\.(\w+)\(\)", "", text, count=1)
    yield re.sub(
        r"(?<=[\w\])] = )(\w+)(?=[;.(]|$)",
        r"this.\1" if text.endswith(";") else r"_\1",
        text,
        count=1,
    )


def _opposite_word(found: re.Match[str]) -> str:
    return _opposite(found[0])


OPERATORS = (
    Operator("stripped-comments", _RM, "the comments are gone", ALL, _stripped_comments),
    Operator(
        "misleading-comment",
        _RM,
        "a comment says the opposite of what the code does",
        ALL,
        _misleading_comment,
        is_mirrored=True,
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
