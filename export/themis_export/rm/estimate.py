"""What an export will take, told before it starts."""

from __future__ import annotations

import math
import shutil
from dataclasses import dataclass
from pathlib import Path

from themis_export.rm.checkpoint import HEAD
from themis_export.rm.precision import Precision
from themis_export.rm.weights import StoredTensor, Weights
from themis_lsp.errors import UserError

_PROGRAM_BYTES = 1_200_000_000
"""What torch, transformers and the tracing of a graph take, whatever the model."""
_COPIES = 3
"""The largest tensor is in memory as it is stored, in float32, and as it will be stored."""
_GIGA = 1e9


@dataclass(frozen=True, slots=True)
class Estimate:
    """Bytes of the bundle on disk, and at most in memory while it is made."""

    size_bytes: int
    memory_bytes: int

    def describe(self) -> str:
        """Return a line for the user."""
        return (
            f"the bundle will take about {self.size_bytes / _GIGA:.2f} GB, making it up to "
            f"{self.memory_bytes / _GIGA:.1f} GB of memory"
        )


def estimate_export(weights: Weights, precision: Precision) -> Estimate:
    """Return what an export takes, from the shapes of the weights alone."""
    sizes = {name: math.prod(tensor.shape) for name, tensor in weights.tensors.items()}
    small = 2 if precision is Precision.FP16 else 4
    size_bytes = sum(
        count * (precision.bytes_per_weight if _is_matrix(name, weights.tensors[name]) else small)
        for name, count in sizes.items()
    )
    largest = 4 * max(sizes.values())
    return Estimate(round(size_bytes), _PROGRAM_BYTES + _COPIES * largest)


def check_room(estimate: Estimate, out: Path) -> None:
    """Raise UserError when disk or memory cannot hold what is to come."""
    place = next(path for path in (out.absolute(), *out.absolute().parents) if path.exists())
    free = shutil.disk_usage(place).free
    if free < estimate.size_bytes:
        raise UserError(
            f"{out} needs {estimate.size_bytes / _GIGA:.2f} GB, {free / _GIGA:.2f} GB are free "
            "there; make room, give another folder, or a smaller --precision"
        )
    available = available_memory()
    if available is not None and available < estimate.memory_bytes:
        raise lack_of_memory(estimate, available)


def lack_of_memory(estimate: Estimate, available: int | None = None) -> UserError:
    """Return the error that tells how much memory an export needs."""
    seen = "" if available is None else f", {available / _GIGA:.1f} GB are available"
    return UserError(
        f"not enough memory: this export needs up to {estimate.memory_bytes / _GIGA:.1f} GB{seen}; "
        "end other programs, or export on a larger machine: the bundle runs anywhere"
    )


def available_memory() -> int | None:
    """Return the bytes programs may still take, None where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    fields = dict(line.split(":", 1) for line in lines)
    return int(fields["MemAvailable"].split()[0]) * 1024 if "MemAvailable" in fields else None


def _is_matrix(name: str, tensor: StoredTensor) -> bool:
    return len(tensor.shape) == 2 and name != HEAD
