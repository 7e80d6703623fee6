"""What was cut, on disk: one file for each chunk of commits, there whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import zstandard

from themis_lsp.errors import UserError
from themis_train.mining.drops import Drop

_LEVEL = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """The changed units of a commit, criterion still unknown.

    ``digest`` is a MinHash in base64, ``features`` are columns of hashed changed tokens.
    ``is_code_changed`` is false where only comments or white space changed.
    """

    repo: str
    commit: str
    time: int
    path: str
    language: str
    message: str
    names: tuple[str, ...]
    before: str
    after: str
    is_code_changed: bool
    digest: str
    features: tuple[int, ...]


def write_shard(path: Path, found: Sequence[Candidate], *, dropped: Sequence[Drop]) -> None:
    """Write a shard whole. Raises UserError when the disk does not take it."""
    lines = [json.dumps(Counter(dropped)), *(json.dumps(asdict(one)) for one in found)]
    data = zstandard.ZstdCompressor(level=_LEVEL).compress("\n".join(lines).encode())
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise UserError(f"{path}: cannot be written ({error.strerror})") from error


def read_dropped(path: Path) -> Counter[Drop]:
    """Return how many commits of a shard's chunk were dropped, by reason."""
    counts = json.loads(_read_lines(path)[0])
    return Counter({Drop(reason): count for reason, count in counts.items()})


def read_shard(path: Path) -> Iterator[Candidate]:
    """Yield the candidates of a shard. Raises UserError when it is damaged."""
    for line in _read_lines(path)[1:]:
        row = json.loads(line)
        row["names"], row["features"] = tuple(row["names"]), tuple(row["features"])
        yield Candidate(**row)


def _read_lines(path: Path) -> list[str]:
    try:
        # json.dumps escapes every character that could end a line but the newline.
        return zstandard.ZstdDecompressor().decompress(path.read_bytes()).decode().split("\n")
    except (OSError, zstandard.ZstdError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: damaged ({error}); delete it and run again") from error
