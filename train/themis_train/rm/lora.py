"""Training low-rank adapters instead of all weights, through peft."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from themis_lsp.errors import UserError
from themis_train.rm.model import RewardModel
from themis_train.rm.recipe import Lora

_BASE, _DOWN, _UP = ".base_layer.", ".lora_A.default.weight", ".lora_B.default.weight"


def add_adapters(model: RewardModel, lora: Lora) -> None:
    """Put adapters beside all linear layers of the decoder; freeze all but them and the score.

    Raises UserError when peft is missing.
    """
    try:
        from peft import LoraConfig, inject_adapter_in_model
    except ImportError as error:
        raise UserError("LoRA needs peft; pip install 'themis-review[train]'") from error
    config = LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules="all-linear",
    )
    inject_adapter_in_model(config, model.classifier.base_model)
    if model.lm_head is not None:
        model.lm_head.requires_grad_(False)


def merge_adapters(state: Mapping[str, Tensor], lora: Lora) -> dict[str, Tensor]:
    """Return weights by the names they had before ``add_adapters``, adapters added to them."""
    merged: dict[str, Tensor] = {}
    for name, tensor in state.items():
        if name.endswith((_DOWN, _UP)):
            continue
        plain = name.replace(_BASE, ".")
        stem = name.removesuffix(f"{_BASE}weight")
        if stem != name:
            up, down = state[stem + _UP].float(), state[stem + _DOWN].float()
            merged[plain] = tensor + (lora.alpha / lora.rank) * (up @ down).to(tensor.dtype)
        else:
            merged[plain] = tensor
    return merged
