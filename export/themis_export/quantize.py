"""Eight-bit weights and activations whose results do not depend on the batch.

onnxruntime's own dynamic quantization takes one activation scale for a whole tensor, so a unit's
reward moves with its neighbours in the batch. Here every row (one token) has its own scale::

    scale_x = max|x| / 127            per row
    x8      = round(x / scale_x) + 128                     uint8, zero point 128
    w7      = round(w / scale_w), scale_w = max|w| / 63    int8, per output column
    y       = MatMulInteger(x8, w7) * scale_x * scale_w

Weights keep seven bits: processors without VNNI add pairs of uint8 x int8 products in 16 bits,
which 255 * 63 * 2 does not overflow. So every processor computes the same integers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import ArrayLike, NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

_WEIGHT_LEVELS = 63
_ACTIVATION_LEVELS = 127
_ZERO_POINT = 128
_MINIMUM_WEIGHTS = 1 << 16
_MINIMUM_COLUMNS = 32
_PREFIX = "int8."


@dataclass(slots=True)
class Rewrite:
    """The nodes and small tensors of the graph being built."""

    nodes: list[NodeProto] = field(default_factory=list)
    tensors: list[TensorProto] = field(default_factory=list)
    quantized_inputs: dict[str, tuple[str, str]] = field(default_factory=dict)

    def add(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """Append a node with one output and return the output's name."""
        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, **attributes))
        return output

    def constant(self, name: str, values: ArrayLike) -> str:
        """Add an initializer and return its name."""
        self.tensors.append(numpy_helper.from_array(np.asarray(values), name))
        return name


def start_rewrite() -> Rewrite:
    """Return a rewrite that has the constants all its nodes share."""
    rewrite = Rewrite()
    rewrite.constant(_PREFIX + "levels", np.float32(_ACTIVATION_LEVELS))
    rewrite.constant(_PREFIX + "shift", np.float32(_ZERO_POINT))
    rewrite.constant(_PREFIX + "zero", np.uint8(_ZERO_POINT))
    rewrite.constant(_PREFIX + "tiny", np.float32(1e-12))
    return rewrite


def quantize_int8(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return ``model`` with large constant MatMuls and the embedding in eight bits."""
    weights = {tensor.name: tensor for tensor in model.graph.initializer}
    rewrite = start_rewrite()
    for node in model.graph.node:
        if node.op_type == "MatMul" and _is_large(weights.get(node.input[1])):
            _rewrite_matmul(node, numpy_helper.to_array(weights[node.input[1]]), rewrite)
        elif node.op_type == "Gather" and _is_wide(weights.get(node.input[0])):
            _rewrite_gather(node, numpy_helper.to_array(weights[node.input[0]]), rewrite)
        else:
            rewrite.nodes.append(node)
    used = {name for node in rewrite.nodes for name in node.input}
    kept = [tensor for tensor in model.graph.initializer if tensor.name in used]
    graph = helper.make_graph(
        rewrite.nodes,
        model.graph.name,
        list(model.graph.input),
        list(model.graph.output),
        [*kept, *rewrite.tensors],
    )
    return helper.make_model(
        graph, opset_imports=list(model.opset_import), ir_version=model.ir_version
    )


def _is_large(tensor: TensorProto | None) -> bool:
    return (
        tensor is not None
        and tensor.data_type == TensorProto.FLOAT
        and len(tensor.dims) == 2
        and tensor.dims[0] * tensor.dims[1] >= _MINIMUM_WEIGHTS
    )


def _is_wide(tensor: TensorProto | None) -> bool:
    """A table of rewards has a column per criterion, of scales of their own: one scale a row would
    drown the small ones."""
    return _is_large(tensor) and tensor is not None and tensor.dims[1] >= _MINIMUM_COLUMNS


def _rewrite_matmul(node: NodeProto, weight: NDArray[np.float32], rewrite: Rewrite) -> None:
    stored, scale = quantize_columns(weight)
    names = multiply_rows(node.input[0], node.output[0], rewrite)
    rewrite.constant(names[0], stored)
    rewrite.constant(names[1], scale)


def quantize_columns(weight: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return a matrix (in, out) in seven bits, and the scales (1, out) of its columns."""
    scale = np.maximum(np.abs(weight).max(axis=0, keepdims=True), 1e-12) / _WEIGHT_LEVELS
    stored = np.clip(np.rint(weight / scale), -_WEIGHT_LEVELS, _WEIGHT_LEVELS).astype(np.int8)
    return stored, scale.astype(np.float32)


def multiply_rows(source: str, output: str, rewrite: Rewrite) -> tuple[str, str]:
    """Add nodes that multiply the rows of ``source`` with a matrix in eight bits.

    Return the names under which the graph needs the matrix and its scales. Matrices that read the
    same source share its quantized rows.
    """
    if source not in rewrite.quantized_inputs:
        rewrite.quantized_inputs[source] = _quantize_rows(source, rewrite)
    rows, row_scale = rewrite.quantized_inputs[source]
    name = _PREFIX + output
    products = rewrite.add("MatMulInteger", [rows, name + ".w", _PREFIX + "zero"], name + ".sum")
    as_float = rewrite.add("Cast", [products], name + ".float", to=TensorProto.FLOAT)
    by_row = rewrite.add("Mul", [as_float, row_scale], name + ".rows")
    rewrite.add("Mul", [by_row, name + ".scale"], output)
    return name + ".w", name + ".scale"


def _quantize_rows(source: str, rewrite: Rewrite) -> tuple[str, str]:
    """Return the names of the uint8 rows of ``source`` and of their scales (…, 1)."""
    name = _PREFIX + source
    axes = rewrite.constant(name + ".axis", np.array([-1], dtype=np.int64))
    size = rewrite.add("Abs", [source], name + ".abs")
    peak = rewrite.add("ReduceMax", [size, axes], name + ".peak", keepdims=1)
    # A row of zeros would divide by zero.
    safe = rewrite.add("Max", [peak, _PREFIX + "tiny"], name + ".safe")
    scale = rewrite.add("Div", [safe, _PREFIX + "levels"], name + ".scale")
    scaled = rewrite.add("Div", [source, scale], name + ".scaled")
    rounded = rewrite.add("Round", [scaled], name + ".rounded")
    shifted = rewrite.add("Add", [rounded, _PREFIX + "shift"], name + ".shifted")
    return rewrite.add("Cast", [shifted], name + ".rows", to=TensorProto.UINT8), scale


def _rewrite_gather(node: NodeProto, table: NDArray[np.float32], rewrite: Rewrite) -> None:
    """Replace an embedding by one of int8 rows with a scale each."""
    scale = np.maximum(np.abs(table).max(axis=1, keepdims=True), 1e-12) / _ACTIVATION_LEVELS
    stored = np.rint(table / scale).astype(np.int8)
    output = node.output[0]
    name = _PREFIX + output
    ids = node.input[1]
    rows = rewrite.add("Gather", [rewrite.constant(name + ".table", stored), ids], name + ".int")
    scales = rewrite.add(
        "Gather", [rewrite.constant(name + ".scale", scale.astype(np.float32)), ids], name + ".by"
    )
    as_float = rewrite.add("Cast", [rows], name + ".float", to=TensorProto.FLOAT)
    rewrite.add("Mul", [as_float, scales], output)
