"""Runs of statements: everything that stands in no function."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from themis_lsp.units.definitions import Range
from themis_lsp.units.places import Place
from themis_lsp.units.rules import Role
from themis_lsp.units.source import Source
from themis_lsp.units.stretches import Stretch
from themis_lsp.units.unit import UnitKind

if TYPE_CHECKING:
    from themis_lsp.units.grammars import Grammar

MODULE = "<module>"

Cut = tuple[int, str]
"""From this byte on, up to the next cut, code outside of functions belongs to this name."""


def class_cuts(places: Sequence[Place], source: Source) -> list[Cut]:
    """Return where the classes that stand in no function begin and end, in file order.

    A class on a single line is a statement like others.
    """
    events: list[tuple[int, str, bool]] = [(0, MODULE, True)]
    around: list[tuple[int, str]] = [(len(source.data) + 1, MODULE)]
    for place in places:
        if place.role is not Role.CLASS or place.function >= 0:
            continue
        if source.line_at(place.start) == source.line_at(place.end - 1):
            continue
        while around[-1][0] <= place.start:
            end, _ = around.pop()
            events.append((end, around[-1][1], False))
        around.append((place.end, place.name))
        events.append((place.start, place.name, True))
    while len(around) > 1:
        end, _ = around.pop()
        events.append((end, around[-1][1], False))
    return list(_aligned_cuts(events, source))


def _aligned_cuts(events: Sequence[tuple[int, str, bool]], source: Source) -> Iterator[Cut]:
    """Yield the cuts moved to where their line begins or ends, unless one is there already."""
    floor = 0
    for i, (byte, name, opens) in enumerate(events):
        if opens:
            begin = source.line_begin(source.line_at(byte))
            cut = begin if floor <= begin < byte else byte
        else:
            limit = events[i + 1][0] if i + 1 < len(events) else len(source.data)
            cut = max(byte, min(limit, source.line_end(source.line_at(byte - 1))))
        floor = cut
        yield cut, name


def stretch_runs(
    functions: Sequence[Stretch], cuts: Sequence[Cut], asides: Sequence[Range], source: Source
) -> Iterator[Stretch]:
    """Yield the functions and, between them, one stretch for each name that code belongs to."""
    starts = [byte for byte, _ in cuts]
    alone = frozenset(asides)
    position = 0
    ends = Stretch(UnitKind.STATEMENTS, MODULE, len(source.data), len(source.data))
    for function in [*functions, ends]:
        while position < function.start:
            owner = bisect_right(starts, position)
            stop = min(function.start, starts[owner] if owner < len(starts) else function.start)
            code = source.trim(position, stop)
            if code is not None and code not in alone:
                yield Stretch(UnitKind.STATEMENTS, cuts[owner - 1][1], *code)
            position = stop
        position = max(position, function.end)
        if function is not ends:
            yield function


def settle_frames(stretches: Sequence[Stretch], grammar: Grammar, source: Source) -> list[Stretch]:
    """Join every run that only frames other code (``}``, ``public:``) to a run beside it.

    A run takes it rather than a function. Between equals, what closes goes to the one before, the
    rest to the one after; but no function takes what closes: it is the same text wherever in
    a class it stands, and when another one comes behind it.
    """
    settled: list[Stretch] = []
    waiting: Range | None = None
    for is_frame, group in groupby(stretches, lambda s: _is_frame(s, grammar, source)):
        members = list(group)
        if is_frame:
            waiting = members[0].start, members[-1].end
            continue
        if waiting is not None:
            last = settled[-1] if settled else None
            before, after = _shares(waiting, (last, members[0]), grammar.closes, source)
            if before is not None:
                settled[-1] = replace(settled[-1], end=before[1])
            if after is not None:
                members[0] = replace(members[0], start=after[0])
            waiting = None
        settled += members
    if waiting is None:
        return settled
    if settled and settled[-1].kind is UnitKind.STATEMENTS:
        return [*settled[:-1], replace(settled[-1], end=waiting[1])]
    return settled or [Stretch(UnitKind.STATEMENTS, MODULE, *waiting)]


def _is_frame(stretch: Stretch, grammar: Grammar, source: Source) -> bool:
    if stretch.kind is not UnitKind.STATEMENTS:
        return False
    lines = (line.strip() for line in source.code[stretch.start : stretch.end].split(b"\n"))
    frames = (grammar.closes, grammar.opens, grammar.prelude)
    return all(any(frame.fullmatch(line) for frame in frames) for line in lines if line)


def _shares(
    waiting: Range,
    beside: tuple[Stretch | None, Stretch],
    closes: re.Pattern[bytes],
    source: Source,
) -> tuple[Range | None, Range | None]:
    """Return which parts of the frame lines go to the stretch before and to the one after."""
    before_is_run, after_is_run = (
        one is not None and one.kind is UnitKind.STATEMENTS for one in beside
    )
    if before_is_run != after_is_run:
        return (waiting, None) if before_is_run else (None, waiting)
    start, end = waiting
    cut = position = start
    for line in source.code[start:end].split(b"\n"):
        position += len(line) + 1
        if line.strip() and closes.fullmatch(line.strip()):
            cut = min(position, end)
    return source.trim(start, cut) if before_is_run else None, source.trim(cut, end)
