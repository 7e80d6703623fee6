"""Silencing what someone has accepted, and nothing but what would be told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from themis_lsp.criteria import Criterion
from themis_lsp.judgement.comparison import ChangeReading, CriterionMargin
from themis_lsp.judgement.findings import is_ranked
from themis_lsp.judgement.gate import Trial
from themis_lsp.judgement.pointing import LineCost, telling_lines
from themis_lsp.judgement.readings import CriterionReading, UnitReading
from themis_lsp.judgement.silence import Silence
from themis_lsp.judgement.verdict import Verdict
from themis_lsp.units.unit import Unit

Finder = Callable[[Unit, Criterion, Collection[int]], Silence | None]
"""What silences a finding about a unit and a criterion that points at some lines, if anything."""

Whole = TypeVar("Whole", ChangeReading, UnitReading)
Part = TypeVar("Part", CriterionMargin, CriterionReading)


@dataclass(frozen=True, slots=True)
class Told(Generic[Whole]):
    """What would be told on one criterion, of what, and the lines that it points at."""

    reading: Whole
    unit: Unit
    criterion: Criterion
    lines: tuple[int, ...]


def told_changes(
    readings: Sequence[ChangeReading], failures: Collection[Trial], *, with_all: bool = False
) -> list[Told[ChangeReading]]:
    """Return every margin that speaks against a change: ``failures`` are those of the gate.

    Where only code was taken away they point at no lines: those are in the file before.
    """
    failing = {(id(trial.reading), trial.margin.criterion) for trial in failures}
    return [
        Told(
            reading,
            reading.change.unit,
            margin.criterion,
            () if reading.points_before else _lines(margin.costliest),
        )
        for reading in readings
        if reading.is_compared(with_all=with_all)
        for margin in reading.margins
        if margin.silence is None
        and ((id(reading), margin.criterion) in failing or _speaks(reading, margin))
    ]


def told_units(
    readings: Sequence[UnitReading], *, below: int, with_all: bool = False
) -> list[Told[UnitReading]]:
    """Return every reading under the percentile ``below``."""
    return [
        Told(unit, unit.unit, reading.criterion, _lines(reading.costliest))
        for unit in readings
        if with_all or is_ranked(unit.unit)
        for reading in unit.readings
        if reading.silence is None and reading.percentile is not None and reading.percentile < below
    ]


def silence_changes(
    readings: Sequence[ChangeReading], told: Sequence[Told[ChangeReading]], find: Finder
) -> list[ChangeReading]:
    """Return the readings with those of ``told`` silenced that ``find`` has something for."""
    return [
        replace(reading, margins=_silence(reading.margins, found)) if found else reading
        for reading, found in _find_all(readings, told, find)
    ]


def silence_units(
    readings: Sequence[UnitReading], told: Sequence[Told[UnitReading]], find: Finder
) -> list[UnitReading]:
    """Return the readings with those of ``told`` silenced that ``find`` has something for."""
    return [
        replace(reading, readings=_silence(reading.readings, found)) if found else reading
        for reading, found in _find_all(readings, told, find)
    ]


def _find_all(
    readings: Sequence[Whole], told: Sequence[Told[Whole]], find: Finder
) -> Iterator[tuple[Whole, Mapping[Criterion, Silence]]]:
    found: dict[int, dict[Criterion, Silence]] = {}
    for one in told:
        silence = find(one.unit, one.criterion, one.lines)
        if silence is not None:
            found.setdefault(id(one.reading), {})[one.criterion] = silence
    for reading in readings:
        yield reading, found.get(id(reading), {})


def _silence(parts: Sequence[Part], found: Mapping[Criterion, Silence]) -> tuple[Part, ...]:
    return tuple(replace(part, silence=found.get(part.criterion, part.silence)) for part in parts)


def _lines(costliest: Sequence[LineCost]) -> tuple[int, ...]:
    return tuple(cost.line for cost in telling_lines(costliest))


def _speaks(reading: ChangeReading, margin: CriterionMargin) -> bool:
    if margin.verdict is not Verdict.SKIPPED:
        return margin.verdict is Verdict.REGRESSED
    is_unjudged = reading.verdict is Verdict.SKIPPED and margin.margin < 0
    return margin.concern is not None or is_unjudged
