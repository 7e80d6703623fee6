"""Joining the two readings of a token: how much the states count, how much the grams."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize

from themis_train.corpus import collate, group_rows
from themis_train.encode import EncodedPair
from themis_train.evaluate import gram_rewards, state_rewards
from themis_train.model import NanoModel
from themis_train.objective import pair_margins

_BATCH_TOKENS = 8192


def fit_stack(
    model: NanoModel, gram_empty_side: Sequence[float], rows: Sequence[EncodedPair]
) -> list[tuple[float, float]]:
    """Weigh states against grams on ``rows``, pairs that neither was fitted to, in place.

    Per criterion, two non-negative factors of least Bradley-Terry loss are multiplied into the
    head and the gram table; they also bring margins to the scale where sigmoid(margin) is the
    probability of being right. Returns the factors, (states, grams) per criterion.
    """
    margins, criteria, weights = _component_margins(model, gram_empty_side, rows)
    factors = []
    for index, gram_empty in enumerate(gram_empty_side):
        own = criteria == index
        states, grams = _two_factors(margins[own], weights[own]) if own.any() else (1.0, 1.0)
        model.head.weight.data[index] *= states
        model.grams.rows.weight.data[:, index] *= grams
        model.baseline.data[index] = states * model.baseline.data[index] + grams * gram_empty
        factors.append((states, grams))
    return factors


@torch.no_grad()
def _component_margins(
    model: NanoModel, gram_empty_side: Sequence[float], rows: Sequence[EncodedPair]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Return margins (N, 2) by states and by grams, criteria (N,) and weights (N,)."""
    margins, criteria, weights = [], [], []
    empty = torch.tensor(gram_empty_side)
    for group in group_rows(rows, _BATCH_TOKENS):
        batch = collate(group)
        by_states = pair_margins(state_rewards(model, batch), model.baseline, batch)
        by_grams = pair_margins(gram_rewards(model, batch), empty, batch)
        margins.append(torch.stack([by_states.changed, by_grams.changed], dim=1))
        criteria.append(batch.criteria)
        weights.append(batch.weights)
    return (
        torch.cat(margins).double().numpy(),
        torch.cat(criteria).numpy(),
        torch.cat(weights).double().numpy(),
    )


def _two_factors(margins: NDArray[np.float64], weights: NDArray[np.float64]) -> tuple[float, float]:
    def loss(factors: NDArray[np.float64]) -> float:
        return float(weights @ np.logaddexp(0, -(margins @ factors)))

    found = minimize(loss, np.array([0.5, 0.5]), bounds=[(0, None), (0, None)], method="L-BFGS-B")
    states, grams = found.x
    return float(states), float(grams)
