"""A whole run: from a base model and pairs to a checkpoint, taken up where it was left.

OUT/checkpoints/   states to resume from
OUT/tensorboard/   the curves
OUT/model/         the finished checkpoint
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers.utils import logging as transformers_logging

from themis_lsp.errors import UserError
from themis_train.curves import Curves, open_curves
from themis_train.machine import Machine
from themis_train.order import DataOrder
from themis_train.rm.base import Base, load_base
from themis_train.rm.card import save_model, write_card
from themis_train.rm.checkpoint import (
    Progress,
    Trained,
    find_checkpoints,
    load_checkpoint,
    read_progress,
    remove_partial,
    save_checkpoint,
    write_whole,
)
from themis_train.rm.corpus import (
    Examples,
    RmPair,
    keep_usable,
    limit_cells,
    make_examples,
    read_all,
)
from themis_train.rm.loop import Fit, make_optimizer, take_step
from themis_train.rm.lora import add_adapters
from themis_train.rm.measure import Validation, validate
from themis_train.rm.model import recompute_states
from themis_train.rm.prompts import CriterionPrompts, default_prompts, load_prompts
from themis_train.rm.recipe import RmRecipe, RunOptions, Stage

Log = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Run:
    out: Path
    fit: Fit
    base: Base
    prompts: CriterionPrompts
    dev: Examples
    fingerprint: Mapping[str, object]
    log: Log

    @property
    def steps(self) -> int:
        return self.fit.order.steps(self.fit.recipe.schedule.epochs)

    @property
    def checkpoints(self) -> Path:
        return self.out / "checkpoints"


def train_rm(out: Path, recipe: RmRecipe, options: RunOptions, *, log: Log) -> None:
    """Train into the folder ``out``, or go on with the run that is there.

    ``log`` gets one line per event, on the main process. Raises UserError when base, pairs or
    machine cannot be used, or a checkpoint cannot be written.
    """
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    machine = Machine(options.precision, shard=options.shard)
    try:
        _train(out, recipe, options, machine=machine, log=log if machine.is_main else _say_nothing)
    finally:
        machine.close()


def _train(out: Path, recipe: RmRecipe, options: RunOptions, *, machine: Machine, log: Log) -> None:
    if (out / "model").exists():
        log(f"{out / 'model'} is there: this run is finished")
        return
    fingerprint = recipe.fingerprint()
    if machine.is_main:
        remove_partial(out)
        remove_partial(out / "checkpoints")
    saved = find_checkpoints(out / "checkpoints")
    progress = read_progress(saved[-1]) if saved else Progress(0, fingerprint, {})
    _refuse_other_recipe(out, progress.recipe, fingerprint)
    run = _prepare(out, recipe, options, machine=machine, log=log)
    if saved:
        load_checkpoint(saved[-1], run.fit.trained, machine)
        log(f"going on after step {progress.step}, from {saved[-1]}")
    with open_curves(
        out / "tensorboard", first_step=progress.step + 1, is_main=machine.is_main
    ) as curves:
        measured = _take_steps(run, progress, curves)
    _finish(run, measured)


def _prepare(
    out: Path, recipe: RmRecipe, options: RunOptions, *, machine: Machine, log: Log
) -> _Run:
    torch.manual_seed(recipe.seed)  # adapters begin alike on every process
    base = load_base(recipe)
    prompts = (
        load_prompts(recipe.criterion_prompts) if recipe.criterion_prompts else default_prompts()
    )
    read = read_all(recipe.pairs, is_general=recipe.stage is Stage.GENERAL)
    pairs = _leave_out(read, base, prompts, log)
    # Figures are by criterion, so pairs to measure on always name one.
    dev = _leave_out(read_all(recipe.dev), base, prompts, log)
    dev = limit_cells(dev, recipe.dev_limit, recipe.seed)
    if not pairs:
        raise UserError("no pair to train on; give other files, or raise --limit-tokens")
    order = DataOrder(len(pairs), _fit_batch(recipe, len(pairs), machine.processes), recipe.seed)
    if recipe.lora is not None:
        add_adapters(base.model, recipe.lora)
    if options.gradient_checkpointing:
        recompute_states(base.model.classifier)
    base.model.train()
    trained = Trained(*machine.prepare(base.model, make_optimizer(base.model)))
    torch.manual_seed(recipe.seed + 1 + machine.process)
    fit = Fit(
        recipe=recipe,
        options=options,
        machine=machine,
        trained=trained,
        examples=make_examples(pairs, recipe, base.encoder, prompts),
        order=order,
        padding_id=base.model.classifier.config.pad_token_id,
    )
    measured = make_examples(dev, recipe, base.encoder, prompts)
    run = _Run(out, fit, base, prompts, measured, recipe.fingerprint(), log)
    log(
        f"{len(pairs)} pairs in {run.steps} steps of {order.batch}, {len(dev)} to measure on; "
        f"{machine.describe()}"
    )
    return run


def _take_steps(run: _Run, progress: Progress, curves: Curves) -> Mapping[str, Any]:
    fit, measured = run.fit, dict(progress.measured)
    for step in range(progress.step, run.steps):
        began = time.monotonic()
        figures = take_step(fit, step, run.steps)
        done, is_last = step + 1, step + 1 == run.steps
        curves.add(done, figures.scalars())
        pace = fit.order.batch / (time.monotonic() - began)
        run.log(
            f"step {done}/{run.steps} loss {figures.loss:.5f} "
            f"accuracy {figures.accuracy:.3f} rate {figures.rate:.2e} {pace:.2f} pairs/s"
        )
        if run.dev.pairs and (is_last or done % fit.options.evaluate_every == 0):
            found = _validate(run)
            curves.add(done, found.scalars())
            run.log(f"step {done}/{run.steps} dev {found}")
            measured["dev"] = found.to_json()
        if is_last or done % fit.options.save_every == 0:
            save_checkpoint(
                run.checkpoints,
                Progress(done, run.fingerprint, measured),
                fit.trained,
                machine=fit.machine,
                keep=fit.options.keep,
            )
    return measured


def _validate(run: _Run) -> Validation:
    return validate(
        run.fit.trained.model,
        run.dev,
        run.fit.machine,
        micro_batch=run.fit.options.micro_batch,
        padding_id=run.fit.padding_id,
    )


def _finish(run: _Run, measured: Mapping[str, Any]) -> None:
    machine, recipe = run.fit.machine, run.fit.recipe
    state = machine.full_state(run.fit.trained.model)
    facts = {
        "pairs": run.fit.order.count,
        "steps": run.steps,
        "batch": run.fit.order.batch,
        "dev": measured.get("dev"),
    }
    with write_whole(run.out / "model", machine) as partial:
        if machine.is_main:
            save_model(partial, state, run.base, recipe=recipe, options=run.fit.options)
            write_card(partial, recipe, run.prompts, facts=facts)
    run.log(f"wrote {run.out / 'model'}")


def _leave_out(
    read: Sequence[RmPair], base: Base, prompts: CriterionPrompts, log: Log
) -> list[RmPair]:
    usable = keep_usable(read, base.encoder, prompts)
    if len(usable) < len(read):
        log(
            f"left out {len(read) - len(usable)} of {len(read)} pairs: their request is too long "
            "or their sides do not differ within the token limit"
        )
    return usable


def _fit_batch(recipe: RmRecipe, pairs: int, processes: int) -> int:
    """Return the global batch: never more than the data, and the same share for every process."""
    batch = min(recipe.schedule.batch, pairs)
    if batch % processes:
        raise UserError(
            f"a batch of {batch} pairs cannot be split evenly over {processes} processes; "
            "choose another --batch"
        )
    return batch


def _refuse_other_recipe(
    out: Path, begun: Mapping[str, object], asked: Mapping[str, object]
) -> None:
    changed = sorted(key for key in {*begun, *asked} if begun.get(key) != asked.get(key))
    if changed:
        raise UserError(
            f"{out}: the run there was begun with other settings ({', '.join(changed)}); give the "
            "same ones to go on with it, or another folder"
        )


def _say_nothing(_line: str) -> None:
    pass
