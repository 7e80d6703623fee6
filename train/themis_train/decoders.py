"""Base models as their own library loads them, checked before they are used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from themis_lsp.errors import UserError

_UNUSABLE = (OSError, ValueError, RuntimeError, KeyError, ImportError, SafetensorError)
_LEAST_SHARE_OF_ROWS = 0.9
_Loaded = TypeVar("_Loaded")


def try_to_load(source: str, load: Callable[[], _Loaded]) -> _Loaded:
    """Return what ``load`` loads from ``source``; what keeps it from that becomes a UserError."""
    try:
        return load()
    except _UNUSABLE as error:
        reason = str(error).strip().split("\n")[0]
        raise UserError(
            f"cannot load the base model {source!r} ({reason}); give a folder in the hub's layout "
            "or a hub id of a decoder, like Qwen/Qwen3-0.6B"
        ) from error


def load_complete(kind: Any, source: str, **options: Any) -> PreTrainedModel:
    """Load every weight in float32; ``kind`` is one of transformers' Auto classes.

    Raises UserError when that is not possible, or weights are missing.
    """
    model: PreTrainedModel
    model, info = try_to_load(
        source,
        lambda: kind.from_pretrained(
            source,
            dtype=torch.float32,
            output_loading_info=True,
            **options,
        ),
    )
    lacking = [*info["missing_keys"], *info["mismatched_keys"]]
    if lacking:
        names = ", ".join(sorted(str(name) for name in lacking)[:3])
        raise UserError(
            f"{source}: {len(lacking)} weights are missing or of another shape than config.json "
            f"says ({names}); get the model again"
        )
    return model


def check_vocabulary(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast) -> None:
    """Raise UserError when the tokenizer is not the one that the model was trained with."""
    rows, tokens = len(_embedding(model)), len(tokenizer)
    if not _LEAST_SHARE_OF_ROWS * rows <= tokens <= rows:
        raise UserError(
            f"the tokenizer has {tokens} tokens and the weights {rows}: they do not belong "
            "together; give the tokenizer that came with the weights"
        )


@torch.no_grad()
def check_causality(model: PreTrainedModel) -> None:
    """Raise UserError when states depend on what comes later; ask the model, not its name."""
    decoder, ids = model.base_model, probe(model)
    states = decoder(input_ids=ids, use_cache=False).last_hidden_state
    beginning = decoder(input_ids=ids[:, :4], use_cache=False).last_hidden_state
    if not torch.allclose(states[:, :4], beginning, rtol=1e-2, atol=1e-3):
        raise UserError(
            "the base is not a decoder: what it makes of a token depends on the tokens after it; "
            "give a decoder, like Qwen3"
        )


def probe(model: PreTrainedModel) -> Tensor:
    """Return some tokens (1, 8) to ask a model about."""
    return torch.arange(1, 9)[None] % len(_embedding(model))


def _embedding(model: PreTrainedModel) -> Tensor:
    weight = model.get_input_embeddings().weight
    assert isinstance(weight, Tensor)
    return weight
