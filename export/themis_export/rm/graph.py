"""The ONNX graph of a reward model, traced without its weights."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import onnx
import onnx_ir
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import (
    AutoModelForSequenceClassification,
    DynamicCache,
    PretrainedConfig,
    PreTrainedModel,
)

from themis_export.graph import OPSET, strip_traces
from themis_export.rm.checkpoint import empty_model
from themis_lsp.errors import UserError

_BATCH, _LENGTH, _PREFIX = 2, 5, 3


class RewardGraph(nn.Module):
    """The graph contract around a reward model.

    ``input_ids`` is (batch, length) and ``attention_mask`` (batch, prefix + length), padded on the
    right; ``past`` has the keys and values of each layer, (1, heads, prefix, size), of a prefix
    that all rows share. Outputs: ``reward`` (batch, 1) at the last token, ``token_reward``
    (batch, length, 1) at each, and the keys and values of prefix and tokens together.
    """

    def __init__(self, model: PreTrainedModel) -> None:
        super().__init__()
        assert isinstance(model.score, nn.Linear)  # the checkpoint was opened
        self.backbone: nn.Module = model.base_model
        self.score = model.score

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, past: Sequence[tuple[Tensor, Tensor]]
    ) -> tuple[Tensor, ...]:
        """Return reward, token_reward and the keys and values by layer; shapes as above."""
        batch, length = input_ids.shape
        rows = torch.arange(batch, device=input_ids.device)
        cache = DynamicCache(
            ddp_cache_data=[
                (keys.expand(batch, -1, -1, -1), values.expand(batch, -1, -1, -1))
                for keys, values in past
            ]
        )
        start = past[0][0].shape[2]
        # Without explicit positions the cosines of this opset fit a batch of one only.
        positions = (start + torch.arange(length, device=input_ids.device)).expand(batch, -1)
        out = self.backbone(
            input_ids=input_ids,
            attention_mask=attention_mask,
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
        )
        # The score is read in float32: half precision has three digits only.
        weight = self.score.weight.float()
        token_reward = out.last_hidden_state.float() @ weight.transpose(0, 1)
        last = attention_mask[:, -length:].sum(dim=1) - 1
        pieces = [t for layer in out.past_key_values.layers for t in (layer.keys, layer.values)]
        return (token_reward[rows, last], token_reward, *pieces)


@dataclass(frozen=True, slots=True)
class TracedGraph:
    """A graph whose weights are not in it.

    ``weights`` maps the names its nodes read to those in the checkpoint, ``shapes`` to how they are
    stored there; ``buffers`` has the values of what the model computes from its configuration.
    """

    proto: onnx.ModelProto
    weights: dict[str, str]
    shapes: dict[str, tuple[int, ...]]
    buffers: dict[str, NDArray[Any]]


def trace_graph(config: PretrainedConfig, dtype: torch.dtype = torch.float32) -> TracedGraph:
    """Trace the graph of ``config``, float32 or float16 throughout but for the reward.

    Raises UserError when the model cannot be traced with keys and values of a prefix.
    """
    model = empty_model(config, dtype)
    try:
        program = _export(RewardGraph(model).eval(), config, dtype)
    except Exception as error:  # the exporter raises whatever the model's own code does
        reason = str(error.__cause__ or error).strip().split("\n")[0]
        raise UserError(
            f"{config.model_type} models cannot be turned into a graph ({reason}); known to work "
            "are Qwen3, Llama and Gemma 2 with transformers 4.57 or newer"
        ) from error
    held = program.model.graph.initializers
    values = computed_buffers(config)
    weights, shapes, buffers = {}, {}, {}
    for name in [name for name, value in held.items() if _is_empty(value)]:
        inner = name.replace("backbone.", f"{model.base_model_prefix}.", 1)
        held[name].const_value = None  # or the optimizer would want to look into it
        if inner in values:
            buffers[name] = values[inner]
        else:
            weights[name] = inner
            shapes[name] = tuple(int(size) for size in held[name].shape or ())
    _optimize(program)
    for name in [*weights, *buffers]:
        del program.model.graph.initializers[name]
    proto = onnx_ir.to_proto(program.model)
    strip_traces(proto)
    _name_prefix_batch(proto)
    return TracedGraph(proto, weights, shapes, buffers)


def cache_shape(config: PretrainedConfig) -> tuple[int, int, int]:
    """Return layers, key/value heads and the size of a head."""
    heads = config.num_attention_heads
    size = getattr(config, "head_dim", None) or config.hidden_size // heads
    shared = getattr(config, "num_key_value_heads", None) or heads
    return config.num_hidden_layers, shared, size


def _export(graph: RewardGraph, config: PretrainedConfig, dtype: torch.dtype) -> Any:
    layers, heads, size = cache_shape(config)
    # Sizes of one would be taken for constants, but for the batch of the prefix, which is one here.
    with torch.device("meta"):
        ids = torch.ones(_BATCH, _LENGTH, dtype=torch.long)
        mask = torch.ones(_BATCH, _PREFIX + _LENGTH, dtype=torch.long)
        # Each a tensor of its own: the exporter takes what is one object for one input.
        past = [
            tuple(torch.zeros(1, heads, _PREFIX, size, dtype=dtype) for _ in range(2))
            for _ in range(layers)
        ]
    pairs = [(f"{layer}.key", f"{layer}.value") for layer in range(layers)]
    names = [name for pair in pairs for name in pair]
    # The exporter logs and warns of its own internals; nothing there is for the user.
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        return torch.onnx.export(
            graph,
            (ids, mask, past),
            input_names=["input_ids", "attention_mask", *(f"past_key_values.{n}" for n in names)],
            output_names=["reward", "token_reward", *(f"present.{n}" for n in names)],
            opset_version=OPSET,
            dynamic_shapes={
                "input_ids": {0: "batch", 1: "length"},
                "attention_mask": {0: "batch", 1: "total_length"},
                "past": [({2: "prefix_length"}, {2: "prefix_length"})] * layers,
            },
            dynamo=True,
            optimize=False,
            verbose=False,
        )


def _optimize(program: Any) -> None:
    noisy = logging.getLogger("onnx_ir")
    level = noisy.level
    noisy.setLevel(logging.ERROR)  # it warns of every weight that is not there
    try:
        program.optimize()
    finally:
        noisy.setLevel(level)


def _is_empty(value: onnx_ir.Value) -> bool:
    raw = getattr(value.const_value, "raw", None)
    return isinstance(raw, Tensor) and raw.device.type == "meta"


def computed_buffers(config: PretrainedConfig) -> dict[str, NDArray[Any]]:
    """Return what the model computes from its configuration alone, by asking one without layers."""
    fields = {**config.to_dict(), "num_hidden_layers": 0, "vocab_size": 8, "pad_token_id": 0}
    if fields.get("layer_types"):
        fields["layer_types"] = []
    hollow = AutoModelForSequenceClassification.from_config(type(config).from_dict(fields))
    return {name: buffer.numpy() for name, buffer in hollow.named_buffers()}


def _name_prefix_batch(proto: onnx.ModelProto) -> None:
    """Let a prefix have one row for all or one for each: the graph expands it either way."""
    for value in proto.graph.input:
        if value.name.startswith("past_key_values."):
            value.type.tensor_type.shape.dim[0].dim_param = "prefix_batch"
