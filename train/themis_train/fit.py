"""Fitting a Nano: the head on frozen states first, then head and body together."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from themis_train.corpus import collate, group_rows
from themis_train.curves import open_curves
from themis_train.encode import EncodedPair
from themis_train.evaluate import Evaluation, evaluate, state_rewards
from themis_train.features import mean_states
from themis_train.logistic import Examples, fit_scaled
from themis_train.machine import Machine
from themis_train.model import NanoModel
from themis_train.objective import Batch, bradley_terry, pair_margins
from themis_train.order import split_share
from themis_train.resume import digest_rows, digest_weights
from themis_train.run import Log, Run
from themis_train.schedule import Rates, rate_at

HEAD_RIDGE = 1.0
"""On standardised states; of 0.001 to 10 the best on dev pairs."""

_STEPS_PER_POINT = 50
_CLIP = 1.5


@dataclass(frozen=True, slots=True)
class FitOptions:
    """How long and how fast to train. Rates are peaks; both fall on a cosine to a tenth.

    ``evaluate_every`` and ``save_every`` count steps.
    """

    epochs: float = 0.0
    batch_tokens: int = 3072
    body_rate: float = 1.5e-4
    head_rate: float = 3e-4
    frozen_layers: int = 2
    whole_weight: float = 0.3
    magnitude_weight: float = 1e-3
    averaging: float = 0.995
    evaluate_every: int = 500
    save_every: int = 100
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Rows:
    """The pairs to learn from, and those to measure on."""

    learned: Sequence[EncodedPair]
    dev: Sequence[EncodedPair]


def fit_head(model: NanoModel, rows: Sequence[EncodedPair], run: Run, *, limit: float) -> None:
    """Fit the head alone, as one weighted logistic regression per criterion.

    Features are mean hidden states over the changed tokens, chosen minus rejected; a side
    without changed tokens contributes an indicator, whose weight becomes the baseline. What a
    row's ``offset`` says already is not learned again. It counts as much as suits pairs of other
    sources, but at most ``limit``, 0..1: those are of the operators that degrade, and of neutral
    edits, too, on which the states are surer than is good on commits.

    The states are the work of all processes, the rest is the main one's.
    """
    states, ordered = mean_states(model, rows, run)
    if run.machine.is_main:
        _fit_states(model, states, ordered, limit=limit, log=run.log)
    run.machine.share_weights(model)


def _fit_states(
    model: NanoModel, states: Tensor, ordered: Sequence[EncodedPair], *, limit: float, log: Log
) -> None:
    features = states.double().numpy()
    criteria = np.array([row.criterion for row in ordered])
    examples = Examples(
        features,
        np.array([row.weight for row in ordered]),
        np.array([row.offset for row in ordered]),
        np.array([row.source for row in ordered]),
    )
    scale = np.maximum(features[:, :-1].std(axis=0), 1e-4)
    features[:, :-1] /= scale
    for index in range(model.head.out_features):
        own = criteria == index
        if own.any():
            found = fit_scaled(examples.take(own), ridge=HEAD_RIDGE)
            counts = min(found.factor, limit)
            theta = found.theta * (counts / found.factor if counts else 0.0)
            log(f"states count {counts:.2f} on criterion {index + 1}, would {found.factor:.2f}")
            model.head.weight.data[index] = torch.from_numpy(theta[:-1] / scale)
            model.baseline.data[index] = theta[-1]


def fit_body(
    model: NanoModel, rows: Rows, options: FitOptions, run: Run, *, curves: Path
) -> tuple[NanoModel, Evaluation]:
    """Fine-tune; return the exponential average of the weights and its figures.

    Every process takes its share of each batch. Where the run stands is kept every
    ``save_every`` steps: one that was killed goes on from there, with the same batches, on any
    number of processes. Raises UserError when that cannot be written.
    """
    start = digest_rows(rows.learned) + digest_weights(model.parameters())
    key = b"body" + repr(options).encode() + start
    _freeze_lowest(model, options.frozen_layers)
    average = copy.deepcopy(model)
    optimizer = _optimizer(model, options)
    plan = _plan_batches(rows.learned, options)
    first = _restore(run.work.load(key), model, average, optimizer)
    if first:
        run.log(f"going on after step {first}")
    machine = run.machine
    losses, optimizer = machine.prepare(_PairLosses(model, options), optimizer)
    history: list[float] = []
    with open_curves(curves, first_step=first + 1, is_main=machine.is_main) as points:
        for done, batch in enumerate(plan[first:], start=first + 1):
            for group in optimizer.param_groups:
                group["lr"] = rate_at(done - 1, len(plan), group["rates"])
            history.append(_step(losses, batch, optimizer, machine))
            _update_average(average, model, min(options.averaging, done / (9 + done)))
            if done % _STEPS_PER_POINT == 0:
                loss = float(np.mean(history[-_STEPS_PER_POINT:]))
                run.log(f"step {done} of {len(plan)} loss {loss:.4f}")
                points.add(done, {"train/loss": loss})
            if machine.is_main and done % options.evaluate_every == 0:
                found = evaluate(average, rows.dev, options.batch_tokens)
                run.log(f"step {done} dev {found}")
                points.add(done, found.scalars())
            if machine.is_main and done % options.save_every == 0:
                run.work.save(key, _standing(done, model, average, optimizer))
        found = machine.from_main(lambda: evaluate(average, rows.dev, options.batch_tokens))
        points.add(len(plan), found.scalars())
    return average, found


class _PairLosses(nn.Module):
    """The losses (B,) of a batch of pairs, as a module: processes meet in its gradients."""

    def __init__(self, model: NanoModel, options: FitOptions) -> None:
        super().__init__()
        self.model = model
        self.options = options

    def forward(self, batch: Batch) -> Tensor:
        margins = pair_margins(state_rewards(self.model, batch), self.model.baseline, batch)
        return (
            bradley_terry(margins.changed + batch.offsets, batch.smoothing)
            + self.options.whole_weight
            * bradley_terry(margins.whole + batch.offsets, batch.smoothing)
            + self.options.magnitude_weight * margins.squares
        )


def _plan_batches(rows: Sequence[EncodedPair], options: FitOptions) -> list[list[EncodedPair]]:
    """All batches of the run: the same, in the same order, however often it is started."""
    plan: list[list[EncodedPair]] = []
    left = round(options.epochs * len(rows))
    epoch = 0
    while left > 0:
        generator = np.random.default_rng([options.seed, epoch])
        for group in group_rows(rows, options.batch_tokens, generator):
            if left > 0:
                plan.append(group)
                left -= len(group)
        epoch += 1
    return plan


def _standing(
    step: int, model: NanoModel, average: NanoModel, optimizer: torch.optim.Optimizer
) -> dict[str, Any]:
    state = optimizer.state_dict()["state"]
    return {
        "step": step,
        "model": model.state_dict(),
        "average": average.state_dict(),
        "optimizer": state,
    }


def _restore(
    standing: dict[str, Any] | None,
    model: NanoModel,
    average: NanoModel,
    optimizer: torch.optim.Optimizer,
) -> int:
    """Return the steps done."""
    if standing is None:
        return 0
    model.load_state_dict(standing["model"])
    average.load_state_dict(standing["average"])
    fresh = optimizer.state_dict()
    optimizer.load_state_dict({**fresh, "state": standing["optimizer"]})
    return int(standing["step"])


def _freeze_lowest(model: NanoModel, layers: int) -> None:
    """The lowest states change least in fine-tuning; leaving them alone saves a third of it."""
    model.backbone.get_input_embeddings().weight.requires_grad_(False)
    body = model.backbone.layers
    assert isinstance(body, nn.ModuleList)
    for layer in body[:layers]:
        layer.requires_grad_(False)


def _optimizer(model: NanoModel, options: FitOptions) -> torch.optim.Optimizer:
    body = [p for p in model.backbone.parameters() if p.requires_grad]
    head = [model.head.weight, model.baseline]
    groups = [
        {"params": body, "rates": _rates(options.body_rate), "weight_decay": 0.1},
        {"params": head, "rates": _rates(options.head_rate), "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, betas=(0.9, 0.95), eps=1e-8, fused=True)


def _rates(peak: float) -> Rates:
    return Rates(peak, final=peak / 10, warm_up=0.05)


def _step(
    model: nn.Module,
    rows: Sequence[EncodedPair],
    optimizer: torch.optim.Optimizer,
    machine: Machine,
) -> float:
    """Take a step on a batch, each process on its share; return the mean loss of the batch."""
    # A process without a pair of its own goes along with one that does not count.
    own = split_share(rows, machine.process, machine.processes)
    batch = collate(own or [replace(rows[0], weight=0.0)])
    losses: Tensor = model(batch)
    # Gradients of the processes are averaged, and the batch is spread over them.
    loss = (losses * batch.weights).sum() * (machine.processes / len(rows))
    optimizer.zero_grad(set_to_none=True)
    machine.backward(loss)
    machine.clip(model, _CLIP)
    optimizer.step()
    total = losses.detach()[: len(own)].sum()
    return float(machine.gather(total[None]).sum() / len(rows))


@torch.no_grad()
def _update_average(average: NanoModel, model: NanoModel, decay: float) -> None:
    for mean, current in zip(average.parameters(), model.parameters(), strict=True):
        if current.requires_grad:
            mean.lerp_(current, 1 - decay)
