"""Fitting a Nano: the head on frozen states first, then head and body together."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from themis_train.corpus import collate, group_rows
from themis_train.encode import CHOSEN, REJECTED, EncodedPair
from themis_train.evaluate import autocast, evaluate, state_rewards
from themis_train.logistic import Floats, fit_logistic
from themis_train.model import NanoModel
from themis_train.objective import Batch, bradley_terry, pair_margins

Log = Callable[[str], None]

HEAD_RIDGE = 1.0
"""On standardised states; of 0.001 to 10 the best on dev pairs."""


@dataclass(frozen=True, slots=True)
class FitOptions:
    """How long and how fast to train. Rates are peaks; both fall on a cosine to a tenth."""

    seen_pairs: int = 0
    batch_tokens: int = 3072
    body_rate: float = 1.5e-4
    head_rate: float = 3e-4
    frozen_layers: int = 2
    whole_weight: float = 0.3
    magnitude_weight: float = 1e-3
    averaging: float = 0.995
    evaluate_every_s: float = 1200.0
    seed: int = 0


def fit_head(model: NanoModel, rows: Sequence[EncodedPair], ridge: float = HEAD_RIDGE) -> None:
    """Fit the head alone, as one weighted logistic regression per criterion.

    Features are mean hidden states over the changed tokens, chosen minus rejected; a side
    without changed tokens contributes an indicator, whose weight becomes the baseline. What a
    row's ``offset`` says already is not learned again.
    """
    features, criteria, weights, offsets = _frozen_features(model, rows)
    scale = np.maximum(features[:, :-1].std(axis=0), 1e-4)
    features[:, :-1] /= scale
    for index in range(model.head.out_features):
        own = criteria == index
        if own.any():
            theta = fit_logistic(features[own], weights[own], ridge=ridge, offsets=offsets[own])
            model.head.weight.data[index] = torch.from_numpy(theta[:-1] / scale)
            model.baseline.data[index] = theta[-1]


def fit(
    model: NanoModel,
    rows: Sequence[EncodedPair],
    dev_rows: Sequence[EncodedPair],
    options: FitOptions,
    *,
    log: Log,
    keep: Callable[[NanoModel], None],
) -> NanoModel:
    """Fine-tune on ``rows`` and return the exponential average of the weights.

    ``keep`` is called with that average at every evaluation, so that a run cut short leaves a
    checkpoint.
    """
    _freeze_lowest(model, options.frozen_layers)
    average = copy.deepcopy(model)
    optimizer = _optimizer(model, options)
    peaks = [group["lr"] for group in optimizer.param_groups]
    generator = np.random.default_rng(options.seed)
    seen, step, last = 0, 0, time.monotonic()
    losses: list[float] = []
    for batch in _forever(rows, options.batch_tokens, generator):
        share = seen / options.seen_pairs
        if share >= 1:
            break
        for group, peak in zip(optimizer.param_groups, peaks, strict=True):
            group["lr"] = peak * schedule(share)
        losses.append(_step(model, batch, optimizer, options))
        _update_average(average, model, min(options.averaging, (1 + step) / (10 + step)))
        seen, step = seen + len(batch.ids), step + 1
        if step % 50 == 0:
            log(f"step {step} pairs {seen}/{options.seen_pairs} loss {np.mean(losses[-200:]):.4f}")
        if time.monotonic() - last > options.evaluate_every_s:
            log(f"step {step} dev {evaluate(average, dev_rows, options.batch_tokens)}")
            keep(average)
            last = time.monotonic()
    return average


def schedule(share: float, warm_up: float = 0.05, floor: float = 0.1) -> float:
    """Return the factor on the peak rate after ``share`` (0..1) of the run."""
    if share < warm_up:
        return share / warm_up
    progress = (share - warm_up) / (1 - warm_up)
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * min(progress, 1.0)))


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
        {"params": body, "lr": options.body_rate, "weight_decay": 0.1},
        {"params": head, "lr": options.head_rate, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, betas=(0.9, 0.95), eps=1e-8, fused=True)


def _step(
    model: NanoModel, batch: Batch, optimizer: torch.optim.Optimizer, options: FitOptions
) -> float:
    margins = pair_margins(state_rewards(model, batch), model.baseline, batch)
    losses = (
        bradley_terry(margins.changed + batch.offsets, batch.smoothing)
        + options.whole_weight * bradley_terry(margins.whole + batch.offsets, batch.smoothing)
        + options.magnitude_weight * margins.squares
    )
    loss = (losses * batch.weights).sum() / len(losses)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.5)
    optimizer.step()
    return float(losses.detach().mean())


@torch.no_grad()
def _update_average(average: NanoModel, model: NanoModel, decay: float) -> None:
    for mean, current in zip(average.parameters(), model.parameters(), strict=True):
        if current.requires_grad:
            mean.lerp_(current, 1 - decay)


def _forever(
    rows: Sequence[EncodedPair], batch_tokens: int, generator: np.random.Generator
) -> Iterator[Batch]:
    while True:
        for group in group_rows(rows, batch_tokens, generator):
            yield collate(group)


@torch.no_grad()
def _frozen_features(
    model: NanoModel, rows: Sequence[EncodedPair]
) -> tuple[Floats, NDArray[np.int64], Floats, Floats]:
    """Return features (N, H + 1), criteria (N,), weights (N,) and offsets (N,)."""
    features, criteria, weights, offsets = [], [], [], []
    for group in group_rows(rows, 8192):
        batch = collate(group)
        with autocast():
            states = model.states(batch.ids, batch.positions, batch.visible())
        means, empty = [], []
        for side in (CHOSEN, REJECTED):
            mask = (batch.changed & (batch.segments == side)).float()  # (B, T)
            counts = mask.sum(1, keepdim=True)
            means.append(torch.einsum("bt,bth->bh", mask, states) / counts.clamp(min=1))
            empty.append((counts == 0).float())
        features.append(torch.cat([means[0] - means[1], empty[0] - empty[1]], dim=1))
        criteria.append(batch.criteria)
        weights.append(batch.weights)
        offsets.append(batch.offsets)
    return (
        torch.cat(features).double().numpy(),
        torch.cat(criteria).numpy(),
        torch.cat(weights).double().numpy(),
        torch.cat(offsets).double().numpy(),
    )
