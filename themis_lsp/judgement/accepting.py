"""Silencing what someone has accepted, and nothing but what would be told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from themis_lsp.criteria import Criterion
from themis_lsp.judgement.comparison import ChangeReading, CriterionMargin
from themis_lsp.judgement.findings import is_ranked
from themis_lsp.judgement.gate import Trial
from themis_lsp.judgement.pointing import telling_lines
from themis_lsp.judgement.readings import CriterionReading, UnitReading
from themis_lsp.judgement.silence import Silence
from themis_lsp.judgement.verdict import Verdict
from themis_lsp.units.unit import Unit

Finder = Callable[[Unit, Criterion, Collection[int]], Silence | None]
"""What silences a finding about a unit and a criterion that points at some lines, if anything."""


@dataclass(frozen=True, slots=True)
class ToldChange:
    """A margin that would be told, and whose."""

    reading: ChangeReading
    margin: CriterionMargin

    @property
    def lines(self) -> tuple[int, ...]:
        """The lines that it points at, of the file after."""
        if self.reading.points_before:
            return ()
        return tuple(cost.line for cost in telling_lines(self.margin.costliest))


@dataclass(frozen=True, slots=True)
class ToldUnit:
    """A weak reading that would be told, and whose."""

    unit: UnitReading
    reading: CriterionReading

    @property
    def lines(self) -> tuple[int, ...]:
        """The lines that it points at."""
        return tuple(cost.line for cost in telling_lines(self.reading.costliest))


def told_changes(
    readings: Sequence[ChangeReading], failures: Collection[Trial], *, with_all: bool = False
) -> list[ToldChange]:
    """Return every margin that speaks against a change: ``failures`` are those of the gate."""
    failing = {(id(trial.reading), trial.margin.criterion) for trial in failures}
    return [
        ToldChange(reading, margin)
        for reading in readings
        if reading.is_compared(with_all=with_all)
        for margin in reading.margins
        if margin.silence is None
        and ((id(reading), margin.criterion) in failing or _speaks(reading, margin))
    ]


def told_units(
    readings: Sequence[UnitReading], *, below: int, with_all: bool = False
) -> list[ToldUnit]:
    """Return every reading under the percentile ``below``."""
    return [
        ToldUnit(unit, reading)
        for unit in readings
        if with_all or is_ranked(unit.unit)
        for reading in unit.readings
        if reading.silence is None and reading.percentile is not None and reading.percentile < below
    ]


def silence_changes(
    readings: Sequence[ChangeReading], told: Sequence[ToldChange], find: Finder
) -> list[ChangeReading]:
    """Return the readings with those of ``told`` silenced that ``find`` has something for."""
    found: dict[tuple[int, Criterion], Silence] = {}
    for one in told:
        silence = find(one.reading.change.unit, one.margin.criterion, one.lines)
        if silence is not None:
            found[id(one.reading), one.margin.criterion] = silence
    touched = {key for key, _ in found}
    return [
        replace(
            reading,
            margins=tuple(
                replace(m, silence=found.get((id(reading), m.criterion), m.silence))
                for m in reading.margins
            ),
        )
        if id(reading) in touched
        else reading
        for reading in readings
    ]


def silence_units(
    readings: Sequence[UnitReading], told: Sequence[ToldUnit], find: Finder
) -> list[UnitReading]:
    """Return the readings with those of ``told`` silenced that ``find`` has something for."""
    found: dict[tuple[int, Criterion], Silence] = {}
    for one in told:
        silence = find(one.unit.unit, one.reading.criterion, one.lines)
        if silence is not None:
            found[id(one.unit), one.reading.criterion] = silence
    touched = {key for key, _ in found}
    return [
        replace(
            unit,
            readings=tuple(
                replace(r, silence=found.get((id(unit), r.criterion), r.silence))
                for r in unit.readings
            ),
        )
        if id(unit) in touched
        else unit
        for unit in readings
    ]


def _speaks(reading: ChangeReading, margin: CriterionMargin) -> bool:
    if margin.verdict is not Verdict.SKIPPED:
        return margin.verdict is Verdict.REGRESSED
    is_unjudged = reading.verdict is Verdict.SKIPPED and margin.margin < 0
    return margin.concern is not None or is_unjudged
