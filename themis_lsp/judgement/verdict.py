"""What a margin says: improved, stable, regressed, or nothing."""

from __future__ import annotations

import math
from collections.abc import Iterable
from enum import StrEnum

from themis_lsp.bundle.scales import MarginScale


class Verdict(StrEnum):
    """What became of a unit on one criterion, or on the whole."""

    IMPROVED = "improved"
    STABLE = "stable"
    REGRESSED = "regressed"
    SKIPPED = "skipped"
    """Not judged: the bundle claims no threshold for the criterion, or nothing was compared."""


def regression_probability(margin: float, scale: MarginScale) -> float:
    """Return how likely it is, 0..1, that a change of this margin made the code worse."""
    # The hyperbolic tangent is the logistic function without overflow.
    return (1 + math.tanh(-margin / scale.temperature / 2)) / 2


def judge_margin(margin: float, scale: MarginScale | None) -> Verdict:
    """Return the verdict on one margin; one that equals a threshold is stable."""
    if scale is None or scale.warn_below is None:
        return Verdict.SKIPPED
    if margin < scale.warn_below:
        return Verdict.REGRESSED
    if scale.improved_above is not None and margin > scale.improved_above:
        return Verdict.IMPROVED
    return Verdict.STABLE


def sum_up(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict on the whole: one regression outweighs any improvement."""
    found = set(verdicts)
    for verdict in (Verdict.REGRESSED, Verdict.IMPROVED, Verdict.STABLE):
        if verdict in found:
            return verdict
    return Verdict.SKIPPED
