"""Writing a graph and its weights, one tensor in memory at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from themis_export.rm.graph import TracedGraph
from themis_export.rm.precision import Precision, plan_storage
from themis_export.rm.weights import Weights
from themis_lsp.bundle.manifest import MODEL_FILE

DATA_FILE = MODEL_FILE + ".data"
_PAGE = 4096
"""Large tensors begin at a page, so that readers can map them."""


def write_graph(
    folder: Path,
    traced: TracedGraph,
    weights: Weights,
    *,
    precision: Precision,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> None:
    """Write the graph into ``folder``, and beside it the file its weights are in.

    ``progress`` is called with how many weights are done, and of how many. Raises UserError when
    a weight cannot be read or does not fit the precision.
    """
    plan = plan_storage(traced, precision)
    graph = plan.proto.graph
    for name, values in traced.buffers.items():
        kept = values.astype(np.float32) if values.dtype == np.float64 else values
        graph.initializer.append(numpy_helper.from_array(kept, name))
    with (folder / DATA_FILE).open("wb") as data:
        for done, (source, store) in enumerate(plan.stores.items(), start=1):
            for name, stored in store(weights.read(source)):
                graph.initializer.append(_append(data, name, stored))
            progress(done, len(plan.stores))
    (folder / MODEL_FILE).write_bytes(plan.proto.SerializeToString())
    onnx.checker.check_model(str(folder / MODEL_FILE))


def _append(data: BinaryIO, name: str, stored: NDArray[np.generic]) -> TensorProto:
    data.write(bytes(-data.tell() % _PAGE))
    tensor = TensorProto(
        name=name,
        data_type=helper.np_dtype_to_tensor_dtype(stored.dtype),
        dims=stored.shape,
        data_location=TensorProto.EXTERNAL,
    )
    place = {"location": DATA_FILE, "offset": data.tell(), "length": stored.nbytes}
    for key, value in place.items():
        tensor.external_data.add(key=key, value=str(value))
    data.write(np.ascontiguousarray(stored).data)
    return tensor
