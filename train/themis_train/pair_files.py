"""Writing rows of pairs: JSON Lines, plain or zstd-compressed, or parquet."""

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

Row = Mapping[str, object]


class _Write(Protocol):
    def __call__(self, path: Path, rows: Iterator[Row]) -> int: ...


def write_pairs(path: Path, rows: Iterable[Row]) -> int:
    """Write rows to a file of the format that its name ends in; return how many.

    The file is there whole or not at all; a file that was there stays until it is replaced. Raises
    UserError when the format is not known or the file cannot be written.
    """
    write = _WRITERS[format_of(path)]
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        count = write(part, iter(rows))
        part.replace(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(f"{path}: cannot be written ({reason}); choose another --out") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    return count


def format_of(path: Path) -> str:
    """Return which of FORMATS the name of a file ends in. Raises UserError when none."""
    for ending in FORMATS:
        if path.name.endswith(ending) and path.name != ending:
            return ending
    raise UserError(f"{path}: not a known format; pairs are written as {', '.join(FORMATS)}")


def _lines(rows: Iterator[Row]) -> Iterator[bytes]:
    for row in rows:
        yield json.dumps(row, ensure_ascii=False).encode() + b"\n"


def _write_lines(path: Path, rows: Iterator[Row]) -> int:
    count = 0
    with path.open("wb") as file:
        for line in _lines(rows):
            count += file.write(line) > 0
    return count


def _write_compressed(path: Path, rows: Iterator[Row]) -> int:
    zstandard = import_bench_module("zstandard")
    count = 0
    with path.open("wb") as file, zstandard.ZstdCompressor(level=10).stream_writer(file) as frame:
        for line in _lines(rows):
            count += frame.write(line) >= 0
    return count


def _write_parquet(path: Path, rows: Iterator[Row]) -> int:
    """The first rows tell the types of the columns."""
    pyarrow = import_bench_module("pyarrow")
    parquet = import_bench_module("pyarrow.parquet")
    table = pyarrow.Table.from_pylist(list(islice(rows, _BATCH_ROWS)))
    count = 0
    with parquet.ParquetWriter(path, table.schema, compression="zstd") as writer:
        while table.num_rows:
            writer.write_table(table)
            count += table.num_rows
            batch = list(islice(rows, _BATCH_ROWS))
            table = pyarrow.Table.from_pylist(batch, schema=table.schema)
    return count


_WRITERS: dict[str, _Write] = {
    ".jsonl": _write_lines,
    ".jsonl.zst": _write_compressed,
    ".parquet": _write_parquet,
}
