"""From rewards to readings: a percentile per criterion and the lines that cost most."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from themis_lsp.bundle.percentiles import ReferenceTables
from themis_lsp.criteria import Criterion
from themis_lsp.errors import BundleError
from themis_lsp.judgement.lines import line_costs
from themis_lsp.judgement.pointing import (
    COSTLIEST_LINES,
    LineCost,
    costly_lines,
    find_surroundings,
)
from themis_lsp.judgement.prose import prose_lines
from themis_lsp.judgement.silence import Silence
from themis_lsp.scoring.score import Score
from themis_lsp.units.comments import blank_prose
from themis_lsp.units.unit import Unit

MINIMUM_TOKENS = 12
"""A unit of fewer tokens gets no percentile: with so little to read, its place is chance."""


@dataclass(frozen=True, slots=True)
class CriterionReading:
    """How a unit does on one criterion.

    ``percentile`` is 0..100, None where the bundle has no reference units to compare with and for
    a unit too short to judge. ``shortfall`` is the reward of a middling comparable unit minus
    ``reward``. ``costliest`` holds up to three lines, the costliest first. ``silence`` says who has
    accepted it, None where nobody has. One that ``is_escalated`` is the word of the second model of
    a cascade.
    """

    criterion: Criterion
    reward: float
    percentile: float | None
    shortfall: float
    costliest: tuple[LineCost, ...]
    silence: Silence | None = None
    is_escalated: bool = False


@dataclass(frozen=True, slots=True)
class UnitReading:
    """A unit and its readings.

    ``start_column`` is the 1-based code point where the unit begins. One that ``is_too_short`` to
    judge, of fewer than ``MINIMUM_TOKENS`` tokens, has rewards but no percentiles.
    """

    unit: Unit
    start_column: int
    is_too_short: bool
    readings: tuple[CriterionReading, ...]

    @property
    def silenced(self) -> tuple[CriterionReading, ...]:
        """The readings that someone has accepted."""
        return tuple(reading for reading in self.readings if reading.silence is not None)


def read_units(
    units: Sequence[Unit],
    scores: Sequence[Score],
    *,
    texts: Mapping[str, str],
    tables: ReferenceTables | None,
    columns: Mapping[Criterion, int],
) -> list[UnitReading]:
    """Return one reading per unit, in order.

    ``texts`` maps the path of every unit to the text of its file; ``columns`` maps each criterion
    wanted to its place in the scores' rewards. Raises BundleError when a reward is not a number.
    """
    encoded = {path: text.encode() for path, text in texts.items()}
    return [
        _read_unit(unit, score, data=encoded[unit.path], tables=tables, columns=columns)
        for unit, score in zip(units, scores, strict=True)
    ]


def leave_out(reading: UnitReading, ignored: Collection[Criterion]) -> UnitReading:
    """Return the reading without what it says on some criteria."""
    kept = tuple(own for own in reading.readings if own.criterion not in ignored)
    return reading if len(kept) == len(reading.readings) else replace(reading, readings=kept)


def _read_unit(
    unit: Unit,
    score: Score,
    *,
    data: bytes,
    tables: ReferenceTables | None,
    columns: Mapping[Criterion, int],
) -> UnitReading:
    if not (np.isfinite(score.rewards).all() and np.isfinite(score.token_rewards).all()):
        raise BundleError(
            f"the model gave a reward that is not a number to {unit.path}:{unit.start_line}; "
            "the bundle is damaged or wrongly exported"
        )
    around = find_surroundings(unit, data)
    is_too_short = len(score.token_starts) < MINIMUM_TOKENS
    length = len(unit.text)
    comments = prose_lines(unit.text, blank_prose(unit.text, unit.language))
    readings = []
    for criterion, column in columns.items():
        reward = float(score.rewards[column])
        percentile, median = None, None
        if tables is not None:
            median = tables.median(unit.language, length, criterion)
        if tables is not None and not is_too_short:
            percentile = tables.percentile(
                unit.language, length, criterion=criterion, reward=reward
            )
        reference = 0.0 if median is None else median
        costs = line_costs(unit, score, criterion_index=column, reference_reward=reference)
        but = () if criterion.reads_comments else comments
        costliest = costly_lines(unit, costs, around, but=but)[:COSTLIEST_LINES]
        readings.append(
            CriterionReading(criterion, reward, percentile, reference - reward, costliest)
        )
    return UnitReading(unit, len(around.before) + 1, is_too_short, tuple(readings))
