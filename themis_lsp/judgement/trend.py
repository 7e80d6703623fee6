"""How the code of a commit stands as a whole: sums over its units, which add up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from themis_lsp.bundle.percentiles import ReferenceTables
from themis_lsp.criteria import Criterion
from themis_lsp.judgement.findings import WEAK_PERCENTILE, is_ranked
from themis_lsp.judgement.readings import MINIMUM_TOKENS
from themis_lsp.scoring.score import Score
from themis_lsp.units.unit import Unit


@dataclass(frozen=True, slots=True)
class Standing:
    """How some units stand: how many they are, the sum of their percentiles, how many are weak."""

    units: int
    sums: Mapping[Criterion, float]
    weak: Mapping[Criterion, int]

    def mean(self, criterion: Criterion) -> float | None:
        """The mean percentile, 0..100; None without a unit."""
        return self.sums.get(criterion, 0.0) / self.units if self.units else None

    def weak_share(self, criterion: Criterion) -> float | None:
        """How many units in 100 are among the weakest tenth of reference code."""
        return 100 * self.weak.get(criterion, 0) / self.units if self.units else None


def stand(
    units: Sequence[Unit],
    scores: Sequence[Score],
    *,
    tables: ReferenceTables,
    columns: Mapping[Criterion, int],
) -> Standing:
    """Return how the units stand that are ranked and long enough to judge."""
    counted = 0
    sums = dict.fromkeys(columns, 0.0)
    weak = dict.fromkeys(columns, 0)
    for unit, score in zip(units, scores, strict=True):
        if len(score.token_starts) < MINIMUM_TOKENS or not is_ranked(unit):
            continue
        found = {
            criterion: tables.percentile(
                unit.language,
                len(unit.text),
                criterion=criterion,
                reward=float(score.rewards[column]),
            )
            for criterion, column in columns.items()
        }
        if any(percentile is None for percentile in found.values()):
            continue
        counted += 1
        for criterion, percentile in found.items():
            sums[criterion] += percentile or 0.0
            weak[criterion] += (percentile or 0.0) < WEAK_PERCENTILE
    return Standing(counted, sums, weak)


def add_standings(standings: Iterable[Standing]) -> Standing:
    """Return how the units of several files stand together."""
    units = 0
    sums: dict[Criterion, float] = {}
    weak: dict[Criterion, int] = {}
    for standing in standings:
        units += standing.units
        for criterion in standing.sums:
            sums[criterion] = sums.get(criterion, 0.0) + standing.sums[criterion]
            weak[criterion] = weak.get(criterion, 0) + standing.weak[criterion]
    return Standing(units, sums, weak)
