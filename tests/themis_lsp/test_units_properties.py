"""What holds for the units of any text: real, damaged or random."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tree_sitter import Parser

from themis_lsp.languages import Language, parse_language
from themis_lsp.units import Unit, UnitKind, find_units
from themis_lsp.units.grammars import load_grammar

SAMPLES = Path(__file__).parent / "sources" / "units"
NAMES = ["c", "cpp", "csharp", "go", "java", "javascript", "python", "ruby"]
COMMENTS = {
    "comment",
    "line_comment",
    "block_comment",
    "html_comment",
    "hash_bang_line",
    "shebang_directive",
    "uninterpreted",
}


def _sample(name: str) -> str:
    return (SAMPLES / f"{name}.txt").read_text(encoding="utf-8")


def _is_docstring(language: Language, kind: str, depth: int) -> bool:
    return language is Language.PYTHON and kind == "string" and depth == 2


def _code_lines(text: str, language: Language) -> dict[int, bytes]:
    """The lines with more on them than blanks and comments, from 1, without these.

    Docstrings are comments.
    """
    data = bytearray("".join("?" if "\ud800" <= c <= "\udfff" else c for c in text).encode())
    blank = data.replace(b"\xef\xbb\xbf", b"   ", 1) if data[:3] == b"\xef\xbb\xbf" else data
    waiting = [(Parser(load_grammar(language).language).parse(bytes(data)).root_node, 0)]
    while waiting:
        node, depth = waiting.pop()
        if node.type in COMMENTS or _is_docstring(language, node.type, depth):
            covered = blank[node.start_byte : node.end_byte]
            blank[node.start_byte : node.end_byte] = bytes(10 if c == 10 else 32 for c in covered)
        else:
            waiting += [(child, depth + 1) for child in node.children]
    lines = enumerate(bytes(blank).split(b"\n"), 1)
    return {number: line.strip() for number, line in lines if line.strip()}


def _check_each(units: list[Unit], text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    for unit in units:
        assert unit.name
        assert unit.text == unit.text.strip(" \t\r\n\f\v") != ""
        span = data[unit.start_byte : unit.end_byte]
        assert unit.text.encode("utf-8", "surrogatepass") == span
        assert unit.start_line == data[: unit.start_byte].count(b"\n") + 1
        assert unit.end_line == data[: unit.end_byte].count(b"\n") + 1


def _check_nesting(units: list[Unit]) -> None:
    around: list[Unit] = []
    for before, unit in zip([None, *units], units, strict=False):
        assert before is None or before.start_byte <= unit.start_byte
        while around and around[-1].end_byte <= unit.start_byte:
            around.pop()
        if around:
            assert unit.end_byte <= around[-1].end_byte
            assert UnitKind.STATEMENTS not in (unit.kind, around[-1].kind)
        around.append(unit)


def check_units(text: str, language: Language) -> None:
    units = find_units(text, path="sample", language=language)
    assert units == find_units(text, path="sample", language=language)
    _check_each(units, text)
    _check_nesting(units)
    covered = {line for unit in units for line in range(unit.start_line, unit.end_line + 1)}
    code = _code_lines(text, language)
    assert all(_is_frame(line, language) for n, line in code.items() if n not in covered)


def _is_frame(line: bytes, language: Language) -> bool:
    grammar = load_grammar(language)
    frames = (grammar.closes, grammar.opens, grammar.prelude)
    return any(frame.fullmatch(line) for frame in frames)


@st.composite
def damaged(draw: st.DrawFn, text: str) -> str:
    """The text with a few stretches deleted, doubled, moved, or replaced by something else."""
    debris = st.sampled_from(
        ["{", "}", "(", ")", '"', "'", "/*", "*/", "#", "\n", "\r\n", "\\\n", "<<<<<<< HEAD\n"]
    ) | st.text(max_size=5)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 80)))
        piece = draw(st.just("") | debris | st.just(text[start:end] * 2))
        text = text[:start] + piece + text[end:]
    return text[: draw(st.integers(0, len(text)))] if draw(st.booleans()) else text


@pytest.mark.parametrize("name", NAMES)
def test_the_samples_keep_the_promises(name: str) -> None:
    check_units(_sample(name), parse_language(name))


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_damaged_samples_keep_the_promises(name: str, data: st.DataObject) -> None:
    check_units(data.draw(damaged(_sample(name))), parse_language(name))


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(Language), st.text(st.characters(), max_size=60))
def test_any_text_keeps_the_promises(language: Language, text: str) -> None:
    check_units(text, language)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_any_order_of_tokens_keeps_the_promises(name: str, data: st.DataObject) -> None:
    tokens = sorted({*re.findall(r"\w+|\s+|[^\w\s]+", _sample(name)), "\r\n", "\ufeff", "\ud800"})
    drawn = data.draw(st.lists(st.sampled_from(tokens), max_size=60))
    check_units(" ".join(drawn), parse_language(name))
