"""Rows on disk: JSON Lines, plain or zstd-compressed, and parquet."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType

from themis_lsp.errors import PairsError, UserError

Row = Mapping[str, object]

_CHUNK_BYTES = 1 << 16
_BATCH_ROWS = 256


def read_rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, Row]]:
    """Return the rows of a ``.jsonl``, ``.json``, ``.jsonl.zst`` or ``.parquet`` file, numbered.

    The file is read as the iterator advances; of a parquet file only ``columns`` are. Raises
    PairsError when the file cannot be read or, while iterating, when a row is none; UserError when
    a compressed or parquet file needs the extra ``bench``.
    """
    if not path.is_file():
        raise PairsError(f"{path}: no such file; give a file of pairs")
    match format_of(path):
        case ".jsonl" | ".json":
            return _read_json_lines(path, _read_chunks(path))
        case ".jsonl.zst" | ".json.zst":
            return _read_json_lines(path, _decompress(path, import_bench_module("zstandard")))
        case ".parquet":
            return _read_parquet(path, import_bench_module("pyarrow.parquet"), columns)
    raise PairsError(
        f"{path}: not a known format; pairs are read from .jsonl, .jsonl.zst and .parquet"
    )


def format_of(path: Path) -> str:
    """Return the ending that tells a file's format."""
    return "".join(path.suffixes[-2:] if path.suffix == ".zst" else path.suffixes[-1:])


def parse_text(value: object) -> str:
    """Return ``value`` if it is text. Raises UserError when it is not, or not valid Unicode."""
    if not isinstance(value, str):
        kind = type(value).__name__
        raise UserError(f"expected text, or messages with a 'content', not {kind}")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise UserError("holds half of a surrogate pair; write text as valid Unicode") from error
    return value


def import_bench_module(name: str) -> ModuleType:
    """Import a module that the extra ``bench`` brings. Raises UserError when it is missing."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise UserError(
            f"{name.partition('.')[0]} is not installed; pip install 'themis-review[bench]'"
        ) from error


def _read_chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk
    except OSError as error:
        raise PairsError(f"{path}: cannot be read ({error.strerror}); check the file") from error


def _decompress(path: Path, zstandard: ModuleType) -> Iterator[bytes]:
    # Not stream_reader: it takes a file that was cut off for one that ends there.
    frame = zstandard.ZstdDecompressor().decompressobj()
    try:
        for chunk in _read_chunks(path):
            data = chunk
            while data:
                if frame.eof:
                    frame = zstandard.ZstdDecompressor().decompressobj()
                yield frame.decompress(data)
                data = frame.unused_data if frame.eof else b""
    except zstandard.ZstdError as error:
        raise PairsError(f"{path}: not zstd-compressed data; make the file anew") from error
    if not frame.eof:
        raise PairsError(f"{path}: the compressed data ends too early; copy the file again")


def _read_json_lines(path: Path, chunks: Iterator[bytes]) -> Iterator[tuple[int, Row]]:
    for number, line in enumerate(_split_lines(chunks), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise PairsError(
                f"{path}:{number}: not JSON ({error}); write one JSON object per line, in UTF-8"
            ) from error
        if not isinstance(row, dict):
            raise PairsError(f"{path}:{number}: not a JSON object; write one object per line")
        yield number, row


def _split_lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    started: list[bytes] = []
    for chunk in chunks:
        first, *rest = chunk.split(b"\n")
        started.append(first)
        for part in rest:
            yield b"".join(started)
            started = [part]
    yield b"".join(started)


def _read_parquet(
    path: Path, parquet: ModuleType, wanted: Sequence[str]
) -> Iterator[tuple[int, Row]]:
    pyarrow = import_bench_module("pyarrow")
    number = 0
    try:
        with parquet.ParquetFile(path) as file:
            labels = _read_class_labels(file.schema_arrow.metadata or {})
            columns = [name for name in file.schema_arrow.names if name in wanted]
            for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=columns):
                for row in batch.to_pylist():
                    number += 1
                    yield number, {key: _name_class(labels, key, row[key]) for key in row}
    except (pyarrow.ArrowException, OSError) as error:
        raise PairsError(f"{path}: not a readable parquet file ({error})") from error


def _read_class_labels(metadata: Mapping[bytes, bytes]) -> dict[str, list[str]]:
    # The hub's data sets store language and aspect as numbers and name them in the file's metadata.
    try:
        features = json.loads(metadata.get(b"huggingface", b"{}"))["info"]["features"]
        return {key: list(value["names"]) for key, value in features.items() if "names" in value}
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}


def _name_class(labels: Mapping[str, list[str]], column: str, value: object) -> object:
    names = labels.get(column, [])
    return names[value] if isinstance(value, int) and 0 <= value < len(names) else value
