"""Weighing pairs so that length does not tell which side is the better one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

MOST_WEIGHT = 4.0


def length_weights(
    cells: Sequence[tuple[Hashable, bool]],
    temper: float = 0.5,
    shares: Sequence[float] | None = None,
) -> NDArray[np.float64]:
    """Return weights [pairs] by which longer-is-better and shorter-is-better count alike.

    ``cells`` gives each pair's criterion and whether its better side is the longer one, ``shares``
    how much a pair counts beside the others of its cell (1 when not given). A criterion with n
    pairs weighs n ** ``temper`` in all; weights average one, before each is cut to at most four.
    """
    own = [1.0] * len(cells) if shares is None else shares
    counts: dict[tuple[Hashable, bool], float] = defaultdict(float)
    for cell, share in zip(cells, own, strict=True):
        counts[cell] += share
    totals = Counter(criterion for criterion, _ in cells)
    raw = np.array(
        [
            share * totals[cell[0]] ** temper / (2 * counts[cell])
            for cell, share in zip(cells, own, strict=True)
        ]
    )
    raw *= len(cells) / raw.sum()
    # Cells of a handful of pairs must not dominate a step.
    weights: NDArray[np.float64] = np.minimum(raw, MOST_WEIGHT)
    return weights
