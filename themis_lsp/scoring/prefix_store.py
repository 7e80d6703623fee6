"""Keys and values of what conversations begin with, kept on disk from one run to the next."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from themis_lsp.scoring.conversation import Ids
from themis_lsp.scoring.prefix_session import KeysAndValues, PrefixSession
from themis_lsp.scoring.session import import_runtime

FOLDER = "prefixes-1"
LIMIT_BYTES = 2 * 1024**3
_BROKEN = (OSError, ValueError, EOFError, zipfile.BadZipFile)


@dataclass(frozen=True, slots=True)
class PrefixStore:
    """A folder of numpy's archives, one for each stretch of tokens, readable by the user alone.

    What is damaged is computed again; a folder that cannot be written is no error. The archives
    unused for longest leave it when all take more than ``limit_bytes``.
    """

    folder: Path
    bundle_sha256: str
    limit_bytes: int = LIMIT_BYTES

    def extend(
        self, session: PrefixSession, known: KeysAndValues, ids: Ids, *, before: Ids
    ) -> KeysAndValues:
        """Return the keys and values of ``known``, those of ``before``, followed by ``ids``.

        They are the same to the bit whether they were kept or not. Raises as ``session.extend``.
        """
        file = self.folder / f"{self._key(session, before, ids)}.npz"
        kept = _read(file)
        found = None if kept is None else session.append(known, kept, len(ids))
        if found is None:
            found = session.extend(known, ids)
            with contextlib.suppress(OSError):
                self._write(file, session.added(known, found))
        return found

    def _key(self, session: PrefixSession, before: Ids, ids: Ids) -> str:
        way = (self.bundle_sha256, session.provider, import_runtime().__version__, len(before))
        parts = "\0".join(map(str, way)).encode(), before.tobytes(), ids.tobytes()
        return hashlib.sha256(b"\0".join(parts)).hexdigest()

    def _write(self, file: Path, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        if sum(array.nbytes for array in arrays.values()) > self.limit_bytes:
            return
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        named: dict[str, Any] = dict(arrays)
        descriptor, name = tempfile.mkstemp(dir=self.folder, prefix=".", suffix=".npz")
        try:
            with os.fdopen(descriptor, "wb") as stream:
                np.savez(stream, **named)
            Path(name).replace(file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        self._trim(file)

    def _trim(self, newest: Path) -> None:
        facts = {file: file.stat() for file in self.folder.glob("*.npz") if file != newest}
        room = self.limit_bytes - newest.stat().st_size
        for file in sorted(facts, key=lambda file: facts[file].st_mtime_ns, reverse=True):
            room -= facts[file].st_size
            if room < 0:
                file.unlink(missing_ok=True)


def _read(file: Path) -> dict[str, NDArray[np.generic]] | None:
    try:
        with np.load(file, allow_pickle=False) as archive:
            arrays = dict(archive.items())
        os.utime(file)  # used just now
    except _BROKEN:
        return None
    return arrays
