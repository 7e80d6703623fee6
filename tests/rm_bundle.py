"""A reward model small enough to make, and to export, for a test."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from rm_models import write_prompts
from themis_export.rm.export import RmExportOptions, export_rm
from themis_export.rm.graph import TracedGraph, trace_graph
from themis_export.rm.precision import Precision
from themis_train.rm.prompts import FILE_NAME
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    AutoModelForSequenceClassification,
    PretrainedConfig,
    PreTrainedTokenizerFast,
    Qwen3Config,
)

SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
THINK = ["<think>", "</think>"]
TEMPLATE = (
    "{%- for message in messages %}{%- if message.role == 'assistant' %}"
    "{{- '<|im_start|>assistant\\n<think>\\n\\n</think>\\n\\n' }}"
    "{{- message.content.split('</think>')[-1].lstrip('\\n') + '<|im_end|>\\n' }}"
    "{%- else %}{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}"
    "{%- endif %}{%- endfor %}"
)
"""Like that of Qwen3: it edits the answer, unless the answer is put in its place afterwards."""

_CORPUS = [
    "def total(items):\n    result = 0\n    for item in items:\n        result += item\n",
    "if not items:\n    return None\n\n\nclass Reader:\n    def read(self):\n        return 1\n",
    "function total(items) {\n  return items.reduce((a, b) => a + b, 0);\n}\n",
    "system\nuser\nassistant\nJudge. Write the function that returns the total of its items.\n",
]


def make_rm_tokenizer() -> PreTrainedTokenizerFast:
    """A small byte-level BPE tokenizer with merges, cut into words as that of Qwen3 is."""
    tokenizer = Tokenizer(models.BPE())
    words = Regex(r"[^\r\n\w]?\w+| ?[^\s\w]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(words, "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
        min_frequency=1,
    )
    tokenizer.train_from_iterator(_CORPUS, trainer)
    tokenizer.add_tokens(THINK)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<|im_end|>", pad_token="<|endoftext|>"
    )
    fast.chat_template = TEMPLATE
    return fast


def make_config(vocabulary: int, **changes: Any) -> Qwen3Config:
    """A Qwen3 of two layers, with fewer heads for keys than for queries."""
    fields: dict[str, Any] = {
        "vocab_size": vocabulary,
        "hidden_size": 64,
        "intermediate_size": 96,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 16,
        "num_labels": 1,
        "max_position_embeddings": 1024,
        "rope_parameters": {"rope_type": "default", "rope_theta": 1_000_000.0},
        **changes,
    }
    return Qwen3Config(**fields)


def make_checkpoint(
    folder: Path,
    *,
    config: PretrainedConfig | None = None,
    tokenizer: PreTrainedTokenizerFast | None = None,
) -> Path:
    """Write a random reward model with its tokenizer and short prompts, in the hub's layout."""
    chosen = tokenizer or make_rm_tokenizer()
    shape = config or make_config(len(chosen))
    shape.pad_token_id = chosen.pad_token_id
    torch.manual_seed(0)
    model = AutoModelForSequenceClassification.from_config(shape)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            # Larger than at the start of a training, so that rewards differ enough to compare.
            norm = "norm" in name
            parameter.copy_(torch.randn_like(parameter) * (0.1 if norm else 0.15) + norm)
    model.save_pretrained(folder)
    chosen.save_pretrained(folder)
    write_prompts(folder / FILE_NAME)
    return folder


def make_rm_bundle(folder: Path, *, precision: Precision = Precision.FP32) -> Path:
    """Write a checkpoint and its bundle below the new ``folder``; return the bundle."""
    checkpoint = make_checkpoint(folder / "checkpoint")
    with traced_once():
        export_rm(checkpoint, folder / "bundle", RmExportOptions(precision=precision))
    return folder / "bundle"


@contextmanager
def traced_once() -> Iterator[None]:
    """Trace graphs of one shape once only: it takes far longer than all else together."""

    def trace(config: PretrainedConfig, dtype: torch.dtype) -> TracedGraph:
        fields = {key: value for key, value in config.to_dict().items() if key != "_name_or_path"}
        return _trace(type(config), json.dumps(fields, sort_keys=True, default=str), dtype)

    with mock.patch("themis_export.rm.export.trace_graph", trace):
        yield


@cache
def _trace(kind: type[PretrainedConfig], fields: str, dtype: torch.dtype) -> TracedGraph:
    return trace_graph(kind.from_dict(json.loads(fields)), dtype)


def read_manifest(bundle: Path) -> dict[str, Any]:
    """Return what the bundle says of itself."""
    fields: dict[str, Any] = json.loads((bundle / "themis.json").read_text(encoding="utf-8"))
    return fields
