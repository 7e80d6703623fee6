"""The objective of Themis-RM and the batches it is computed on.

For a pair with rewards c and r: ``-log sigmoid(c - r)``, plus lambda times the mean cross-entropy
of the chosen answer's tokens given what stands before them, plus mu times a magnitude penalty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from themis_train.rm.corpus import EncodedPair
from themis_train.rm.recipe import Penalty, Schedule


@dataclass(frozen=True, slots=True)
class Batch:
    """P pairs, padded on the right to T tokens; chosen sides are rows 0..P-1, then rejected.

    ``ids`` and ``mask`` are (2P, T), ``answers`` (P, T) marks the chosen answers' tokens,
    ``weights`` is (P,).
    """

    ids: Tensor
    mask: Tensor
    answers: Tensor
    weights: Tensor

    def to(self, device: torch.device) -> Batch:
        """Return the batch on another device."""
        moved = (tensor.to(device) for tensor in (self.ids, self.mask, self.answers, self.weights))
        return Batch(*moved)


@dataclass(frozen=True, slots=True)
class Losses:
    """The terms of the objective, each (P,) and unweighted; ``total`` is their weighted sum."""

    total: Tensor
    bradley_terry: Tensor
    language_model: Tensor
    magnitude: Tensor


def collate(rows: Sequence[EncodedPair], padding_id: int) -> Batch:
    """Pad pairs to their longest side."""
    sides = [*(row.chosen for row in rows), *(row.rejected for row in rows)]
    size = (len(sides), max(len(side.ids) for side in sides))
    ids = torch.full(size, padding_id, dtype=torch.long)
    mask = torch.zeros(size, dtype=torch.long)
    answers = torch.zeros(len(rows), size[1], dtype=torch.bool)
    for index, side in enumerate(sides):
        end = len(side.ids)
        ids[index, :end] = torch.from_numpy(side.ids)
        mask[index, :end] = 1
        if index < len(rows):
            answers[index, side.answer_start : end] = True
    return Batch(ids, mask, answers, torch.tensor([row.weight for row in rows]))


def compute_losses(
    rewards: Tensor, language_model: Tensor, schedule: Schedule, penalty: Penalty
) -> Losses:
    """Return the terms for rewards (2P,), chosen first, and answer cross-entropies (P,)."""
    chosen, rejected = rewards.chunk(2)
    bradley_terry = -functional.logsigmoid(chosen - rejected)
    if penalty is Penalty.SUM:
        magnitude = (chosen + rejected) ** 2
    else:
        magnitude = (chosen.abs() + rejected.abs()) ** 2
    total = (
        bradley_terry + schedule.lm_weight * language_model + schedule.magnitude_weight * magnitude
    )
    return Losses(total, bradley_terry, language_model, magnitude)
