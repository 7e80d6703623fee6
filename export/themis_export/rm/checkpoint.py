"""A reward model in the hub's layout, checked before anything is made of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import (
    CONFIG_MAPPING,
    MODEL_FOR_CAUSAL_LM_MAPPING,
    MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

from themis_export.rm.rope import name_rope_twice
from themis_export.rm.weights import Weights, find_weights
from themis_lsp.errors import UserError

CONFIG_FILE = "config.json"
HEAD = "score.weight"


@dataclass(frozen=True, slots=True)
class RmCheckpoint:
    """A checkpoint: ``config_fields`` is its config.json as it is now written."""

    folder: Path
    config_fields: dict[str, Any]
    config: PretrainedConfig
    tokenizer: PreTrainedTokenizerFast
    weights: Weights

    def limit_tokens(self, wanted: int) -> int:
        """Return the longest conversation to score: ``wanted``, if the model reads that many.

        Where layers look back only so far, no more: the traced graph has no such windows.
        """
        most = [wanted, int(getattr(self.config, "max_position_embeddings", wanted))]
        if "sliding_attention" in (getattr(self.config, "layer_types", None) or ()):
            most.append(int(self.config.sliding_window))
        return min(most)


def open_checkpoint(folder: Path) -> RmCheckpoint:
    """Open the reward model in ``folder``; no weights are read yet.

    Raises UserError, saying what to do, when it is none: an encoder, a model without a score head
    or with several labels, weights or a tokenizer that are missing or do not fit.
    """
    fields = name_rope_twice(_read_config(folder))
    weights = find_weights(folder)
    if HEAD not in weights.tensors and not _has_other_head(weights):
        raise UserError(
            f"{folder}: no score head ({HEAD}) among its weights: this is a language model, not a "
            "reward model; `themis-train rm` makes one of it"
        )
    config = _make_config(folder, fields)
    _check_fit(folder, empty_model(config), weights)
    return RmCheckpoint(folder, fields, config, _load_tokenizer(folder), weights)


def empty_model(config: PretrainedConfig, dtype: torch.dtype = torch.float32) -> PreTrainedModel:
    """Return the model with the shapes of its weights and nothing in them."""
    with torch.device("meta"):
        model: PreTrainedModel = AutoModelForSequenceClassification.from_config(config, dtype=dtype)
    model.eval()
    return model


def _read_config(folder: Path) -> dict[str, Any]:
    file = folder / CONFIG_FILE
    try:
        fields = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{file}: not a readable configuration ({error})") from error
    if not isinstance(fields, dict) or not isinstance(fields.get("model_type"), str):
        raise UserError(f"{file}: names no model_type; give a checkpoint in the hub's layout")
    return fields


def _has_other_head(weights: Weights) -> bool:
    return any(
        name.split(".")[0] in {"classifier", "classification_head"} for name in weights.tensors
    )


def _make_config(folder: Path, fields: dict[str, Any]) -> PretrainedConfig:
    kind = fields["model_type"]
    labels = fields.get("num_labels") or len(fields.get("id2label") or {"0": "", "1": ""})
    if labels != 1:
        raise UserError(
            f"{folder}: a classifier with {labels} labels; a reward model has one (num_labels 1)"
        )
    if kind not in CONFIG_MAPPING:
        raise UserError(
            f"{folder}: this version of transformers does not know {kind} models; install a newer "
            "one, or give a decoder like Qwen3"
        )
    config: PretrainedConfig = CONFIG_MAPPING[kind].from_dict({**fields, "num_labels": 1})
    # The fused attention leaves out the capping of logits without a word.
    capped = getattr(config, "attn_logit_softcapping", None) is not None
    config._attn_implementation = "eager" if capped else "sdpa"
    is_decoder = type(config) in MODEL_FOR_CAUSAL_LM_MAPPING
    known = type(config) in MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING
    if config.is_encoder_decoder or not (is_decoder and known):
        raise _no_decoder(folder, kind)
    if not isinstance(getattr(empty_model(config), "score", None), nn.Linear):
        raise _no_decoder(folder, kind)
    return config


def _no_decoder(folder: Path, kind: str) -> UserError:
    return UserError(
        f"{folder}: {kind} models are no decoders with a score head: what they make of a token may "
        "depend on the tokens after it; give a decoder, like Qwen3, Llama or Gemma 2"
    )


def _check_fit(folder: Path, model: PreTrainedModel, weights: Weights) -> None:
    wanted = {name: tuple(parameter.shape) for name, parameter in model.named_parameters()}
    amiss = [
        name
        for name, shape in wanted.items()
        if name not in weights.tensors or weights.tensors[name].shape != shape
    ]
    if amiss:
        raise UserError(
            f"{folder}: {len(amiss)} of {len(wanted)} weights are missing or of another shape than "
            f"{CONFIG_FILE} says ({', '.join(amiss[:3])}); get the checkpoint again"
        )


def _load_tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, KeyError, ImportError) as error:
        reason = str(error).strip().split("\n")[0]
        raise UserError(f"{folder}: its tokenizer cannot be loaded ({reason})") from error
    if not isinstance(tokenizer, PreTrainedTokenizerFast):
        raise UserError(f"{folder}: no tokenizer.json; get the checkpoint with it")
    return tokenizer
