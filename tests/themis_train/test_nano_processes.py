"""``themis-train nano`` as a program of its own: killed, in several processes, badly launched."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from themis_train.model import load_nano

PROGRAM = [sys.executable, "-c", "from themis_train.cli import main; main()"]
TORCHRUN = [
    *(sys.executable, "-m", "torch.distributed.run", "--standalone"),
    *("--nproc-per-node", "2", "--no-python"),
]
SMALL_STEPS = """\
import sys
from functools import partial
from themis_train import features, fit, nano
features._GROUPS_PER_PART, fit._STEPS_PER_POINT = 1, 1
nano.FitOptions = partial(fit.FitOptions, batch_tokens=1024, save_every=3)
from themis_train.cli import main
main()
"""
"""The command itself, but that it finishes parts, and tells of steps, as often as a test needs."""


def start(program: list[str], out: Path, base: Path, pairs: Path) -> subprocess.Popen[str]:
    words = ["nano", str(out), "--base", str(base), "--layers", "3", "--vocabulary", "260"]
    for option in ("--pairs", "--degraded", "--dev"):
        words += [option, str(pairs)]
    return subprocess.Popen(
        [*program, *words, "--epochs", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"},
    )


def finish(process: subprocess.Popen[str]) -> str:
    with process:
        printed, errors = process.communicate()
    assert process.returncode == 0, errors
    return printed


def weights(checkpoint: Path) -> dict[str, torch.Tensor]:
    return load_nano(checkpoint)[0].state_dict()


def kill_after(process: subprocess.Popen[str], words: str) -> None:
    """Wait until the program says ``words``; then it is no more, whatever it was about to do."""
    with process:
        assert process.stdout is not None
        assert any(words in line for line in process.stdout)
        process.send_signal(signal.SIGKILL)
        process.wait()


@pytest.fixture(scope="module")
def alone(base_model: Path, pairs_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint of a run in one process that nothing happened to."""
    out = tmp_path_factory.mktemp("alone") / "checkpoint"
    finish(start([sys.executable, "-c", SMALL_STEPS], out, base_model, pairs_file))
    return out


def test_two_processes_train_as_one_does(
    alone: Path, base_model: Path, pairs_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "together"
    program = [*TORCHRUN, sys.executable, "-c", SMALL_STEPS]
    printed = finish(start(program, out, base_model, pairs_file))
    assert printed.count("with body: dev") == 1, "one process speaks"
    expected = weights(alone)
    for name, tensor in weights(out).items():
        torch.testing.assert_close(tensor, expected[name], rtol=1e-3, atol=1e-4, msg=name)
    assert not out.with_name("together.work").exists()


def test_a_run_killed_at_any_moment_goes_on_to_the_same_checkpoint(
    alone: Path, base_model: Path, pairs_file: Path, tmp_path: Path
) -> None:
    out, program = tmp_path / "killed", [sys.executable, "-c", SMALL_STEPS]
    kill_after(start(program, out, base_model, pairs_file), "states of")
    kill_after(start(program, out, base_model, pairs_file), "step 5 of")
    assert not (out / "model.safetensors").exists()
    assert "going on after step 3" in finish(start(program, out, base_model, pairs_file))
    expected = weights(alone)
    assert all(torch.equal(tensor, expected[name]) for name, tensor in weights(out).items())


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("ACCELERATE_USE_FSDP=true", "themis-train nano does not shard (FSDP)"),
        ("WORLD_SIZE=2", "the processes that were launched do not find each other"),
    ],
)
def test_what_would_not_train_together_is_refused(
    setting: str, message: str, base_model: Path, pairs_file: Path, tmp_path: Path
) -> None:
    with start(["env", setting, *PROGRAM], tmp_path / "out", base_model, pairs_file) as process:
        _, errors = process.communicate()
    assert process.returncode == 2
    assert message in errors
    assert "Traceback" not in errors
