"""Writing pairs: JSON Lines, plain or zstd-compressed, or parquet, by the name of the file."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Protocol

from themis_lsp.errors import UserError
from themis_lsp.pairs import import_bench_module

FORMATS = (".jsonl", ".jsonl.zst", ".parquet")
_BATCH_ROWS = 500

Row = Mapping[str, str | int | float]


class _Write(Protocol):
    def __call__(self, path: Path, rows: Iterator[Row], columns: Mapping[str, type]) -> None: ...


def format_of(path: Path) -> str:
    """Return which of FORMATS a file is to have. Raises UserError when none."""
    for ending in FORMATS:
        if path.name.endswith(ending) and path.name != ending:
            return ending
    raise UserError(f"{path}: not a known format; pairs are written as {', '.join(FORMATS)}")


def write_rows(path: Path, rows: Iterable[Row], *, columns: Mapping[str, type]) -> None:
    """Write rows of the given columns; the file is there whole or not at all.

    Raises UserError when it cannot be written.
    """
    write: dict[str, _Write] = {
        ".jsonl": _write_lines,
        ".jsonl.zst": _write_compressed,
        ".parquet": _write_parquet,
    }
    ending = format_of(path)
    part = path.with_name(path.name.removesuffix(ending) + f".part{ending}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write[ending](part, iter(rows), columns)
        part.replace(path)
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error.strerror or error})") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _write_lines(path: Path, rows: Iterator[Row], columns: Mapping[str, type]) -> None:
    del columns
    with path.open("wb") as file:
        file.writelines(map(_line, rows))


def _write_compressed(path: Path, rows: Iterator[Row], columns: Mapping[str, type]) -> None:
    del columns
    zstandard = import_bench_module("zstandard")
    with path.open("wb") as file, zstandard.ZstdCompressor(level=10).stream_writer(file) as frame:
        for row in rows:
            frame.write(_line(row))


def _line(row: Row) -> bytes:
    return json.dumps(row, ensure_ascii=False).encode() + b"\n"


def _write_parquet(path: Path, rows: Iterator[Row], columns: Mapping[str, type]) -> None:
    pyarrow = import_bench_module("pyarrow")
    parquet = import_bench_module("pyarrow.parquet")
    types = {str: pyarrow.string(), int: pyarrow.int64(), float: pyarrow.float64()}
    schema = pyarrow.schema([(name, types[kind]) for name, kind in columns.items()])
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        while batch := list(islice(rows, _BATCH_ROWS)):
            writer.write_table(pyarrow.Table.from_pylist(batch, schema=schema))
