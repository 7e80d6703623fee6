"""Fitting the concern head, and from where on each name may be shown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.stats import binomtest
from torch import nn

from themis_lsp.concerns.features import BUCKETS
from themis_lsp.concerns.head import SHOWN_PRECISION, ConcernHead
from themis_lsp.errors import UserError
from themis_train.concerns.examples import Example, features_of

FOLDS = 5
EPOCHS, LEAST_STEPS = 4, 60
BATCH = 512
LEARNING_RATE = 0.03
WEIGHT_DECAY = 0.02
FEWEST_EXAMPLES = 40
FEWEST_SHOWN = 10
CONFIDENCE = 0.6
"""Of the two-sided interval: its lower end is one that precision passes with 80 % certainty."""

LEAST_PROBABILITY = 0.6
"""Below it no name is shown, however right it was on degradations: other code differs more."""

NEVER = 2.0


@dataclass(frozen=True, slots=True)
class ConcernReport:
    """How one concern did on examples of sources that the head had not seen.

    ``shown`` counts those it would name, ``right`` those of them that are it, of ``examples``.
    """

    name: str
    examples: int
    threshold: float
    shown: int
    right: int


def fit_concerns(
    examples: Sequence[Example], *, seed: int
) -> tuple[ConcernHead, list[ConcernReport]]:
    """Return the head fitted to all ``examples``, and a report per concern.

    A concern of fewer than 40 examples is left out: its examples count as none. Thresholds come
    from five fits, each judging the sources that it did not see. Raises UserError when no concern
    has enough, or all come from one source.
    """
    counted = [example.concern for example in examples]
    names = tuple(
        name
        for name in dict.fromkeys(filter(None, counted))
        if counted.count(name) >= FEWEST_EXAMPLES
    )
    if not names:
        raise UserError(
            f"no concern has {FEWEST_EXAMPLES} examples; give more degradations with --degraded"
        )
    places = {name: place for place, name in enumerate(names)}
    labels = np.array([places.get(name or "", len(names)) for name in counted])
    features = features_of(examples)
    folds = np.array([example.source % FOLDS for example in examples])
    if len(np.unique(folds)) < 2:
        raise UserError("all examples are from one source; degrade code of several folders")
    unseen = np.zeros((len(examples), len(names) + 1))
    for fold in np.unique(folds):
        inside = folds == fold
        table = _fit(features[~inside], labels[~inside], len(names) + 1, seed)
        unseen[inside] = _predict(table, features[inside])
    reports = [_report(name, place, unseen, labels) for name, place in places.items()]
    table = _fit(features, labels, len(names) + 1, seed)
    return _quantize(table, names, [report.threshold for report in reports]), reports


class _Linear(nn.Module):
    """A linear classifier of sparse rows."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.rows = nn.EmbeddingBag(2 * BUCKETS, classes, mode="sum")
        self.bias = nn.Parameter(torch.zeros(classes))
        nn.init.zeros_(self.rows.weight)

    def forward(self, features: csr_matrix) -> torch.Tensor:
        """Return logits [rows, classes]."""
        logits: torch.Tensor = self.rows(
            torch.from_numpy(features.indices.astype(np.int64)),
            torch.from_numpy(features.indptr[:-1].astype(np.int64)),
            per_sample_weights=torch.from_numpy(features.data),
        )
        return logits + self.bias


def _fit(features: csr_matrix, labels: NDArray[np.int64], classes: int, seed: int) -> _Linear:
    chance = np.random.default_rng(seed)
    model = _Linear(classes)
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    steps = math.ceil(len(labels) / BATCH)
    for _ in range(max(EPOCHS, math.ceil(LEAST_STEPS / steps))):
        order = chance.permutation(len(labels))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            loss = nn.functional.cross_entropy(
                model(features[batch]), torch.from_numpy(labels[batch])
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model


@torch.no_grad()
def _predict(model: _Linear, features: csr_matrix) -> NDArray[np.float64]:
    return np.asarray(model(features).softmax(1).double().numpy())


def _report(
    name: str, place: int, unseen: NDArray[np.float64], labels: NDArray[np.int64]
) -> ConcernReport:
    """Choose the lowest threshold above which the name is right often enough."""
    named = np.flatnonzero(unseen[:, place] >= LEAST_PROBABILITY)
    order = named[np.argsort(-unseen[named, place], kind="stable")]
    rights = (labels[order] == place).cumsum()
    examples = int((labels == place).sum())
    for shown in range(len(order), FEWEST_SHOWN - 1, -1):
        right = int(rights[shown - 1])
        interval = binomtest(right, shown).proportion_ci(CONFIDENCE, method="wilson")
        if interval.low >= SHOWN_PRECISION:
            threshold = float(unseen[order[shown - 1], place])
            return ConcernReport(name, examples, threshold, shown, right)
    return ConcernReport(name, examples, NEVER, 0, 0)


def _quantize(model: _Linear, names: tuple[str, ...], thresholds: Sequence[float]) -> ConcernHead:
    weights = model.rows.weight.detach().numpy()
    scales = np.maximum(np.abs(weights).max(axis=0), 1e-9) / 127
    return ConcernHead(
        names,
        np.rint(weights / scales).astype(np.int8),
        scales.astype(np.float32),
        model.bias.detach().numpy().astype(np.float32),
        np.array(thresholds, dtype=np.float32),
    )
