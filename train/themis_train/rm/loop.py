"""One optimizer step, over micro-batches and processes."""

from __future__ import annotations

import math
from contextlib import nullcontext
from dataclasses import asdict, dataclass

import torch

from themis_lsp.errors import UserError
from themis_train.machine import Machine
from themis_train.order import DataOrder, split_micro, split_share
from themis_train.rm.checkpoint import Trained
from themis_train.rm.corpus import Examples
from themis_train.rm.model import RewardModel
from themis_train.rm.objective import Batch, Losses, collate, compute_losses
from themis_train.rm.recipe import BETAS, EPSILON, WEIGHT_DECAY, RmRecipe, RunOptions
from themis_train.schedule import rate_at


@dataclass(frozen=True, slots=True)
class Fit:
    """What the steps of a run work with."""

    recipe: RmRecipe
    options: RunOptions
    machine: Machine
    trained: Trained
    examples: Examples
    order: DataOrder
    padding_id: int


@dataclass(frozen=True, slots=True)
class StepFigures:
    """What a step was like: means over its pairs, weighted but for ``accuracy``."""

    loss: float
    bradley_terry: float
    language_model: float
    magnitude: float
    accuracy: float
    gradient_norm: float
    rate: float

    def scalars(self) -> dict[str, float]:
        """Return the figures by the name of their curve."""
        return {f"train/{name}": value for name, value in asdict(self).items()}


def make_optimizer(model: RewardModel) -> torch.optim.Optimizer:
    """AdamW on what is trained; only matrices decay."""
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    groups = [
        {"params": [p for p in trained if p.ndim >= 2], "weight_decay": WEIGHT_DECAY},
        {"params": [p for p in trained if p.ndim < 2], "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    return torch.optim.AdamW(groups, lr=0.0, betas=BETAS, eps=EPSILON)


def take_step(fit: Fit, step: int, steps: int) -> StepFigures:
    """Train on the batch of ``step``. Raises UserError when the gradient is not finite."""
    machine, schedule = fit.machine, fit.recipe.schedule
    places = split_share(fit.order.places(step), machine.process, machine.processes)
    rows = [fit.examples.at(place) for place in places]
    groups = list(split_micro(rows, [row.longest for row in rows], fit.options.micro_batch))
    sums = torch.zeros(5, device=machine.device)
    for number, group in enumerate(groups, start=1):
        batch = collate(group, fit.padding_id).to(machine.device)
        # Sharded gradients are summed at once: whole ones of a large model would not fit.
        waits = number < len(groups) and not machine.is_sharded
        with machine.without_sync(fit.trained.model) if waits else nullcontext():
            losses, correct = _forward(fit, batch)
            total = (losses.total * batch.weights).sum() / fit.order.batch
            # Gradients of the processes are averaged, and the batch is spread over them.
            machine.backward(total * machine.processes)
        sums += _sum_up(losses, batch.weights, correct)
    norm = machine.clip(fit.trained.model, schedule.clip)
    if not math.isfinite(norm):
        raise UserError(
            f"the gradient of step {step + 1} is not finite; lower --rate or use --precision fp32, "
            "and start the same command again: it goes on from the last checkpoint"
        )
    rate = rate_at(step, steps, schedule.rates)
    for parameters in fit.trained.optimizer.param_groups:
        parameters["lr"] = rate
    fit.trained.optimizer.step()
    fit.trained.optimizer.zero_grad(set_to_none=True)
    loss, bradley_terry, language_model, magnitude, accuracy = (
        machine.gather(sums).sum(dim=0) / fit.order.batch
    ).tolist()
    return StepFigures(loss, bradley_terry, language_model, magnitude, accuracy, norm, rate)


def _forward(fit: Fit, batch: Batch) -> tuple[Losses, torch.Tensor]:
    schedule = fit.recipe.schedule
    answers = batch.answers if schedule.lm_weight else None
    rewards, language_model = fit.trained.model(batch.ids, batch.mask, answers)
    chosen, rejected = rewards.detach().chunk(2)
    pairs = len(batch.weights)
    losses = compute_losses(rewards, language_model[:pairs], schedule, fit.recipe.penalty)
    return losses, chosen > rejected


def _sum_up(losses: Losses, weights: torch.Tensor, correct: torch.Tensor) -> torch.Tensor:
    terms = (losses.total, losses.bradley_terry, losses.language_model, losses.magnitude)
    sums = [(term.detach() * weights).sum() for term in terms]
    return torch.stack([*sums, correct.float().sum()])
