from __future__ import annotations

import errno
import itertools
import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner
from themis_train import features, fit, nano
from themis_train.cli import commands
from themis_train.corpus import Labels, balance_lengths, encode_pairs
from themis_train.fit import FitOptions, fit_head
from themis_train.machine import Machine
from themis_train.model import load_base, load_nano
from themis_train.precision import Precision
from themis_train.resume import WorkFolder
from themis_train.run import Run

from themis_lsp.criteria import Criterion
from themis_lsp.errors import UserError
from themis_lsp.pairs import read_pairs


def train_arguments(out: Path, base: Path, pairs: Path) -> list[str]:
    arguments = ["nano", str(out), "--base", str(base), "--layers", "2"]
    for option in ("--pairs", "--trusted", "--degraded", "--dev"):
        arguments += [option, str(pairs)]
    return [*arguments, "--vocabulary", "260", "--epochs", "2"]


def train(arguments: list[str]) -> str:
    result = CliRunner().invoke(commands, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


class Killed(BaseException):
    """Nothing that runs in a process hears of its end."""


def die_after(calls: int, do: Callable[..., Any]) -> Callable[..., Any]:
    """Stands for a kill: the process has done ``calls`` calls and is no more."""
    count = itertools.count(1)

    def dying(*arguments: Any) -> Any:
        if next(count) > calls:
            raise Killed
        return do(*arguments)

    return dying


def fail_for_space(_descriptor: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture(scope="module")
def checkpoint(
    base_model: Path, pairs_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    out = tmp_path_factory.mktemp("nano") / "checkpoint"
    assert "with body: dev changed" in train(train_arguments(out, base_model, pairs_file))
    return out


def test_a_run_leaves_a_checkpoint_that_knows_how_it_was_made(checkpoint: Path) -> None:
    _, meta, tokenizer = load_nano(checkpoint)
    assert meta.criteria == tuple(Criterion)
    assert meta.training["layers"] == 2
    assert meta.training["pairs"] == ["pairs.jsonl"]
    assert tokenizer.get_vocab_size() == 260


def test_a_checkpoint_has_a_card_and_curves(checkpoint: Path) -> None:
    card = (checkpoint / "README.md").read_text(encoding="utf-8")
    assert "| functional correctness | 1.000 |" in card
    assert "| memory efficiency | no pairs |" in card
    assert list((checkpoint / "tensorboard").iterdir())


def test_states_count_no_more_than_they_may(
    checkpoint: Path, pairs_file: Path, tmp_path: Path
) -> None:
    model, meta, tokenizer = load_nano(checkpoint)
    rows = encode_pairs(
        list(read_pairs(pairs_file)),
        tokenizer,
        criteria=meta.criteria,
        sink_id=meta.sink_id,
        window=nano.WINDOW,
        labels=Labels(smoothing=0.1),
    )
    weights, told = [], []
    machine = Machine(Precision.FLOAT32, on_cpu=True)
    for limit in (1.0, 0.05, 0.0):
        work = WorkFolder(tmp_path / "work")
        fit_head(model, balance_lengths(rows), Run(machine, work, told.append), limit=limit)
        weights.append(model.head.weight[0].detach().clone())
    counted = float(next(line for line in told if "on criterion 1" in line).split()[2])
    assert counted > 0.05
    assert weights[0].any()
    torch.testing.assert_close(weights[1] * counted / 0.05, weights[0], rtol=0.02, atol=1e-6)
    assert not weights[2].any()


def test_a_run_that_was_killed_goes_on_to_the_same_checkpoint(
    base_model: Path, pairs_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(features, "_GROUPS_PER_PART", 1)
    monkeypatch.setattr(nano, "FitOptions", partial(FitOptions, save_every=1))
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    train(train_arguments(whole, base_model, pairs_file))
    arguments = train_arguments(killed, base_model, pairs_file)
    for module, name, calls in ((features, "_features", 2), (fit, "_step", 1), (fit, "_step", 3)):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, die_after(calls, getattr(module, name)))
            with pytest.raises(Killed):
                train(arguments)
        assert not (killed / "model.safetensors").exists()
    assert "going on after step 4" in train(arguments)
    ours, theirs = (load_nano(folder)[0].state_dict() for folder in (killed, whole))
    assert all(torch.equal(ours[key], theirs[key]) for key in theirs)
    assert not killed.with_name("killed.work").exists()


def test_a_full_disk_is_told_and_nothing_kept_is_lost(tmp_path: Path) -> None:
    work = WorkFolder(tmp_path / "work")
    work.save(b"key", {"value": torch.ones(2)})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", fail_for_space)
        with pytest.raises(UserError, match="No space left on device"):
            work.save(b"key", {"value": torch.zeros(2)})
    kept = work.load(b"key")
    assert kept is not None
    assert kept["value"].tolist() == [1, 1]


def test_what_it_learned_survives_saving(checkpoint: Path) -> None:
    model, meta, tokenizer = load_nano(checkpoint)
    rewards = []
    for text in ("    if not items: return None\n", "    for item in items: pass\n"):
        ids = torch.tensor([[meta.sink_id, *tokenizer.encode(text).ids]])
        before = torch.cat([ids[:, :1], ids[:, :-1]], dim=1)
        before_that = torch.cat([ids[:, :1], before[:, :-1]], dim=1)
        positions = torch.arange(ids.shape[1])[None]
        visible = positions[:, None, :] <= positions[:, :, None]
        token_rewards = model.read_states(model.states(ids, positions, visible)) + model.grams(
            ids, before, before_that
        )
        rewards.append(token_rewards[0, 1:].mean(dim=0))
    assert rewards[0][0] > rewards[1][0]


def test_a_base_with_too_few_layers_is_refused(base_model: Path) -> None:
    with pytest.raises(UserError, match="has 3 layers, fewer than the 9 asked"):
        load_base(str(base_model), layers=9)


def test_a_base_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot load the base model"):
        load_base(str(tmp_path), layers=1)


def test_a_folder_without_a_checkpoint_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nano\.json is missing"):
        load_nano(tmp_path)


def test_neutral_edits_make_a_model_calm(
    base_model: Path, pairs_file: Path, tmp_path: Path
) -> None:
    neutral = tmp_path / "neutral.jsonl"
    rows = []
    for number, pair in enumerate(read_pairs(pairs_file)):
        edit = {"id": str(number), "before": pair.rejected, "after": pair.chosen}
        labels = {"language": "Python", "operator": "same", "family": "syntax"}
        rows.append(json.dumps({**edit, **labels, "stable": [pair.criterion.value]}) + "\n")
    neutral.write_text("".join(rows))
    sizes = []
    for name, extra in (("bold", []), ("calm", ["--neutral", str(neutral)])):
        out = tmp_path / name
        output = train([*train_arguments(out, base_model, pairs_file)[:-2], *extra])
        assert f"{len(rows) if extra else 0} neutral edits" in output
        model, _, _ = load_nano(out)
        sizes.append(float(model.grams.rows.weight.norm()))
    assert sizes[1] < 0.5 * sizes[0]
