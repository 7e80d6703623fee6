"""Weighted logistic regression on differences: Bradley-Terry for linear models."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

Floats = NDArray[np.float64]


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
