"""Accuracy on validation pairs, by the reviewer's own figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from themis_lsp.bench.metrics import Margins, accuracy, length_balanced_accuracy
from themis_lsp.criteria import Criterion
from themis_train.machine import Machine
from themis_train.order import split_micro, split_share
from themis_train.rm.corpus import Examples
from themis_train.rm.objective import collate


@dataclass(frozen=True, slots=True)
class DevFigures:
    """Accuracy on the pairs of one criterion; None where the pairs do not allow a figure."""

    count: int
    accuracy: float | None
    length_balanced_accuracy: float | None


@dataclass(frozen=True, slots=True)
class Validation:
    """Figures by criterion, and the mean of the length-balanced ones."""

    by_criterion: Mapping[Criterion, DevFigures]
    mean: float | None

    def __str__(self) -> str:
        figures = ", ".join(
            f"{criterion.code} {_show(dev.length_balanced_accuracy)}"
            for criterion, dev in self.by_criterion.items()
        )
        return f"length-balanced accuracy {_show(self.mean)} ({figures})"

    def to_json(self) -> dict[str, Any]:
        """Return plain data; ``scalars`` and the model card read it."""
        by_criterion = {key.value: asdict(dev) for key, dev in self.by_criterion.items()}
        return {"mean": self.mean, "by_criterion": by_criterion}

    def scalars(self) -> dict[str, float]:
        """Return the figures there are, by the name of their curve."""
        named = {
            f"dev/{criterion.kebab}": dev.length_balanced_accuracy
            for criterion, dev in self.by_criterion.items()
        }
        named["dev/mean"] = self.mean
        return {name: value for name, value in named.items() if value is not None}


@torch.no_grad()
def validate(
    model: nn.Module, examples: Examples, machine: Machine, *, micro_batch: int, padding_id: int
) -> Validation:
    """Score all pairs of ``examples``, each with the prompt of its criterion.

    Every process must call it; each scores its share and all get the figures.
    """
    count = len(examples.pairs)
    share = -(-count // machine.processes)
    # All processes must make as many passes: the last ones score a few pairs again.
    padded = [index % count for index in range(share * machine.processes)]
    indices = split_share(padded, machine.process, machine.processes)
    rows = [examples.to_measure(index) for index in indices]
    lengths = [row.longest for row in rows]
    margins = torch.zeros(share)
    model.eval()
    for group in split_micro(range(share), lengths, micro_batch):
        batch = collate([rows[position] for position in group], padding_id).to(machine.device)
        rewards, _ = model(batch.ids, batch.mask, None)
        chosen, rejected = rewards.cpu().chunk(2)
        margins[list(group)] = chosen - rejected
    model.train()
    gathered = machine.gather(margins.to(machine.device)).cpu()  # (processes, share)
    return _summarize(gathered.T.flatten()[:count].double().numpy(), examples)


def _summarize(values: np.ndarray[Any, np.dtype[np.float64]], examples: Examples) -> Validation:
    lengths = [len(pair.chosen) - len(pair.rejected) for pair in examples.pairs]
    margins = Margins(values, np.array(lengths, dtype=np.int64), np.abs(values))
    by_criterion = {}
    for criterion in Criterion:
        own = margins.select(np.array([pair.criterion is criterion for pair in examples.pairs]))
        by_criterion[criterion] = DevFigures(
            own.margins.size, accuracy(own), length_balanced_accuracy(own)
        )
    known = [
        dev.length_balanced_accuracy
        for dev in by_criterion.values()
        if dev.length_balanced_accuracy is not None
    ]
    return Validation(by_criterion, sum(known) / len(known) if known else None)


def _show(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
