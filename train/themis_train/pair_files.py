"""Writing rows of pairs: JSON Lines, plain or zstd-compressed, or parquet."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

from themis_lsp.errors import UserError
from themis_lsp.rows import import_bench_module

FORMATS = (".jsonl", ".jsonl.zst", ".parquet")
_BATCH_ROWS = 500

Row = Mapping[str, object]
Columns = Mapping[str, type[str] | type[int] | type[float]]
_Write = Callable[[Path, Iterator[Row], Columns | None], int]


def write_pairs(path: Path, rows: Iterable[Row], *, columns: Columns | None = None) -> int:
    """Write rows to a file of the format that its name ends in; return how many.

    A parquet file has the given ``columns``, or else those that its first rows show.
    The file is there whole or not at all; a file that was there stays until it is replaced. Raises
    UserError when the format is not known or the file cannot be written.
    """
    write = _WRITERS[format_of(path)]
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        count = write(part, iter(rows), columns)
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


def dev_file(path: Path) -> Path:
    """Return where pairs kept for validation go, beside ``path``. Raises as ``format_of``."""
    ending = format_of(path)
    return path.with_name(path.name.removesuffix(ending) + f"-dev{ending}")


def _lines(rows: Iterator[Row]) -> Iterator[bytes]:
    for row in rows:
        yield json.dumps(row, ensure_ascii=False).encode() + b"\n"


def _write_lines(path: Path, rows: Iterator[Row], _columns: Columns | None) -> int:
    count = 0
    with path.open("wb") as file:
        for line in _lines(rows):
            count += file.write(line) > 0
    return count


def _write_compressed(path: Path, rows: Iterator[Row], _columns: Columns | None) -> int:
    zstandard = import_bench_module("zstandard")
    count = 0
    with path.open("wb") as file, zstandard.ZstdCompressor(level=10).stream_writer(file) as frame:
        for line in _lines(rows):
            count += frame.write(line) >= 0
    return count


def _write_parquet(path: Path, rows: Iterator[Row], columns: Columns | None) -> int:
    pyarrow = import_bench_module("pyarrow")
    parquet = import_bench_module("pyarrow.parquet")
    types = {str: pyarrow.string(), int: pyarrow.int64(), float: pyarrow.float64()}
    schema = columns and pyarrow.schema([(name, types[kind]) for name, kind in columns.items()])
    table = pyarrow.Table.from_pylist(list(islice(rows, _BATCH_ROWS)), schema=schema)
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
