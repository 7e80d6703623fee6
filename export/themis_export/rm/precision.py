"""What a precision makes of a traced graph: its nodes, and how each weight is to be stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, helper

from themis_export.quantize import Rewrite, multiply_rows, quantize_columns, start_rewrite
from themis_export.rm.blocks import BLOCK, pack_blocks
from themis_export.rm.graph import TracedGraph
from themis_lsp.errors import UserError

_CONTRIB = "com.microsoft"
_INT8_ACTIVATIONS = 4
_HEAD_PREFIX = "score."

Named = tuple[str, NDArray[np.generic]]
Store = Callable[[NDArray[np.float32]], Iterable[Named]]
"""Turns a weight as it is in the checkpoint into the tensors that stand for it in the graph."""


class Precision(StrEnum):
    """How weights are stored. The score head is never quantized."""

    FP32 = "fp32"
    FP16 = "fp16"
    INT8 = "int8"
    INT8_DYNAMIC = "int8-dynamic"
    INT4 = "int4"

    @property
    def block_bits(self) -> int | None:
        """The bits of weights in blocks, None for the others."""
        return {Precision.INT8: 8, Precision.INT4: 4}.get(self)

    @property
    def table_bits(self) -> int | None:
        """The bits of the embedding, None where it is not quantized."""
        return {Precision.INT8_DYNAMIC: 8, Precision.INT8: 8, Precision.INT4: 4}.get(self)

    @property
    def bytes_per_weight(self) -> float:
        """The size of a weight of a large matrix, with its share of the scales."""
        match self:
            case Precision.FP32:
                return 4.0
            case Precision.FP16:
                return 2.0
            case Precision.INT8_DYNAMIC:
                return 1.0
            case Precision.INT8:
                return 1.0 + 4 / BLOCK
            case Precision.INT4:
                return 0.5 + 4 / BLOCK


@dataclass(frozen=True, slots=True)
class StoragePlan:
    """A graph without large tensors, and by name of the checkpoint how to make them."""

    proto: onnx.ModelProto
    stores: Mapping[str, Store]


def plan_storage(traced: TracedGraph, precision: Precision) -> StoragePlan:
    """Rewrite the nodes of a traced graph for ``precision``; ``traced`` stays as it is."""
    graph = traced.proto.graph
    transposed = {
        node.output[0]: node.input[0]
        for node in graph.node
        if node.op_type == "Transpose" and node.input[0] in traced.weights
    }
    rewrite = start_rewrite() if precision is Precision.INT8_DYNAMIC else Rewrite()
    stores: dict[str, Store] = {}
    for node in graph.node:
        weight = transposed.get(node.input[1]) if node.op_type == "MatMul" else None
        if weight is not None and not weight.startswith(_HEAD_PREFIX):
            stores[weight] = _plan_matmul(node, (weight, traced.shapes[weight]), precision, rewrite)
        elif node.op_type == "Gather" and node.input[0] in traced.weights and precision.table_bits:
            stores[node.input[0]] = _plan_gather(node, precision.table_bits, rewrite)
        else:
            rewrite.nodes.append(node)
    for name in traced.weights:
        stores.setdefault(name, _store_as(name, precision))
    used = {name for node in rewrite.nodes for name in node.input}
    nodes = [
        node for node in rewrite.nodes if node.output[0] in used or not _is_spent(node, transposed)
    ]
    proto = _assemble(traced.proto, nodes, [*graph.initializer, *rewrite.tensors])
    return StoragePlan(proto, {traced.weights[name]: store for name, store in stores.items()})


def _is_spent(node: NodeProto, transposed: Mapping[str, str]) -> bool:
    return node.output[0] in transposed


def _plan_matmul(
    node: NodeProto, sized: tuple[str, tuple[int, ...]], precision: Precision, rewrite: Rewrite
) -> Store:
    """Add the nodes of one product; the weight is (out, in) in the checkpoint."""
    source, output = node.input[0], node.output[0]
    weight, (columns, rows) = sized
    bits = precision.block_bits
    if bits is not None:
        names = (weight + ".packed", weight + ".scales")
        rewrite.add(
            "MatMulNBits",
            [source, *names],
            output,
            domain=_CONTRIB,
            K=rows,
            N=columns,
            bits=bits,
            block_size=BLOCK,
            accuracy_level=_INT8_ACTIVATIONS,
        )
        return lambda matrix: zip(names, pack_blocks(matrix, bits), strict=True)
    if precision is Precision.INT8_DYNAMIC:
        names = multiply_rows(source, output, rewrite)
        return lambda matrix: zip(names, quantize_columns(matrix.T), strict=True)
    rewrite.add("MatMul", [source, weight], output)
    plain = _store_as(weight, precision)
    return lambda matrix: plain(matrix.T)


def _plan_gather(node: NodeProto, bits: int, rewrite: Rewrite) -> Store:
    table, ids = node.input
    names = (table + ".packed", table + ".scales")
    rewrite.add(
        "GatherBlockQuantized",
        [names[0], ids, names[1]],
        node.output[0],
        domain=_CONTRIB,
        bits=bits,
        block_size=BLOCK,
        gather_axis=0,
        quantize_axis=1,
    )

    def store(matrix: NDArray[np.float32]) -> Iterable[Named]:
        if matrix.shape[1] % BLOCK:
            raise UserError(
                f"{table} has {matrix.shape[1]} columns, which is no multiple of {BLOCK}; "
                "export with --precision fp32 or fp16"
            )
        packed, scales = pack_blocks(matrix, bits)
        return zip(names, (packed.reshape(len(packed), -1), scales), strict=True)

    return store


def _store_as(name: str, precision: Precision) -> Store:
    kind = np.float16 if precision is Precision.FP16 else np.float32

    def store(array: NDArray[np.float32]) -> Iterable[Named]:
        with np.errstate(over="ignore"):
            stored = np.ascontiguousarray(array, dtype=kind)
        if kind is np.float16 and not np.isfinite(stored).all():
            raise UserError(
                f"{name} has values beyond the range of fp16; export with --precision int8 or fp32"
            )
        return [(name, stored)]

    return store


def _assemble(
    proto: onnx.ModelProto, nodes: list[NodeProto], tensors: list[onnx.TensorProto]
) -> onnx.ModelProto:
    opsets = [*proto.opset_import]
    if any(node.domain == _CONTRIB for node in nodes):
        opsets.append(helper.make_opsetid(_CONTRIB, 1))
    graph = helper.make_graph(
        nodes, proto.graph.name, list(proto.graph.input), list(proto.graph.output), tensors
    )
    return helper.make_model(graph, opset_imports=opsets, ir_version=proto.ir_version)
