"""States to resume from: a folder each, complete or not there at all.

    checkpoints/step-00000050/
      *.distcp, .metadata    weights and optimizer, whatever the number of processes
      random-0.safetensors   the random generators of process 0, and so on
      state.json             step, recipe and history

A folder is written under another name and renamed when it is complete and on the disk.
"""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn
from torch.distributed.checkpoint.api import CheckpointException
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_state_dict,
    set_state_dict,
)
from torch.distributed.checkpoint.state_dict_loader import load
from torch.distributed.checkpoint.state_dict_saver import save

from themis_lsp.errors import UserError
from themis_train.machine import Machine
from themis_train.writing import flush

_PARTIAL = ".partial"
_STATE = "state.json"
# Frozen weights are the base's and need not be written again.
_OPTIONS = StateDictOptions(ignore_frozen_params=True, strict=False)
_FAILURES = (OSError, RuntimeError, SafetensorError, CheckpointException)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands: steps done, the recipe it follows, and what was measured so far."""

    step: int
    recipe: Mapping[str, object]
    measured: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Trained:
    """What a checkpoint holds besides its progress."""

    model: nn.Module
    optimizer: torch.optim.Optimizer


def find_checkpoints(folder: Path) -> list[Path]:
    """Return the complete checkpoints, the newest last."""
    return sorted(path for path in folder.glob("step-*") if path.suffix != _PARTIAL)


def read_progress(checkpoint: Path) -> Progress:
    """Read where a checkpoint stands. Raises UserError when it is damaged."""
    try:
        fields = json.loads((checkpoint / _STATE).read_text(encoding="utf-8"))
        return Progress(int(fields["step"]), dict(fields["recipe"]), dict(fields["measured"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{checkpoint}: damaged ({error}); remove this folder") from error


def save_checkpoint(
    folder: Path, progress: Progress, trained: Trained, *, machine: Machine, keep: int
) -> None:
    """Write a checkpoint, then remove all but the newest ``keep``. Every process must call it.

    Raises UserError when it cannot be written; those before it stay.
    """
    path = folder / f"step-{progress.step:08}"
    with write_whole(path, machine) as partial:
        _save_states(partial, trained, machine)
        if machine.is_main:
            fields = {
                "step": progress.step,
                "recipe": dict(progress.recipe),
                "measured": dict(progress.measured),
            }
            (partial / _STATE).write_text(json.dumps(fields, indent=2), encoding="utf-8")
    if machine.is_main:
        for old in find_checkpoints(folder)[:-keep]:
            shutil.rmtree(old, ignore_errors=True)
    machine.wait()


def load_checkpoint(checkpoint: Path, trained: Trained, machine: Machine) -> None:
    """Bring model, optimizer and random generators to where ``checkpoint`` was.

    Raises UserError when it is damaged or was made of another model.
    """
    model, optimizer = get_state_dict(trained.model, trained.optimizer, options=_OPTIONS)
    state: dict[str, Any] = {"model": model, "optimizer": optimizer}
    try:
        with _single_process_is_meant():
            load(state, checkpoint_id=checkpoint)
        random = checkpoint / f"random-{machine.process}.safetensors"
        generators = load_file(random) if random.exists() else {}
    except (*_FAILURES, ValueError, KeyError) as error:
        raise UserError(
            f"{checkpoint}: cannot be read ({_first_line(error)}); remove this folder and the run "
            "goes on from the one before it"
        ) from error
    set_state_dict(
        trained.model,
        trained.optimizer,
        model_state_dict=state["model"],
        optim_state_dict=state["optimizer"],
        options=_OPTIONS,
    )
    if "cpu" in generators:
        torch.set_rng_state(generators["cpu"])
    if "device" in generators and machine.device.type == "cuda":
        torch.cuda.set_rng_state(generators["device"])


@contextmanager
def write_whole(path: Path, machine: Machine) -> Iterator[Path]:
    """Yield a folder to fill that becomes ``path`` when all processes are done with it.

    Raises UserError on every process when the disk is full or the folder cannot be written.
    """
    partial = path.with_suffix(_PARTIAL)
    failure: BaseException | None = None
    if machine.is_main:
        shutil.rmtree(partial, ignore_errors=True)
    machine.wait()  # or one process would remove what another has begun to write
    try:
        partial.mkdir(parents=True, exist_ok=True)
        yield partial
        flush(partial)
    except _FAILURES as error:
        failure = error
    failed = machine.gather(torch.tensor([int(failure is not None)], device=machine.device))
    if failed.any():
        if machine.is_main:
            shutil.rmtree(partial, ignore_errors=True)
        reason = _first_line(failure) if failure else "on another process"
        raise UserError(
            f"{path}: cannot be written ({reason}); make room and start the same command again: "
            "what was saved before is untouched"
        ) from failure
    if machine.is_main:
        _replace(partial, path)
    machine.wait()


def remove_partial(folder: Path) -> None:
    """Remove what a run that was killed left half written."""
    for path in folder.glob(f"*{_PARTIAL}"):
        shutil.rmtree(path, ignore_errors=True)


def _save_states(partial: Path, trained: Trained, machine: Machine) -> None:
    model, optimizer = get_state_dict(trained.model, trained.optimizer, options=_OPTIONS)
    with _single_process_is_meant():
        save({"model": model, "optimizer": optimizer}, checkpoint_id=partial)
    generators = {"cpu": torch.get_rng_state()}
    if machine.device.type == "cuda":
        generators["device"] = torch.cuda.get_rng_state()
    save_file(generators, partial / f"random-{machine.process}.safetensors")


@contextmanager
def _single_process_is_meant() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "torch.distributed is disabled", UserWarning)
        yield


def _replace(partial: Path, path: Path) -> None:
    if path.exists():
        shutil.rmtree(path)
    partial.rename(path)


def _first_line(error: BaseException) -> str:
    if isinstance(error, CheckpointException) and error.failures:
        error = next(iter(error.failures.values()))[0]
    return str(error).strip().split("\n")[0] or type(error).__name__
