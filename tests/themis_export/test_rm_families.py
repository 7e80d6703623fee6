"""Decoders other than Qwen3."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from rm_bundle import make_checkpoint, make_rm_tokenizer
from themis_export.rm.export import RmExportOptions, export_rm
from themis_export.rm.precision import Precision
from transformers import (
    AutoModelForSequenceClassification,
    Gemma2Config,
    LlamaConfig,
    PretrainedConfig,
)

_SHAPE = {
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "num_labels": 1,
    "max_position_embeddings": 1024,
}


def _llama(vocabulary: int) -> PretrainedConfig:
    scaling = {
        "rope_type": "llama3",
        "rope_theta": 500_000.0,
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 256,
    }
    return LlamaConfig(
        vocab_size=vocabulary, num_hidden_layers=1, rope_parameters=scaling, **_SHAPE
    )


def _gemma2(vocabulary: int) -> PretrainedConfig:
    return Gemma2Config(
        vocab_size=vocabulary,
        num_hidden_layers=2,
        sliding_window=512,
        query_pre_attn_scalar=16,
        attn_logit_softcapping=2.0,
        **_SHAPE,
    )


@pytest.mark.parametrize("make_config", [_llama, _gemma2])
def test_other_decoders_give_the_rewards_of_their_checkpoints(
    tmp_path: Path, make_config: object
) -> None:
    assert callable(make_config)
    tokenizer = make_rm_tokenizer()
    config = make_config(len(tokenizer))
    checkpoint = make_checkpoint(tmp_path / "checkpoint", config=config, tokenizer=tokenizer)
    export_rm(checkpoint, tmp_path / "out", RmExportOptions(precision=Precision.FP32))
    limit = json.loads((tmp_path / "out/themis.json").read_text())["limit_tokens"]
    assert limit == (getattr(config, "sliding_window", None) or 1024)
    model = AutoModelForSequenceClassification.from_pretrained(
        checkpoint, attn_implementation="eager"
    ).eval()
    session = onnxruntime.InferenceSession(str(tmp_path / "out/model.onnx"))
    names = [value.name for value in session.get_inputs()[2:]]
    ids = np.random.default_rng(0).integers(3, len(tokenizer), size=(2, 40))
    with torch.no_grad():
        wanted = [model(torch.tensor(row[None])).logits[0].numpy() for row in ids]

    past = {name: np.zeros((1, 2, 0, 16), np.float32) for name in names}
    for start in (0, 25):  # the second time with the keys and values of the first 25 tokens
        feeds = {"input_ids": ids[:, start:], "attention_mask": np.ones_like(ids), **past}
        reward, *_ = session.run(None, feeds)
        np.testing.assert_allclose(reward, wanted, atol=2e-5)
        first = {"input_ids": ids[:, :25], "attention_mask": np.ones_like(ids[:, :25]), **past}
        if start == 0:
            past = dict(zip(names, session.run(None, first)[2:], strict=True))
