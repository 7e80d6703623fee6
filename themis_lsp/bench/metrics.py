"""What a set of margins says about a scorer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

COVERAGE_PERCENTS = (5, 10, 20, 50, 100)
"""Shares of the pairs, surest first, at which accuracy is given."""


@dataclass(frozen=True, slots=True)
class Margins:
    """Margins of pairs, and what else accuracy is judged by; each array is [pairs].

    ``margins`` is reward(chosen) - reward(rejected). ``length_differences`` is the length of chosen
    minus that of rejected, in characters. ``confidences`` ranks the pairs, the surest highest.
    """

    margins: NDArray[np.float64]
    length_differences: NDArray[np.int64]
    confidences: NDArray[np.float64]

    def select(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> Margins:
        """Return the pairs of a mask or of indices."""
        return Margins(self.margins[rows], self.length_differences[rows], self.confidences[rows])


@dataclass(frozen=True, slots=True)
class Metrics:
    """Figures of one group of pairs; a figure that the pairs do not allow is None.

    The keys of ``coverage`` are shares of the pairs, ``"0.05"`` to ``"1.0"``.
    """

    count: int
    correct_predictions: int
    accuracy: float | None
    length_balanced_accuracy: float | None
    mean_score_difference: float | None
    median_score_difference: float | None
    std_score_difference: float | None
    coverage: dict[str, float | None]
    coverage_length_balanced: dict[str, float | None]


def measure(margins: Margins) -> Metrics:
    """Return the figures of ``margins``. The standard deviation is that of a sample."""
    values = margins.margins
    tops = {f"{percent / 100}": select_surest(margins, percent) for percent in COVERAGE_PERCENTS}
    return Metrics(
        count=values.size,
        correct_predictions=int((values > 0).sum()),
        accuracy=accuracy(margins),
        length_balanced_accuracy=length_balanced_accuracy(margins),
        mean_score_difference=float(values.mean()) if values.size else None,
        median_score_difference=float(np.median(values)) if values.size else None,
        std_score_difference=float(values.std(ddof=1)) if values.size > 1 else None,
        coverage={share: accuracy(top) for share, top in tops.items()},
        coverage_length_balanced={
            share: length_balanced_accuracy(top) for share, top in tops.items()
        },
    )


def accuracy(margins: Margins) -> float | None:
    """Return the share of pairs whose chosen side scores higher, None without pairs.

    A tie is wrong: a scorer that cannot tell two sides apart has not ranked them.
    """
    if not margins.margins.size:
        return None
    return float((margins.margins > 0).mean())


def length_balanced_accuracy(margins: Margins) -> float | None:
    """Return the mean of the accuracies where the longer and where the shorter side is better.

    Pairs of equal length belong to neither half. None when a half is empty. "The longer side is
    the better one" has 0.5 here, whatever the data.
    """
    longer = accuracy(margins.select(margins.length_differences > 0))
    shorter = accuracy(margins.select(margins.length_differences < 0))
    if longer is None or shorter is None:
        return None
    return (longer + shorter) / 2


def select_surest(margins: Margins, percent: int) -> Margins:
    """Return the ``percent`` surest pairs, rounded up; among equals the first ones."""
    count = -(-margins.margins.size * percent // 100)  # whole numbers: 0.05 * 140 is above 7
    surest = np.argsort(-margins.confidences, kind="stable")[:count]
    return margins.select(surest)
