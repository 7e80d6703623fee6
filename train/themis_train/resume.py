"""What a run has finished, kept on the disk, so that one that was killed goes on from there."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from themis_lsp.errors import UserError
from themis_train.encode import EncodedPair


def digest_rows(rows: Sequence[EncodedPair]) -> bytes:
    """Return a digest of all that the states and the loss of ``rows`` depend on."""
    digest = blake2b(digest_size=16)
    for row in rows:
        for array in (row.ids, row.positions, row.segments, row.changed):
            digest.update(np.ascontiguousarray(array).tobytes())
        digest.update(repr((row.criterion, row.weight, row.smoothing, row.offset)).encode())
    return digest.digest()


def digest_weights(tensors: Iterable[Tensor]) -> bytes:
    """Return a digest of the values of ``tensors``."""
    digest = blake2b(digest_size=16)
    for tensor in tensors:
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.digest()


class WorkFolder:
    """Finished parts, each named after all that it depends on: another run never takes it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, key: bytes, part: Mapping[str, Any]) -> None:
        """Keep ``part``, tensors and plain values, whole or not at all.

        Raises UserError when it cannot be written; what was kept before stays.
        """
        file = self._file(key)
        partial = file.with_suffix(".partial")
        buffer = io.BytesIO()
        torch.save(dict(part), buffer)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with partial.open("wb") as stream:
                stream.write(buffer.getbuffer())
                os.fsync(stream.fileno())
            partial.replace(file)
        except OSError as error:
            raise UserError(
                f"{file}: cannot be written ({error.strerror}); make room and start the same "
                "command again: what was saved before is untouched"
            ) from error

    def load(self, key: bytes) -> dict[str, Any] | None:
        """Return the part of this key, None if there is none. Raises UserError when damaged."""
        file = self._file(key)
        if not file.exists():
            return None
        try:
            part: dict[str, Any] = torch.load(file, weights_only=True)
        except Exception as error:  # torch raises what its many readers do
            raise UserError(f"{file}: damaged; remove it and start again") from error
        return part

    def remove(self) -> None:
        """Remove the folder: the run is finished."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _file(self, key: bytes) -> Path:
        return self.folder / f"{blake2b(key, digest_size=16).hexdigest()}.pt"
