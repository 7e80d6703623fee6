"""Measuring a Nano on packed pairs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from themis_lsp.bench.metrics import Margins, length_balanced_accuracy
from themis_lsp.criteria import Criterion
from themis_train.corpus import collate, group_rows
from themis_train.encode import EncodedPair
from themis_train.model import NanoModel
from themis_train.objective import Batch, pair_margins


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Length-balanced accuracy of both readings, per criterion, NaN where it has no pairs."""

    changed: list[float]
    whole: list[float]

    def scalars(self) -> dict[str, float]:
        """Return the figures by the name of their curve."""
        figures = {
            f"dev/{criterion.kebab}": value
            for criterion, value in zip(Criterion, self.changed, strict=False)
        }
        figures |= {"dev/changed": self.mean(self.changed), "dev/whole": self.mean(self.whole)}
        return {name: value for name, value in figures.items() if not math.isnan(value)}

    @staticmethod
    def mean(values: Sequence[float]) -> float:
        """Return the mean over the criteria that have a figure, NaN when none has."""
        known = [value for value in values if not math.isnan(value)]
        return sum(known) / len(known) if known else math.nan

    def __str__(self) -> str:
        changed = " ".join(f"{value:.3f}" for value in self.changed)
        means = self.mean(self.changed), self.mean(self.whole)
        return f"changed {means[0]:.4f} ({changed}) whole {means[1]:.4f}"


def autocast() -> torch.autocast:
    """Run the body in bfloat16 where the processor multiplies it natively, else in float32.

    Elsewhere bfloat16 is emulated, hundreds of times slower than float32.
    """
    native = torch.cpu._is_avx512_bf16_supported()
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=native)


def state_rewards(model: NanoModel, batch: Batch) -> Tensor:
    """Return the rewards (B, T, K) read from states; the body may run in bfloat16."""
    with autocast():
        states = model.states(batch.ids, batch.positions, batch.visible())
    return model.read_states(states)


def gram_rewards(model: NanoModel, batch: Batch) -> Tensor:
    """Return the rewards (B, T, K) read from the gram table."""
    rewards: Tensor = model.grams(batch.ids, batch.before, batch.before_that)
    return rewards


@torch.no_grad()
def evaluate(model: NanoModel, rows: Sequence[EncodedPair], batch_tokens: int) -> Evaluation:
    """Measure both readings, as the reviewer's bench measures a bundle."""
    ordered: list[EncodedPair] = []
    changed: list[float] = []
    whole: list[float] = []
    for group in group_rows(rows, batch_tokens):
        batch = collate(group)
        rewards = state_rewards(model, batch) + gram_rewards(model, batch)
        margins = pair_margins(rewards, model.empty_side, batch)
        ordered += group
        changed += margins.changed.tolist()
        whole += margins.whole.tolist()
    signs = np.array([1 if row.chosen_is_longer else -1 for row in ordered])
    criteria = np.array([row.criterion for row in ordered])
    return Evaluation(
        *(
            _by_criterion(np.array(values), signs, criteria, model.head.out_features)
            for values in (changed, whole)
        )
    )


def _by_criterion(
    values: NDArray[np.float64],
    signs: NDArray[np.int64],
    criteria: NDArray[np.int64],
    count: int,
) -> list[float]:
    margins = Margins(values, signs, np.abs(values))
    found = [length_balanced_accuracy(margins.select(criteria == k)) for k in range(count)]
    return [float("nan") if value is None else value for value in found]
