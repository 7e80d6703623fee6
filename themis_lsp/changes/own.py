"""The code that is a unit's own, and when two stretches of code are the same."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from themis_lsp.languages import Language
from themis_lsp.units.grammars import load_grammar
from themis_lsp.units.unit import Unit

# What stands above a Python definition, at its indentation rather than that of its body.
_PRELUDE = ("@", "#")


def own_texts(units: Sequence[Unit]) -> list[str]:
    """Return the text of each unit without that of the units inside it.

    ``units`` are those of one file, in file order. An edit is then seen in one unit, the innermost
    around it.
    """
    texts: list[list[bytes]] = [[] for _ in units]
    around: list[int] = []
    reached = [unit.start_byte for unit in units]
    datas = [unit.text.encode("utf-8", "surrogatepass") for unit in units]

    def take(index: int, end: int) -> None:
        start = units[index].start_byte
        texts[index].append(datas[index][reached[index] - start : end - start])

    for index, unit in enumerate(units):
        while around and units[around[-1]].end_byte <= unit.start_byte:
            closed = around.pop()
            take(closed, units[closed].end_byte)
        if around:
            take(around[-1], unit.start_byte)
            reached[around[-1]] = unit.end_byte
        around.append(index)
    for index in around:
        take(index, units[index].end_byte)
    return [b"".join(parts).decode("utf-8", "surrogatepass") for parts in texts]


def squeeze(text: str) -> str:
    """Return ``text`` without white space."""
    return "".join(text.split())


def syntax_form(text: str, language: Language) -> str:
    """Return what code is apart from white space without meaning.

    Two texts that differ in white space alone are the same code if their forms are equal: if
    they parse to the same tree with the same leaves, wherever they are indented to.
    """
    from tree_sitter import Parser

    if language is Language.PYTHON:
        text = _at_the_margin(text)
    data = text.encode("utf-8", "replace")
    cursor = Parser(load_grammar(language).language).parse(data).walk()
    parts: list[str] = []
    reached = 0
    while True:
        node = cursor.node
        assert node is not None
        gap = data[reached : node.start_byte]
        parts.append(node.type)
        if gap.strip():
            parts.append(gap.decode("utf-8", "replace"))  # in strings, some text is in no leaf
        reached = max(reached, node.start_byte)
        if cursor.goto_first_child():
            parts.append("(")
            continue
        leaf = data[node.start_byte : node.end_byte].decode("utf-8", "replace")
        parts.append(_leaf_form(node.type, leaf))
        reached = max(reached, node.end_byte)
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return "\0".join(parts)
            parts.append(")")


def _leaf_form(kind: str, text: str) -> str:
    # A newline may be a token; how many follow each other says nothing.
    return " ".join(text.split()) if "comment" in kind or not text.strip() else text


def _at_the_margin(text: str) -> str:
    """Return Python code as it would stand at the margin; its first line does already."""
    first, newline, rest = text.partition("\n")
    rest = textwrap.dedent(rest)
    if not text.startswith(_PRELUDE):
        rest = textwrap.indent(rest, " ")
    return first + newline + rest
