"""Token rewards from short runs of tokens: a table looked up by hashes, fitted in minutes.

What a change is worth shows in its very words more often than a small model's states tell: a
linear model over one to three adjacent tokens, fitted to every pair, is hard to beat. It is
additive, as the states' reading is, so both are summed token by token. The states are then fitted
to what the table leaves unsaid about pairs it has not seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from torch import Tensor, nn

from themis_train.encode import CHOSEN, REJECTED, EncodedPair, neighbours
from themis_train.logistic import Examples, Floats, fit_scaled

BUCKETS = 1 << 17
RIDGE = 1e-5
_ITERATIONS = 40
_Ids = TypeVar("_Ids", Tensor, NDArray[np.int64])
_FACTORS = ((1_000_003, 7_919, 0, 1), (998_244_353, 15_485_863, 32_452_843, 7))


class GramTable(nn.Module):
    """The rewards of a token, of it after the one before, and of it after the two before.

    Rows below ``vocabulary`` stand for single tokens, the others for hashed pairs and triples.
    ``empty_side`` is the worth of a side of a change that has no tokens.
    """

    def __init__(self, vocabulary: int, criteria: int) -> None:
        super().__init__()
        self.vocabulary = vocabulary
        self.rows = nn.Embedding(BUCKETS, criteria)
        nn.init.zeros_(self.rows.weight)
        self.empty_side = nn.Parameter(torch.zeros(criteria))
        self.requires_grad_(False)

    def forward(self, ids: Tensor, before: Tensor, before_that: Tensor) -> Tensor:
        """Return token rewards (B, T, criteria).

        ``ids``, ``before`` and ``before_that`` are (B, T): each token and the two to its left.
        """
        total: Tensor = self.rows(ids)
        for buckets in hash_grams(ids, before, before_that, self.vocabulary):
            total = total + self.rows(buckets)
        return total


def hash_grams(ids: _Ids, before: _Ids, before_that: _Ids, vocabulary: int) -> list[_Ids]:
    """Return the buckets of the pair and the triple that end at each token."""
    free = BUCKETS - vocabulary
    return [
        vocabulary + (ids * a + before * b + before_that * c + d) % free for a, b, c, d in _FACTORS
    ]


def fit_grams(table: GramTable, rows: Sequence[EncodedPair]) -> Floats:
    """Fit the table to ``rows``, one weighted logistic regression per criterion.

    Features are mean gram counts over the changed tokens, chosen minus rejected.
    Returns the margins [pairs] of ``rows``, each by a table that saw no pair of its source.
    """
    held_out = np.zeros(len(rows))
    criteria = np.array([row.criterion for row in rows])
    for index in range(table.rows.embedding_dim):
        own = np.flatnonzero(criteria == index).tolist()
        if not own:
            continue
        learned = [rows[place] for place in own]
        examples = Examples(
            _features(learned, table.vocabulary),
            np.array([row.weight for row in learned]),
            np.zeros(len(learned)),
            np.array([row.source for row in learned]),
        )
        found = fit_scaled(examples, ridge=RIDGE, iterations=_ITERATIONS)
        table.rows.weight.data[:, index] = torch.from_numpy(found.theta[:BUCKETS]).float()
        table.empty_side.data[index] = found.theta[BUCKETS]
        held_out[own] = found.held_out
    return held_out


def _features(rows: Sequence[EncodedPair], vocabulary: int) -> csr_matrix:
    """Return (pairs, BUCKETS + 1); the last column marks an empty side."""
    places: list[NDArray[np.int64]] = []
    columns: list[NDArray[np.int64]] = []
    values: list[NDArray[np.float64]] = []
    for number, row in enumerate(rows):
        ids = row.ids.astype(np.int64)
        grams = [ids, *hash_grams(ids, *neighbours(row), vocabulary)]
        for side, sign in ((CHOSEN, 1.0), (REJECTED, -1.0)):
            changed = row.changed & (row.segments == side)
            count = int(changed.sum())
            buckets = (
                np.concatenate([gram[changed] for gram in grams]) if count else np.array([BUCKETS])
            )
            places.append(np.full(len(buckets), number))
            columns.append(buckets)
            values.append(np.full(len(buckets), sign / max(count, 1)))
    entries = (np.concatenate(values), (np.concatenate(places), np.concatenate(columns)))
    return csr_matrix(entries, shape=(len(rows), BUCKETS + 1))
