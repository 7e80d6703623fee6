"""What code says to its readers alone, and where its definitions have their names."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from themis_lsp.languages import Language
from themis_lsp.units.definitions import Reading, read_tree
from themis_lsp.units.find import parsable
from themis_lsp.units.grammars import load_grammar
from themis_lsp.units.source import read_source

_NOT_NEWLINE = re.compile(r"[^\n]")


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment; ``start`` and ``end`` count code points of the file, half-open; ``line`` from 1.

    ``is_alone`` where no code stands on its lines.
    """

    text: str
    start: int
    end: int
    line: int
    is_alone: bool


@dataclass(frozen=True, slots=True)
class Commentary:
    """What a file has beside its code: lines count from 1.

    ``heads`` maps the line that a definition begins on, decorators included, to the line of its
    name. ``code_lines`` are those with code on them, in order.
    """

    comments: tuple[Comment, ...]
    heads: dict[int, int]
    code_lines: tuple[int, ...]


def read_comments(text: str, language: Language) -> Commentary:
    """Return the comments of a file as the language's grammar knows them, never those in strings.

    Raises UserError for text that cannot be parsed at all.
    """
    data, reading = _read(text, language)
    source = read_source(data, reading.comments)
    comments = []
    for start, end in sorted(set(reading.comments)):
        first, last = source.line_at(start), source.line_at(max(start, end - 1))
        begin = len(data[:start].decode("utf-8", "surrogatepass"))
        content = data[start:end].decode("utf-8", "surrogatepass")
        is_alone = not any(source.is_code(line) for line in range(first, last + 1))
        comments.append(Comment(content, begin, begin + len(content), first + 1, is_alone))
    heads: dict[int, int] = {}
    for definition in reading.definitions:
        if definition.role.kind is not None:
            line = bisect_right(source.line_starts, definition.start)
            heads.setdefault(line, bisect_right(source.line_starts, definition.name_start))
    lines = range(len(source.line_starts))
    return Commentary(
        tuple(comments), heads, tuple(line + 1 for line in lines if source.is_code(line))
    )


def blank_prose(text: str, language: Language) -> str:
    """Return ``text`` with blanks for its comments and docstrings, as long and with all its lines.

    Raises UserError for text that cannot be parsed at all.
    """
    data, reading = _read(text, language)
    parts: list[str] = []
    done = 0
    for start, end in sorted([*reading.comments, *reading.docstrings]):
        if end > done:
            first = max(start, done)
            parts.append(data[done:first].decode("utf-8", "surrogatepass"))
            parts.append(_NOT_NEWLINE.sub(" ", data[first:end].decode("utf-8", "surrogatepass")))
            done = end
    parts.append(data[done:].decode("utf-8", "surrogatepass"))
    return "".join(parts)


def _read(text: str, language: Language) -> tuple[bytes, Reading]:
    from tree_sitter import Parser

    data = text.encode("utf-8", "surrogatepass")
    grammar = load_grammar(language)
    tree = Parser(grammar.language).parse(parsable(text, data, grammar))
    return data, read_tree(tree.root_node, grammar)
