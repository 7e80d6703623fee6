from __future__ import annotations

from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from themis_train.cli import commands
from themis_train.model import load_base, load_nano

from themis_lsp.criteria import Criterion
from themis_lsp.errors import UserError


@pytest.fixture(scope="module")
def checkpoint(
    base_model: Path, pairs_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    out = tmp_path_factory.mktemp("nano") / "checkpoint"
    arguments = ["nano", str(out), "--base", str(base_model), "--layers", "2"]
    for option in ("--pairs", "--trusted", "--degraded", "--dev"):
        arguments += [option, str(pairs_file)]
    result = CliRunner().invoke(
        commands, [*arguments, "--vocabulary", "260", "--epochs", "2"], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    assert "with body: dev changed" in result.output
    return out


def test_a_run_leaves_a_checkpoint_that_knows_how_it_was_made(checkpoint: Path) -> None:
    _, meta, tokenizer = load_nano(checkpoint)
    assert meta.criteria == tuple(Criterion)
    assert meta.training["layers"] == 2
    assert meta.training["pairs"] == ["pairs.jsonl"]
    assert tokenizer.get_vocab_size() == 260


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
