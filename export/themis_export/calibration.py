"""What margins mean: temperatures and thresholds, fitted on pairs that were not trained on.

Each preference pair is a regression read one way and an improvement read the other; a neutral edit
is neither, whichever way it is read. They are mixed 1:1:2, as in a history where half of all edits
leave a criterion as it was. Pairs weigh so that every file has the same say and, within it, those
whose better side is longer as much as those whose better side is shorter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from themis_lsp.bundle.scales import GATE_PRECISION, WARN_PRECISION, MarginScale
from themis_lsp.criteria import Criterion

FEWEST_PAIRS = 200
FEWEST_CAUGHT = 20.0
"""Regressions, by their effective number, that must lie beyond a threshold."""

FEWEST_NEUTRAL = 100
FOLDS = 5
_CANDIDATES = 400
_CERTAINTY = 1.645  # standard normal quantile of 95 %: the best of many candidates is taken
_NEUTRAL_SHARE = 2.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Margins on one criterion: of pairs, better side less worse side, and of neutral edits.

    ``margins`` and ``weights`` are [pairs], the weights sum to one; ``neutral`` is [edits]; and
    ``pair_folds`` and ``edit_folds`` say which fifth each belongs to.
    """

    margins: Floats
    weights: Floats
    neutral: Floats
    pair_folds: NDArray[np.int64]
    edit_folds: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Catch:
    """What a warning threshold does, shares of 0..1; None where there is nothing to count."""

    regressions_caught: float
    neutral_stable: float | None
    precision: float | None


@dataclass(frozen=True, slots=True)
class CalibrationReport:
    """A fitted scale and what its warnings do on the same data, and in cross-validation."""

    criterion: Criterion
    scale: MarginScale
    fitted: Catch | None
    cross_validated: Catch | None


def weigh(lengths: Sequence[int], files: Sequence[int]) -> Floats:
    """Return weights [pairs] that sum to one, from length differences and file numbers.

    Each file weighs the same, and in it the pairs whose better side is longer as much as the
    others. A file with only one kind weighs all by that.
    """
    cells = np.array([2 * file + (length > 0) for file, length in zip(files, lengths, strict=True)])
    weights = np.zeros(len(cells))
    for file in set(files):
        present = [cell for cell in (2 * file, 2 * file + 1) if (cells == cell).any()]
        for cell in present:
            inside = cells == cell
            weights[inside] = 1 / (len(present) * inside.sum())
    return np.asarray(weights / max(weights.sum(), 1e-12))


def calibrate(evidence: Mapping[Criterion, Evidence]) -> list[CalibrationReport]:
    """Return a report per criterion that has any pair."""
    return [_calibrate(criterion, own) for criterion, own in evidence.items() if len(own.margins)]


def _calibrate(criterion: Criterion, evidence: Evidence) -> CalibrationReport:
    warn = find_threshold(evidence, WARN_PRECISION)
    gate = None if warn is None else find_threshold(evidence, GATE_PRECISION)
    scale = MarginScale(
        temperature=fit_temperature(evidence),
        warn_below=warn,
        gate_below=gate if gate is None or warn is None else min(gate, warn),
        # The mix is its own mirror image: what is an improvement one way is a regression the other.
        improved_above=None if warn is None else -warn,
        pairs=len(evidence.margins),
    )
    fitted = None if warn is None else _catch(evidence, warn)
    return CalibrationReport(criterion, scale, fitted, _cross_validate(evidence))


def fit_temperature(evidence: Evidence) -> float:
    """Return the T that makes ``sigmoid(margin / T)`` the likeliest probability of being right."""

    def loss(log_temperature: float) -> float:
        scaled = evidence.margins / np.exp(log_temperature)
        return float(evidence.weights @ np.logaddexp(0, -scaled))

    spread = max(float(np.abs(evidence.margins).mean()), 1e-6)
    middle = float(np.log(spread))
    found = minimize_scalar(loss, bounds=(middle - 6, middle + 6), method="bounded")
    return float(np.exp(found.x))


def find_threshold(evidence: Evidence, precision: float) -> float | None:
    """Return the margin nearest to zero below which ``precision`` of the mix are regressions.

    It counts when the lower end of a one-sided 95 % Wilson interval reaches ``precision`` and no
    margin further from zero does worse than ``precision``. None when there are too few pairs or
    neutral edits, or no such margin.
    """
    if len(evidence.margins) < FEWEST_PAIRS or len(evidence.neutral) < FEWEST_NEUTRAL:
        return None
    levels = np.quantile(np.abs(evidence.margins), np.linspace(0, 1, _CANDIDATES))
    claimed = None
    for level in np.unique(levels)[::-1]:
        warned = _warned(evidence, -float(level))
        if warned.caught < FEWEST_CAUGHT:
            continue
        if warned.precision < precision:
            # A lucky stretch nearer to zero proves nothing when surer warnings do worse.
            break
        if _wilson_low(warned.precision, warned.count) >= precision:
            claimed = -float(level)
    return claimed


@dataclass(frozen=True, slots=True)
class _Warned:
    """What lies below a threshold: ``caught`` regressions and ``count`` in all, as effective."""

    caught: float
    count: float
    precision: float


def _warned(evidence: Evidence, threshold: float) -> _Warned:
    caught = evidence.weights[-evidence.margins < threshold]
    wrong = evidence.weights[evidence.margins < threshold]
    each = _NEUTRAL_SHARE / (2 * len(evidence.neutral))  # a neutral edit is read both ways
    neutral = np.full(int((np.abs(evidence.neutral) > -threshold).sum()), each)
    warned = np.concatenate([caught, wrong, neutral])
    precision = float(caught.sum() / warned.sum()) if len(warned) else 0.0
    return _Warned(_effective(caught), _effective(warned), precision)


def _effective(weights: Floats) -> float:
    """How many equally weighted samples tell as much."""
    return float(weights.sum() ** 2 / np.square(weights).sum()) if len(weights) else 0.0


def _wilson_low(share: float, count: float) -> float:
    square = _CERTAINTY**2
    middle = share + square / (2 * count)
    spread = _CERTAINTY * np.sqrt(share * (1 - share) / count + square / (4 * count**2))
    return float((middle - spread) / (1 + square / count))


def _catch(evidence: Evidence, threshold: float) -> Catch:
    """Measure a threshold."""
    total = max(float(evidence.weights.sum()), 1e-12)
    caught = float(evidence.weights[-evidence.margins < threshold].sum()) / total
    wrong = float(evidence.weights[evidence.margins < threshold].sum()) / total
    loud = None
    if len(evidence.neutral):
        loud = float((np.abs(evidence.neutral) > -threshold).mean())
    # Of neutral edits read both ways, half of those that are loud look like regressions.
    warned = caught + wrong + _NEUTRAL_SHARE * (loud or 0.0) / 2
    return Catch(caught, None if loud is None else 1 - loud, caught / warned if warned else None)


def _cross_validate(evidence: Evidence) -> Catch | None:
    """Measure on each fifth the threshold fitted to the others; the means, None without any."""
    found = []
    for fold in range(FOLDS):
        threshold = find_threshold(_select(evidence, fold, inside=False), WARN_PRECISION)
        if threshold is not None:
            found.append(_catch(_select(evidence, fold, inside=True), threshold))
    if not found:
        return None
    stable = [catch.neutral_stable for catch in found if catch.neutral_stable is not None]
    precise = [catch.precision for catch in found if catch.precision is not None]
    return Catch(
        float(np.mean([catch.regressions_caught for catch in found])),
        float(np.mean(stable)) if stable else None,
        float(np.mean(precise)) if precise else None,
    )


def _select(evidence: Evidence, fold: int, *, inside: bool) -> Evidence:
    pairs = (evidence.pair_folds == fold) == inside
    edits = (evidence.edit_folds == fold) == inside
    weights = evidence.weights[pairs]
    return Evidence(
        evidence.margins[pairs],
        weights / max(float(weights.sum()), 1e-12),
        evidence.neutral[edits],
        evidence.pair_folds[pairs],
        evidence.edit_folds[edits],
    )
