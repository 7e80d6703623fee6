"""Two models, one after the other: a small one sees all, a large one what the small is unsure of.

The small one's word stands where it is sure: it calls a change a regression, or gives it no more
than ``UNSURE_FROM`` to be one. What lies between goes to the large one, and so do the weakest of
the units that are judged by percentile. There the large one's word counts, on the criteria that it
claims something for; on others the small one's stands.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from themis_lsp.bundle.scales import MarginScale
from themis_lsp.criteria import Criterion
from themis_lsp.judgement.comparison import ChangeReading, CriterionMargin
from themis_lsp.judgement.findings import is_ranked
from themis_lsp.judgement.readings import CriterionReading, UnitReading
from themis_lsp.judgement.verdict import Verdict

UNSURE_FROM = 0.6
"""A change that the small model finds less likely a regression than this is not looked at again."""

WEAK_BELOW = 25
"""Units under this percentile, on any criterion, are looked at again."""

MOST_UNITS = 100
"""So many of them, the weakest."""


def claimed(scales: Mapping[Criterion, MarginScale]) -> frozenset[Criterion]:
    """Return the criteria on which a model says from where on a change is a regression."""
    return frozenset(c for c, scale in scales.items() if scale.warn_below is not None)


def unsure_changes(
    readings: Sequence[ChangeReading], criteria: Collection[Criterion], *, with_all: bool
) -> list[int]:
    """Return the places of the changes that the small model is unsure of on any of ``criteria``."""
    return [
        place
        for place, reading in enumerate(readings)
        if reading.is_compared(with_all=with_all)
        and any(_is_unsure(m) for m in reading.margins if m.criterion in criteria)
    ]


def weakest_units(readings: Sequence[UnitReading], *, with_all: bool) -> list[int]:
    """Return the places of the weakest units, in order; at most ``MOST_UNITS`` of them."""
    lowest = {
        place: min(r.percentile for r in reading.readings if r.percentile is not None)
        for place, reading in enumerate(readings)
        if any(r.percentile is not None for r in reading.readings)
        and (with_all or is_ranked(reading.unit))
    }
    weak = sorted((p for p in lowest if lowest[p] < WEAK_BELOW), key=lambda p: (lowest[p], p))
    return sorted(weak[:MOST_UNITS])


def overrule_change(
    reading: ChangeReading, by: ChangeReading, criteria: Collection[Criterion]
) -> ChangeReading:
    """Return the small model's reading with the large one's word on ``criteria``, where unsure."""
    # Lines of one side mean nothing on the other.
    is_same_side = by.points_before == reading.points_before
    others = {
        margin.criterion: replace(
            margin, costly=margin.costly if is_same_side else (), is_escalated=True
        )
        for margin in by.margins
        if margin.criterion in criteria
    }
    margins = (others.get(m.criterion, m) if _is_unsure(m) else m for m in reading.margins)
    return replace(reading, margins=tuple(margins))


def overrule_unit(reading: UnitReading, by: UnitReading) -> UnitReading:
    """Return the small model's reading with the large one's percentiles, where it has any."""
    others = {own.criterion: own for own in by.readings if own.percentile is not None}
    return replace(reading, readings=tuple(_overruled(own, others) for own in reading.readings))


def _overruled(
    own: CriterionReading, others: Mapping[Criterion, CriterionReading]
) -> CriterionReading:
    other = others.get(own.criterion)
    return own if other is None else replace(other, is_escalated=True)


def _is_unsure(margin: CriterionMargin) -> bool:
    probability = margin.probability
    is_sure = probability is None or probability < UNSURE_FROM
    return not is_sure and margin.verdict is not Verdict.REGRESSED
