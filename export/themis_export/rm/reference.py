"""The rewards that torch gives, computed with one layer's weights in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from themis_export.rm.checkpoint import HEAD, RmCheckpoint, empty_model
from themis_export.rm.graph import computed_buffers

_TOKENS_AT_ONCE = 16_384


@torch.no_grad()
def torch_rewards(opened: RmCheckpoint, rows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
    """Return the reward of each row of token ids, [rows], in float32 by the model's own code."""
    model = empty_model(opened.config)
    decoder = model.base_model
    buffers = {name: torch.from_numpy(b) for name, b in computed_buffers(opened.config).items()}
    for name, part in _parts(decoder, model.base_model_prefix):
        _load_when_run(name, part, opened, buffers)
    head = opened.weights.read_tensor(HEAD)
    rewards = np.zeros(len(rows), dtype=np.float32)
    for group in _groups([len(row) for row in rows]):
        ids, mask = _pad([rows[index] for index in group])
        states = decoder(input_ids=ids, attention_mask=mask, use_cache=False).last_hidden_state
        last = states[torch.arange(len(group)), mask.sum(dim=1) - 1]
        rewards[group] = (last @ head[0]).numpy()
    return rewards


def _parts(decoder: nn.Module, prefix: str) -> Iterator[tuple[str, nn.Module]]:
    """Return what is loaded together: each layer, and each module beside them."""
    for name, module in decoder.named_children():
        if isinstance(module, nn.ModuleList):
            yield from ((f"{prefix}.{name}.{index}", part) for index, part in enumerate(module))
        else:
            yield f"{prefix}.{name}", module


def _load_when_run(
    name: str, part: nn.Module, opened: RmCheckpoint, buffers: dict[str, Tensor]
) -> None:
    def load(module: nn.Module, *_: object) -> None:
        own = {
            inner: opened.weights.read_tensor(f"{name}.{inner}")
            for inner, _ in module.named_parameters()
        }
        module.load_state_dict(own, strict=False, assign=True)
        for inner in [inner for inner, _ in module.named_buffers()]:
            owner, _dot, leaf = inner.rpartition(".")
            setattr(module.get_submodule(owner), leaf, buffers[f"{name}.{inner}"])

    def drop(module: nn.Module, *_: object) -> None:
        module.to("meta")

    part.register_forward_pre_hook(load)
    part.register_forward_hook(drop)


def _groups(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Return the rows by length, as many together as fit: all weights are read for each group."""
    group: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda row: lengths[row]):
        if group and (len(group) + 1) * lengths[index] > _TOKENS_AT_ONCE:
            yield group
            group = []
        group.append(index)
    if group:
        yield group


def _pad(rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    width = max(len(row) for row in rows)
    ids = torch.tensor([[*row, *[0] * (width - len(row))] for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])
    return ids, mask
