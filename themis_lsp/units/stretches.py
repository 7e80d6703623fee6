"""Stretches of a file: units before their text is cut out. Here, those of functions."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from themis_lsp.units.places import Place
from themis_lsp.units.rules import Role
from themis_lsp.units.source import BLANK, Source
from themis_lsp.units.unit import UnitKind


@dataclass(frozen=True, slots=True)
class Stretch:
    """A unit to be: what it is, its qualified name, its bytes."""

    kind: UnitKind
    name: str
    start: int
    end: int


def stretch_functions(
    places: Sequence[Place], prelude: re.Pattern[bytes], source: Source
) -> tuple[list[Stretch], list[Stretch]]:
    """Return the functions that stand in no other, and those that do, each in file order.

    A function takes all of its first and last line that belongs to nothing else, and the comments
    directly above it (and lines that match ``prelude``).
    """
    starts = [place.start for place in places if place.role is not Role.SCOPE]
    outermost: list[Stretch] = []
    nested: list[Stretch] = []
    taken: dict[int, int] = {}
    for place in places:
        if place.role.kind is None:
            continue
        floor = taken.get(place.function, 0)
        holder_start = places[place.holder].start if place.holder >= 0 else -1
        start = place.start
        begin = source.line_begin(source.line_at(start))
        if begin >= floor and begin > holder_start:
            start = source.climb(begin, max(floor, holder_start), prelude)
        after = bisect_left(starts, place.end)
        limit = starts[after] if after < len(starts) else len(source.data)
        if place.function >= 0:
            limit = min(limit, places[place.function].end)
        end = _aligned_end(place, source, limit)
        taken[place.function] = end
        (outermost if place.function < 0 else nested).append(
            Stretch(place.role.kind, place.name, start, end)
        )
    return outermost, nested


def _aligned_end(place: Place, source: Source, limit: int) -> int:
    """Return the end of the place's last line, or of the place if something else ends there."""
    line_end = source.line_end(source.line_at(place.end - 1))
    end = min(line_end, limit)
    if place.function >= 0 and limit <= line_end:
        end = place.end
    return place.start + len(source.data[place.start : max(end, place.end)].rstrip(BLANK))
