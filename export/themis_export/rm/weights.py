"""The weights of a checkpoint, read one tensor at a time from its safetensors files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from themis_lsp.errors import UserError

SINGLE_FILE = "model.safetensors"
INDEX_FILE = "model.safetensors.index.json"
PICKLES = ("pytorch_model.bin", "pytorch_model.bin.index.json", "model.pt", "model.pth")

_DTYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """Where a tensor is, its shape, and its type as safetensors names it."""

    file: Path
    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True, slots=True)
class Weights:
    """All tensors of a checkpoint by name; none is in memory."""

    tensors: Mapping[str, StoredTensor]

    def read(self, name: str) -> NDArray[np.float32]:
        """Return one tensor in float32. Raises UserError when its file is damaged."""
        return np.asarray(self.read_tensor(name).numpy(), dtype=np.float32)

    def read_tensor(self, name: str) -> torch.Tensor:
        """Return one tensor in float32, for torch. Raises UserError when its file is damaged."""
        stored = self.tensors[name]
        try:
            with safe_open(stored.file, framework="pt") as opened:
                tensor: torch.Tensor = opened.get_tensor(name).to(torch.float32)
        except (OSError, SafetensorError) as error:
            raise _damaged(stored.file, error) from error
        return tensor

    @property
    def stored_type(self) -> str:
        """The type that most of the tensors are stored in, as torch names it."""
        names = [tensor.dtype for tensor in self.tensors.values()]
        return str(_DTYPES[max(set(names), key=names.count)]).removeprefix("torch.")


def find_weights(folder: Path) -> Weights:
    """Look up the tensors of the checkpoint in ``folder``.

    Raises UserError when there are none, only pickled ones, a shard is missing or damaged, or
    tensors are of another type than a float.
    """
    tensors = {
        name: tensor for file in _find_files(folder) for name, tensor in _read_header(file).items()
    }
    for name, tensor in tensors.items():
        if tensor.dtype not in _DTYPES:
            raise UserError(
                f"{tensor.file}: {name} is stored as {tensor.dtype}; export from the weights that "
                "were trained (float32, float16 or bfloat16), they are quantized here"
            )
    return Weights(tensors)


def _find_files(folder: Path) -> list[Path]:
    if (folder / INDEX_FILE).is_file():
        return _read_index(folder)
    if (folder / SINGLE_FILE).is_file():
        return [folder / SINGLE_FILE]
    pickled = [name for name in PICKLES if (folder / name).exists()]
    if pickled:
        raise UserError(
            f"{folder} holds its weights as {pickled[0]}, a pickle, which can run any code when it "
            "is read; it was not opened. Save them again with "
            "save_pretrained(..., safe_serialization=True) where you trust it"
        )
    raise UserError(f"{folder} holds no weights: neither {SINGLE_FILE} nor {INDEX_FILE} is there")


def _read_index(folder: Path) -> list[Path]:
    index = folder / INDEX_FILE
    try:
        names = sorted(set(json.loads(index.read_bytes())["weight_map"].values()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{index}: not an index of weights ({error}); get it again") from error
    if any(not isinstance(name, str) or Path(name).name != name for name in names):
        raise UserError(f"{index}: names files outside of the folder; get the checkpoint again")
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise UserError(
            f"{folder}: {len(missing)} of {len(names)} files of weights are missing "
            f"({', '.join(missing[:3])}); get the checkpoint again"
        )
    return [folder / name for name in names]


def _read_header(file: Path) -> dict[str, StoredTensor]:
    try:
        with safe_open(file, framework="pt") as opened:
            slices = {name: opened.get_slice(name) for name in sorted(opened.keys())}
            return {
                name: StoredTensor(file, tuple(part.get_shape()), part.get_dtype())
                for name, part in slices.items()
            }
    except (OSError, SafetensorError) as error:
        raise _damaged(file, error) from error


def _damaged(file: Path, error: Exception) -> UserError:
    return UserError(f"{file}: damaged or cut short ({error}); get the checkpoint again")
