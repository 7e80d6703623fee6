"""Measuring a Nano on packed pairs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from themis_train.corpus import collate, group_rows
from themis_train.encode import EncodedPair
from themis_train.model import NanoModel
from themis_train.objective import Batch, pair_margins


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Length-balanced accuracy of both readings, per criterion, NaN where it has no pairs."""

    changed: list[float]
    whole: list[float]

    def __str__(self) -> str:
        changed = " ".join(f"{value:.3f}" for value in self.changed)
        return (
            f"changed {np.nanmean(self.changed):.4f} ({changed}) whole {np.nanmean(self.whole):.4f}"
        )


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
    """Measure both readings, as the mean of longer-is-better and shorter-is-better pairs."""
    hits: dict[tuple[str, int, bool], list[bool]] = defaultdict(list)
    for group in group_rows(rows, batch_tokens):
        batch = collate(group)
        rewards = state_rewards(model, batch) + gram_rewards(model, batch)
        margins = pair_margins(rewards, model.empty_side, batch)
        for reading in ("changed", "whole"):
            for row, margin in zip(group, getattr(margins, reading).tolist(), strict=True):
                hits[reading, row.criterion, row.chosen_is_longer].append(margin > 0)
    return Evaluation(
        *(
            [
                float(np.mean([_share(hits[reading, index, half]) for half in (True, False)]))
                for index in range(model.head.out_features)
            ]
            for reading in ("changed", "whole")
        )
    )


def _share(hits: Sequence[bool]) -> float:
    return float(np.mean(hits)) if hits else float("nan")
