from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from rm_models import make_base, make_chat_tokenizer
from safetensors.torch import load_file, save_file
from themis_train.rm.base import load_base
from themis_train.rm.recipe import PRESETS, RmRecipe, Stage
from transformers import (
    AutoModelForSequenceClassification,
    BertConfig,
    BertLMHeadModel,
    Qwen3Config,
    Qwen3ForCausalLM,
    T5Config,
)

from themis_lsp.errors import UserError

SCHEDULE = replace(PRESETS[Stage.CODE], limit_tokens=120)


def recipe(folder: Path, **changes: object) -> RmRecipe:
    fields = RmRecipe(base=str(folder), pairs=[], schedule=SCHEDULE)
    return replace(fields, **changes)  # type: ignore[arg-type]  # whatever the test changes


def test_an_encoder_is_refused_by_what_it_does(tmp_path: Path) -> None:
    tokenizer = make_chat_tokenizer()
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        tie_word_embeddings=False,
    )
    BertLMHeadModel(config).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    with pytest.raises(UserError, match="the base is not a decoder"):
        load_base(recipe(tmp_path))


def test_an_encoder_decoder_is_refused(tmp_path: Path) -> None:
    T5Config(vocab_size=300).save_pretrained(tmp_path)
    make_chat_tokenizer().save_pretrained(tmp_path)
    with pytest.raises(UserError, match="an encoder-decoder"):
        load_base(recipe(tmp_path))


def test_a_base_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot load the base model"):
        load_base(recipe(tmp_path / "nothing"))


@pytest.mark.parametrize("rows", [100, 4000])
def test_a_tokenizer_of_another_model_is_refused(tmp_path: Path, rows: int) -> None:
    config = Qwen3Config(
        vocab_size=rows,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        head_dim=8,
    )
    Qwen3ForCausalLM(config).save_pretrained(tmp_path)
    make_chat_tokenizer().save_pretrained(tmp_path)
    with pytest.raises(UserError, match=f"has 259 tokens and the weights {rows}"):
        load_base(recipe(tmp_path))


def test_missing_weights_are_named(tmp_path: Path) -> None:
    file = make_base(tmp_path) / "model.safetensors"
    weights = load_file(file)
    del weights["model.layers.1.mlp.up_proj.weight"]
    save_file(weights, file, {"format": "pt"})
    with pytest.raises(UserError, match=r"1 weights are missing .*model\.layers\.1\.mlp\.up_proj"):
        load_base(recipe(tmp_path))


def test_a_damaged_weight_file_is_refused(tmp_path: Path) -> None:
    file = make_base(tmp_path) / "model.safetensors"
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(UserError, match="cannot load the base model"):
        load_base(recipe(tmp_path))


def test_a_chat_template_can_be_given_where_there_is_none(base_model: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no chat template"):
        load_base(recipe(base_model))
    template = tmp_path / "chat.jinja"
    template.write_text(
        "{% for m in messages %}{{ m.role }}: {{ m.content }}{{ eos_token }}{% endfor %}"
    )
    with pytest.raises(UserError, match="no token to pad with"):
        load_base(recipe(base_model, chat_template=template))
    template.write_text("{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}")
    base = load_base(recipe(base_model, chat_template=template))
    assert base.tokenizer.pad_token == "<|end|>"


def make_reward_model(folder: Path, *, tied: bool) -> torch.Tensor:
    """A reward model as the stage before leaves it; returns its score head."""
    make_base(folder, tied=tied)
    classifier = AutoModelForSequenceClassification.from_pretrained(folder, num_labels=1)
    classifier.save_pretrained(folder)
    assert json.loads((folder / "config.json").read_text())["architectures"] == [
        "Qwen3ForSequenceClassification"
    ]
    return classifier.score.weight.detach()


def test_a_reward_model_keeps_its_score_head(tmp_path: Path) -> None:
    score = make_reward_model(tmp_path, tied=True)
    base = load_base(recipe(tmp_path))
    assert torch.equal(base.model.classifier.score.weight, score)
    assert base.model.lm_head is None, "the embedding is the head"


def test_a_reward_model_without_a_language_model_head_borrows_one(tmp_path: Path) -> None:
    untied = make_base(tmp_path / "base", tied=False)
    make_reward_model(tmp_path / "stage", tied=False)
    with pytest.raises(UserError, match="--lm-head"):
        load_base(recipe(tmp_path / "stage"))
    base = load_base(recipe(tmp_path / "stage", lm_head=str(untied)))
    assert base.model.lm_head is not None
    without = recipe(tmp_path / "stage", schedule=replace(SCHEDULE, lm_weight=0.0))
    assert load_base(without).model.lm_head is None
