from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from rm_models import make_base, write_pairs
from themis_train.rm.base import load_base
from themis_train.rm.corpus import encode_pair, read_all
from themis_train.rm.encode import EncodedAnswer
from themis_train.rm.objective import collate, compute_losses
from themis_train.rm.recipe import PRESETS, Penalty, RmRecipe, Schedule, Stage
from torch.nn.functional import cross_entropy
from transformers import AutoModelForCausalLM

SCHEDULE = replace(PRESETS[Stage.GENERAL], limit_tokens=64)


def reward_of(causal: torch.nn.Module, score: torch.Tensor, side: EncodedAnswer) -> float:
    """One conversation alone, without padding."""
    ids = torch.tensor([side.ids.tolist()])
    return float(causal.model(ids).last_hidden_state[0, -1] @ score)


def answer_loss(causal: torch.nn.Module, side: EncodedAnswer) -> float:
    """The mean of -log p of each token of the answer and the end of its turn."""
    ids = torch.tensor(side.ids.tolist())
    logits = causal(ids[None]).logits[0]
    losses = [
        float(cross_entropy(logits[position - 1], ids[position]))
        for position in range(side.answer_start, len(ids))
    ]
    return sum(losses) / len(losses)


def total_of(c: float, r: float, lm: float, *, penalty: Penalty, schedule: Schedule) -> float:
    magnitude = (c + r) ** 2 if penalty is Penalty.SUM else (abs(c) + abs(r)) ** 2
    return (
        math.log(1 + math.exp(r - c))
        + schedule.lm_weight * lm
        + schedule.magnitude_weight * magnitude
    )


@pytest.mark.parametrize("penalty", list(Penalty))
@pytest.mark.parametrize("tied", [True, False])
def test_the_loss_is_what_a_plain_computation_gives(
    tmp_path: Path, penalty: Penalty, tied: bool
) -> None:
    folder = make_base(tmp_path / "base", tied=tied)
    file = write_pairs(tmp_path / "pairs.jsonl", 5)
    base = load_base(RmRecipe(base=str(folder), pairs=[file], schedule=SCHEDULE))
    score = torch.randn(32, generator=torch.Generator().manual_seed(1))
    base.model.classifier.score.weight.data[0] = score
    rows = [encode_pair(pair, "Judge.", base.encoder) for pair in read_all([file])]
    assert max(row.longest for row in rows) == 64, "one side is cut"
    assert len({row.longest for row in rows}) > 1, "and some are padded"

    batch = collate(rows, base.model.classifier.config.pad_token_id)
    with torch.no_grad():
        rewards, language_model = base.model(batch.ids, batch.mask, batch.answers)
        losses = compute_losses(rewards, language_model, SCHEDULE, penalty)

        causal = AutoModelForCausalLM.from_pretrained(folder).eval()
        for index, row in enumerate(rows):
            c, r = (reward_of(causal, score, side) for side in (row.chosen, row.rejected))
            lm = answer_loss(causal, row.chosen)
            expected = total_of(c, r, lm, penalty=penalty, schedule=SCHEDULE)
            assert float(rewards[index]) == pytest.approx(c, abs=1e-5)
            assert float(losses.language_model[index]) == pytest.approx(lm, abs=1e-5)
            assert float(losses.total[index]) == pytest.approx(expected, abs=1e-5)


def test_a_new_score_head_is_zero_without_bias_and_tells_nothing_apart(tmp_path: Path) -> None:
    folder = make_base(tmp_path / "base")
    base = load_base(RmRecipe(base=str(folder), pairs=[], schedule=SCHEDULE))
    assert base.model.classifier.score.bias is None
    ids = torch.tensor([[5, 6, 7], [8, 9, 10]])
    rewards, _ = base.model(ids, torch.ones_like(ids), None)
    assert rewards.tolist() == [0.0, 0.0]


def test_the_language_model_loss_reaches_the_shared_embedding(tmp_path: Path) -> None:
    folder = make_base(tmp_path / "base")
    base = load_base(RmRecipe(base=str(folder), pairs=[], schedule=SCHEDULE))
    ids = torch.tensor([[5, 6, 7], [8, 9, 10]])
    _, language_model = base.model(ids, torch.ones_like(ids), torch.tensor([[False, True, True]]))
    language_model.sum().backward()
    gradient = base.model.classifier.get_input_embeddings().weight.grad
    assert gradient is not None
    assert gradient[200].abs().sum() > 0, "also of tokens that do not occur"
