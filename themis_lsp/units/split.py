"""Splitting long runs where a statement begins."""

from __future__ import annotations

import re
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from themis_lsp.units.source import Source
from themis_lsp.units.stretches import Stretch
from themis_lsp.units.unit import UnitKind

if TYPE_CHECKING:
    from tree_sitter import Node

_LONG_LINES = 80
_SHORT_LINES = 20

_HOLDS_STATEMENTS = re.compile(
    r"module|program|translation_unit|compilation_unit|source_file|ERROR|preproc_\w+|then|else"
    r"|\w*(?:block|body|declarations?|statements?|_member_declaration_list)|declaration_list"
    r"|(?:field_declaration|enumerator|statement|import_spec|var_spec)_list|interface_type"
)
"""The node types, in all eight grammars, whose children are statements, declarations or fields."""


@dataclass(frozen=True, slots=True)
class _Boundary:
    """A line on which a statement begins, ``depth`` nodes deep."""

    line: int
    depth: int
    byte: int


def split_long_runs(stretches: Sequence[Stretch], root: Node, source: Source) -> list[Stretch]:
    """Return the stretches, with runs of more than 80 lines cut into runs of 20 to 80.

    What has no statement boundary inside, such as a table of data, stays as long as it is.
    """
    long_runs = [s for s in stretches if _is_long(s, source)]
    if not long_runs:
        return list(stretches)
    boundaries = _find_boundaries(root, long_runs, source)
    split: list[Stretch] = []
    for stretch in stretches:
        if _is_long(stretch, source):
            split += _parts(stretch, boundaries, source)
        else:
            split.append(stretch)
    return split


def _is_long(stretch: Stretch, source: Source) -> bool:
    lines = source.line_at(stretch.end - 1) - source.line_at(stretch.start) + 1
    return stretch.kind is UnitKind.STATEMENTS and lines > _LONG_LINES


def _find_boundaries(root: Node, long_runs: Sequence[Stretch], source: Source) -> list[_Boundary]:
    """Return the lines in the runs that a statement begins, each at its least depth."""
    starts = [run.start for run in long_runs]
    found: dict[int, _Boundary] = {}
    waiting = [(root, 0)]
    while waiting:
        node, depth = waiting.pop()
        run = bisect_right(starts, node.end_byte - 1) - 1
        if run < 0 or long_runs[run].end <= node.start_byte:
            continue
        if node.start_point[0] == node.end_point[0]:
            continue
        waiting += [(child, depth + 1) for child in node.children]
        if _HOLDS_STATEMENTS.fullmatch(node.type):
            for child in node.named_children:
                line, byte = child.start_point[0], child.start_byte
                if not child.is_extra and source.line_begin(line) == byte:
                    known = found.get(line)
                    if known is None or depth < known.depth:
                        found[line] = _Boundary(line, depth, byte)
    return [found[line] for line in sorted(found)]


def _parts(run: Stretch, boundaries: Sequence[_Boundary], source: Source) -> Iterator[Stretch]:
    lines = [boundary.line for boundary in boundaries]
    last = source.line_at(run.end - 1)
    start = run.start
    while True:
        first = source.line_at(start)
        if last - first < _LONG_LINES:
            break
        near = bisect_left(lines, first + _SHORT_LINES)
        far = bisect_right(lines, min(first + _LONG_LINES, last - _SHORT_LINES))
        choices = boundaries[near : max(far, near + 1)]
        if not choices or choices[0].byte >= run.end:
            break
        cut = min(choices, key=lambda boundary: _preference(boundary, source))
        code = source.trim(start, cut.byte)
        if code is not None:
            yield replace(run, start=code[0], end=code[1])
        start = cut.byte
    yield replace(run, start=start)


def _preference(boundary: _Boundary, source: Source) -> tuple[int, int, int]:
    """Order by depth, then by the line's text: edits then move the cuts near them, not all."""
    text = source.data[boundary.byte : source.line_end(boundary.line)]
    return boundary.depth, zlib.crc32(text), boundary.line
