"""A bundle that is steered by prompts, small enough to make for every test."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tiny_bundle import CRITERIA, make_tokenizer, write_manifest
from tokenizers import Tokenizer

END = 0
"""The id of the special token of ``make_tokenizer``."""

LIMIT_TOKENS = 160
TABLE = np.random.default_rng(1).normal(size=257).astype(np.float32)


def plain_ids(tokenizer: Tokenizer, text: str) -> list[int]:
    """Return the ids of ``text``, whatever it spells out."""
    tokenizer.encode_special_tokens = True
    ids: list[int] = tokenizer.encode(text, add_special_tokens=False).ids
    return ids


def prefix_ids(tokenizer: Tokenizer, place: int) -> list[int]:
    """Return what a conversation on the criterion at ``place`` begins with."""
    return [*plain_ids(tokenizer, "Judge "), *plain_ids(tokenizer, CRITERIA[place].code), END]


def make_conversation(tokenizer: Tokenizer) -> dict[str, object]:
    """Return the manifest's ``conversation``."""
    return {
        "task_template": 1,
        "criteria": {
            criterion.value: [
                {"ids": prefix_ids(tokenizer, place)},
                {"before": "user\n", "slot": "task", "after": ""},
                {"ids": [END]},
                {"before": "\n", "slot": "code", "after": ""},
                {"ids": [END, 11]},
            ]
            for place, criterion in enumerate(CRITERIA)
        },
        "prompts": {criterion.value: f"Judge {criterion.code}" for criterion in CRITERIA},
    }


def rewards_of(ids: list[int]) -> NDArray[np.float64]:
    """Return what the graph of this bundle says at each token of a whole conversation, [tokens]."""
    values = TABLE[ids].astype(np.float64)
    means: NDArray[np.float64] = np.cumsum(values) / np.arange(1, len(ids) + 1)
    return means


def make_graph() -> onnx.ModelProto:
    """The reward at a token is the mean of a table's values for it and all before it."""
    node = helper.make_node
    nodes = [
        node("Shape", ["input_ids"], ["batch"], start=0, end=1),
        node("Shape", ["past_key_values.0.key"], ["past_length"], start=2, end=3),
        node("Concat", ["batch", "one", "past_length", "one"], ["past_shape"], axis=0),
        node("Expand", ["past_key_values.0.key", "past_shape"], ["past"]),
        node("Gather", ["table", "input_ids"], ["values"]),
        node("Unsqueeze", ["values", "inner_axes"], ["own"]),
        node("Concat", ["past", "own"], ["present.0.key"], axis=2),
        node("Expand", ["past_key_values.0.value", "past_shape"], ["past_values"]),
        node("Concat", ["past_values", "own"], ["present.0.value"], axis=2),
        node("CumSum", ["present.0.key", "length_axis"], ["sums"]),
        node("Shape", ["present.0.key"], ["total"], start=2, end=3),
        node("Squeeze", ["total"], ["total_number"]),
        node("Range", ["zero", "total_number", "step"], ["positions"]),
        node("Add", ["positions", "step"], ["counts"]),
        node("Cast", ["counts"], ["divisors"], to=TensorProto.FLOAT),
        node("Unsqueeze", ["divisors", "size_axis"], ["columns"]),
        node("Div", ["sums", "columns"], ["means"]),
        node("Slice", ["means", "past_length", "far", "length_axis_list"], ["latest"]),
        node("Squeeze", ["latest", "one"], ["token_reward"]),
    ]
    constants = {
        "table": TABLE,
        "one": np.array([1]),
        "zero": np.array(0),
        "step": np.array(1),
        "far": np.array([1 << 40]),
        "inner_axes": np.array([1, 3]),
        "length_axis": np.array(2),
        "length_axis_list": np.array([2]),
        "size_axis": np.array([1]),
    }
    past = ["prefix_batch", 1, "prefix_length", 1]
    info = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "prompted",
        [
            info("input_ids", TensorProto.INT64, ["batch", "length"]),
            info("attention_mask", TensorProto.INT64, ["batch", "total_length"]),
            info("past_key_values.0.key", TensorProto.FLOAT, past),
            info("past_key_values.0.value", TensorProto.FLOAT, past),
        ],
        [
            info("token_reward", TensorProto.FLOAT, ["batch", "length", 1]),
            info("present.0.key", TensorProto.FLOAT, ["batch", 1, "total_length", 1]),
            info("present.0.value", TensorProto.FLOAT, ["batch", 1, "total_length", 1]),
        ],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


def make_prompted_bundle(folder: Path, **changes: object) -> Path:
    """Write a complete bundle into the new ``folder``, with fields changed; return it."""
    folder.mkdir()
    onnx.save(make_graph(), folder / "model.onnx")
    tokenizer = make_tokenizer()
    tokenizer.save(str(folder / "tokenizer.json"))
    fields: dict[str, object] = {
        "name": "Prompted",
        "family": "rm",
        "pooling": "last",
        "prefix_ids": [],
        "limit_tokens": LIMIT_TOKENS,
        "calibration": {"empty_side": None},
        "conversation": make_conversation(tokenizer),
    }
    write_manifest(folder, **{**fields, **changes})
    return folder
