from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from rm_models import arguments, launch, make_base, read_curve, train
from themis_train.machine import Machine
from themis_train.precision import Precision
from themis_train.rm.base import load_base
from themis_train.rm.checkpoint import Progress, Trained, load_checkpoint, save_checkpoint
from themis_train.rm.loop import make_optimizer
from themis_train.rm.recipe import PRESETS, RmRecipe, Stage
from torch.distributed.device_mesh import DeviceMesh, init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor

from themis_lsp.errors import UserError

TORCHRUN = [
    *(sys.executable, "-m", "torch.distributed.run", "--standalone"),
    *("--nproc-per-node", "2", "--no-python"),
]


def test_two_processes_train_as_one_does(tmp_path: Path) -> None:
    base = make_base(tmp_path / "base")
    alone, together = tmp_path / "alone", tmp_path / "together"
    for folder in (alone, together):
        folder.mkdir()
    train(arguments(alone, base, epochs=0.5))
    with launch(TORCHRUN, arguments(together, base, epochs=0.5)) as process:
        printed, errors = process.communicate()
    assert process.returncode == 0, errors
    assert "on 2 x cpu" in printed
    assert printed.count("step 3/3 dev") == 1, "one process speaks"
    for curve in ("train/loss", "train/gradient_norm", "dev/mean"):
        expected = read_curve(alone / "run", curve)
        assert read_curve(together / "run", curve) == pytest.approx(expected, abs=1e-4)

    more = arguments(together, base, epochs=0.5)
    (together / "run/model").rename(together / "first")
    assert "going on after step 3" in train(more), "one process reads what two have written"


@pytest.fixture
def mesh(tmp_path: Path) -> Iterator[DeviceMesh]:
    """A world of one process, in which weights can be sharded all the same."""
    torch.distributed.init_process_group(
        "gloo", init_method=f"file://{tmp_path}/world", rank=0, world_size=1
    )
    try:
        yield init_device_mesh("cpu", (1,))
    finally:
        torch.distributed.destroy_process_group()


def test_a_sharded_model_trains_saves_and_resumes_as_a_whole_one(
    mesh: DeviceMesh, tmp_path: Path
) -> None:
    folder = make_base(tmp_path / "base")
    recipe = RmRecipe(base=str(folder), pairs=[], schedule=PRESETS[Stage.CODE])
    ids = torch.arange(3, 43).view(4, 10)
    machine = Machine(Precision.AUTO)
    states = []
    for is_sharded in (False, True):
        model = load_base(recipe).model.train()
        if is_sharded:
            for layer in model.classifier.base_model.layers:
                fully_shard(layer, mesh=mesh)
            fully_shard(model, mesh=mesh)
        optimizer = make_optimizer(model)
        rewards, language_model = model(ids, torch.ones_like(ids), ids[:2] > 20)
        (rewards.sum() + language_model.sum()).backward()
        optimizer.param_groups[0]["lr"] = 0.01
        optimizer.step()
        states.append(machine.full_state(model))
    assert isinstance(next(model.parameters()), DTensor)
    for name, tensor in states[0].items():
        torch.testing.assert_close(states[1][name], tensor, msg=name)

    checkpoints = tmp_path / "checkpoints"
    save_checkpoint(
        checkpoints, Progress(1, {}, {}), Trained(model, optimizer), machine=machine, keep=1
    )
    whole = load_base(recipe).model
    load_checkpoint(checkpoints / "step-00000001", Trained(whole, make_optimizer(whole)), machine)
    for name, tensor in states[0].items():
        torch.testing.assert_close(whole.state_dict()[name], tensor, msg=name)


def test_sharding_that_is_not_there_is_refused() -> None:
    with pytest.raises(UserError, match=r"sharding \(FSDP\) was asked for, but accelerate runs NO"):
        Machine(Precision.AUTO, shard=True)


def test_sharding_that_the_launcher_asks_for_and_does_not_do_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "true")
    with pytest.raises(UserError, match="every process would hold the whole model"):
        Machine(Precision.AUTO)


def test_processes_that_do_not_find_each_other_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(UserError, match=r"do not find each other|each would train a copy"):
        Machine(Precision.FLOAT32)


def test_a_batch_that_cannot_be_shared_out_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = arguments(tmp_path, make_base(tmp_path / "base"), batch=5)
    monkeypatch.setattr(Machine, "processes", property(lambda _self: 2))
    with pytest.raises(UserError, match="5 pairs cannot be split evenly over 2 processes"):
        train(words)
