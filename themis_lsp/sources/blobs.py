"""Reading blobs through one ``git cat-file --batch``."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen

from themis_lsp.sources.git import open_git
from themis_lsp.sources.read import Refusal, too_large
from themis_lsp.sources.source import SkipReason

_CHUNK_BYTES = 1 << 16
_MISSING = Refusal(
    SkipReason.UNREADABLE, "git has no such text here: a partial clone, or a damaged one"
)


@dataclass(slots=True)
class BlobReader:
    """Reads the blobs of one repository. Git ending over a damaged object is started anew."""

    folder: Path
    variables: Mapping[str, str] | None = None
    _process: Popen[bytes] | None = None
    _open: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def read(self, name: str, limit_bytes: int) -> bytes | Refusal:
        """Return a blob, or why there is none: missing, damaged, no blob, larger than the limit.

        ``name`` is an object id. Raises OSError when there is no git.
        """
        try:
            return self._read(name, limit_bytes)
        except (BrokenPipeError, EOFError, ValueError):
            self.close()
            return _MISSING

    def close(self) -> None:
        """End git."""
        self._process = None
        self._open.close()

    def _read(self, name: str, limit_bytes: int) -> bytes | Refusal:
        if self._process is None:
            self._process = self._open.enter_context(
                open_git(self.folder, ["cat-file", "--batch"], variables=self.variables)
            )
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        # Not through the buffer: closing it would write again what git did not take.
        os.write(process.stdin.fileno(), name.encode() + b"\n")
        head = process.stdout.readline()
        if head.endswith((b" missing\n", b" ambiguous\n")):
            return _MISSING
        if not head:
            raise EOFError
        _, kind, size_text = head.split()
        size = int(size_text)
        is_blob = kind == b"blob"
        wanted = is_blob and size <= limit_bytes
        parts = []
        left = size + 1  # and a newline
        while left:
            part = process.stdout.read(min(left, _CHUNK_BYTES))
            if not part:
                raise EOFError
            left -= len(part)
            if wanted:
                parts.append(part)
        if wanted:
            return b"".join(parts)[:-1]
        return too_large(size, limit_bytes) if is_blob else _MISSING


@contextlib.contextmanager
def open_blobs(folder: Path, variables: Mapping[str, str] | None = None) -> Iterator[BlobReader]:
    """Yield a reader of the repository's blobs; git ends with the block.

    ``variables`` are as in ``run_git``.
    """
    reader = BlobReader(folder, variables)
    try:
        yield reader
    finally:
        reader.close()
