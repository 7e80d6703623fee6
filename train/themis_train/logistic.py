"""Weighted logistic regression on differences: Bradley-Terry for linear models."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

Floats = NDArray[np.float64]
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Examples:
    """Differences to learn from: ``features`` (N, F), chosen minus rejected; the others are (N,).

    ``offsets`` are margins known without the features; ``sources`` number where each is from.
    """

    features: Floats | csr_matrix
    weights: Floats
    offsets: Floats
    sources: NDArray[np.int64]

    def take(self, rows: NDArray[np.bool_]) -> Examples:
        """Return those of the examples that ``rows`` (N,) marks."""
        return Examples(
            self.features[rows], self.weights[rows], self.offsets[rows], self.sources[rows]
        )


@dataclass(frozen=True, slots=True)
class Fit:
    """``theta`` (F,), scaled by ``factor``, and what it says of pairs it has not seen, (N,)."""

    theta: Floats
    factor: float
    held_out: Floats


def fit_scaled(examples: Examples, *, ridge: float, iterations: int = 100) -> Fit:
    """Return a fit that is no surer of itself than it is right on sources it was not fitted to.

    A fit to noisy labels is too sure. So margins are taken from fits that saw no pair of a pair's
    source, five folds of them, and the fit to all is scaled by the factor that suits those, down
    to 0 where they add nothing to ``offsets``.
    """

    def fit(part: Examples) -> Floats:
        return fit_logistic(
            part.features,
            part.weights,
            ridge=ridge,
            iterations=iterations,
            offsets=part.offsets,
        )

    margins = np.zeros(len(examples.weights))
    folds = examples.sources % FOLDS
    if len(np.unique(folds)) < 2:
        folds = np.arange(len(margins)) % FOLDS  # of one source, its own pairs must do
    for fold in np.unique(folds):
        inside = folds == fold
        if not inside.all():
            margins[inside] = examples.features[inside] @ fit(examples.take(~inside))
    # One factor is a logistic regression on one feature: the margin itself.
    factor = fit_logistic(
        margins[:, None], examples.weights, ridge=0.0, offsets=examples.offsets
    ).item()
    factor = max(factor, 0.0)
    return Fit(factor * fit(examples), factor, factor * margins)


def fit_logistic(
    features: Floats | csr_matrix,
    weights: Floats,
    *,
    ridge: float,
    iterations: int = 100,
    offsets: Floats | float = 0.0,
) -> Floats:
    """Return theta (F,) of least ``mean(-log sigmoid(margins)) + ridge * |theta|^2``.

    ``margins`` are ``offsets + features @ theta``; ``features`` are (N, F), chosen minus rejected,
    ``offsets`` (N,) what is known without them. The mean is weighted by ``weights`` (N,).
    """
    shares = weights / weights.sum()

    def loss(theta: Floats) -> tuple[float, Floats]:
        margins = offsets + features @ theta
        # The slope of -log sigmoid, written so that no margin overflows.
        slopes = -shares * np.exp(-np.logaddexp(0, margins))
        value = shares @ np.logaddexp(0, -margins) + ridge * theta @ theta
        return float(value), features.T @ slopes + 2 * ridge * theta

    found = minimize(
        loss,
        np.zeros(features.shape[1]),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": iterations},
    )
    return np.asarray(found.x, dtype=np.float64)
