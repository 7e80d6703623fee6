"""The ONNX graph of a Nano: ids and mask in, rewards and token rewards out."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path

import onnx
import torch
from themis_train.model import NanoModel
from torch import Tensor, nn

OPSET = 23
"""The first with standard Attention, RMSNormalization and RotaryEmbedding."""


class NanoGraph(nn.Module):
    """The graph contract around a Nano.

    Inputs ``input_ids`` and ``attention_mask`` are (batch, length), padded on the right. Outputs
    are ``reward`` (batch, criteria), the mean over the tokens after the sink, and ``token_reward``
    (batch, length, criteria), zero at the sink and at padding.
    """

    def __init__(self, model: NanoModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return reward and token_reward; shapes as above."""
        batch, length = input_ids.shape
        positions = torch.arange(length).unsqueeze(0).expand(batch, -1)
        # Causal attention never looks right, where all the padding is.
        visible = positions[:, None, :] <= positions[:, :, None]
        counted = (attention_mask * (positions > 0)).unsqueeze(-1).float()
        # Left of the first token there is only the sink, as in training.
        sink = input_ids[:, :1]
        before = torch.cat([sink, input_ids], dim=1)[:, :length]
        before_that = torch.cat([sink, before], dim=1)[:, :length]
        by_states = self.model.read_states(self.model.states(input_ids, positions, visible))
        by_grams = self.model.grams(input_ids, before, before_that)
        token_reward = (by_states + by_grams) * counted
        reward = token_reward.sum(dim=1) / counted.sum(dim=1).clamp(min=1)
        return reward, token_reward


def export_graph(model: NanoModel, file: Path) -> None:
    """Write the float32 graph of ``model`` to ``file``."""
    graph = NanoGraph(model).eval()
    ids = torch.ones(2, 48, dtype=torch.long)
    dims = {0: "batch", 1: "length"}
    # The exporter logs and warns of its own internals; nothing there is for the user.
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            graph,
            (ids, torch.ones_like(ids)),
            input_names=["input_ids", "attention_mask"],
            output_names=["reward", "token_reward"],
            opset_version=OPSET,
            dynamic_shapes={"input_ids": dims, "attention_mask": dims},
            dynamo=True,
            verbose=False,
        )
    assert program is not None  # torch returns None only for dynamo=False
    proto = program.model_proto
    strip_traces(proto)
    onnx.save(proto, str(file))


def strip_traces(proto: onnx.ModelProto) -> None:
    """Drop stack traces and names of source files: they are large and tell where it was made."""
    del proto.metadata_props[:]
    del proto.graph.metadata_props[:]
    del proto.graph.value_info[:]
    for node in proto.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    for tensor in proto.graph.initializer:
        del tensor.metadata_props[:]
    for value in (*proto.graph.input, *proto.graph.output):
        del value.metadata_props[:]
