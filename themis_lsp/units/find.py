"""Finding the units of a file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from themis_lsp.languages import Language
from themis_lsp.units.definitions import read_tree
from themis_lsp.units.grammars import Grammar, load_grammar
from themis_lsp.units.places import nest_definitions
from themis_lsp.units.runs import class_cuts, settle_frames, stretch_runs
from themis_lsp.units.source import BLANK, BLANKED, Source, read_source
from themis_lsp.units.split import split_long_runs
from themis_lsp.units.stretches import Stretch, stretch_functions
from themis_lsp.units.unit import Unit, UnitKind

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def find_units(text: str, *, path: str, language: Language) -> list[Unit]:
    """Return the units of a file, in the order of their first bytes.

    Two units are disjoint, or one is a function inside another. Every line with code on it lies in
    a unit, but for those that close what ends with a function. Text that does not parse has units
    too. Lone surrogates are encoded as three bytes each (``surrogatepass``), so that bytes still
    count into the text's encoding.
    """
    from tree_sitter import Parser

    data = text.encode("utf-8", "surrogatepass")
    grammar = load_grammar(language)
    root = Parser(grammar.language).parse(parsable(text, data, grammar)).root_node
    reading = read_tree(root, grammar)
    source = read_source(data, reading.comments)
    places = nest_definitions(reading.definitions, grammar.rules)
    outermost, nested = stretch_functions(places, grammar.prelude, source)
    runs = stretch_runs(outermost, class_cuts(places, source), reading.asides, source)
    settled = settle_frames(list(runs), grammar, source)
    stretches = [*_widen_runs(split_long_runs(settled, root, source), source), *nested]
    stretches.sort(key=lambda stretch: (stretch.start, -stretch.end))
    return [_unit(stretch, source, path, language) for stretch in stretches]


def parsable(text: str, data: bytes, grammar: Grammar) -> bytes:
    """Return bytes of the same length as ``data`` that the parser gets further with."""
    if _LONE_SURROGATE.search(text):
        data = _LONE_SURROGATE.sub("\ufffd", text).encode()
    for obstacle in grammar.obstacles:
        readable = bytearray(data)
        for found in obstacle.finditer(data):
            start, end = found.span(1)
            readable[start:end] = readable[start:end].translate(BLANKED)
        data = bytes(readable)
    return data


def _widen_runs(stretches: Sequence[Stretch], source: Source) -> Iterator[Stretch]:
    """Give each run the rest of its first and last line, and the comments directly above it."""
    floor = 0
    for i, stretch in enumerate(stretches):
        if stretch.kind is not UnitKind.STATEMENTS:
            widened = stretch
        else:
            begin = source.line_begin(source.line_at(stretch.start))
            start = source.climb(begin, floor) if begin >= floor else stretch.start
            limit = stretches[i + 1].start if i + 1 < len(stretches) else len(source.data)
            line_end = source.line_end(source.line_at(stretch.end - 1))
            end = max(stretch.end, min(line_end, limit))
            widened = replace(stretch, start=start, end=end)
        floor = widened.end
        yield widened


def _unit(stretch: Stretch, source: Source, path: str, language: Language) -> Unit:
    content = source.data[stretch.start : stretch.end].rstrip(BLANK)
    end = stretch.start + len(content)
    return Unit(
        path,
        language,
        stretch.kind,
        stretch.name,
        stretch.start,
        end,
        source.line_at(stretch.start) + 1,
        source.line_at(max(stretch.start, end - 1)) + 1,
        content.decode("utf-8", "surrogatepass"),
    )
