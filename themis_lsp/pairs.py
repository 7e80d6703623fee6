"""Preference pairs on disk: JSON Lines, plain or zstd-compressed, and parquet.

Two published layouts are read: ``id, prompt, chosen, rejected, aspect, language, subset``
(Themis-CodeRewardBench) and ``system, input, chosen, rejected, language, aspect, source, idx``
(Themis-CodePreference). Other columns are ignored.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from themis_lsp.criteria import Criterion, parse_criterion
from themis_lsp.errors import PairsError, UserError
from themis_lsp.languages import Language, parse_language

_Row = Mapping[str, object]
_COLUMNS = ("id", "prompt", "input", "chosen", "rejected", "aspect", "language", "subset")
_CHUNK_BYTES = 1 << 16
_BATCH_ROWS = 256


@dataclass(frozen=True, slots=True)
class PreferencePair:
    """Two answers to one prompt of which ``chosen`` is the better on ``criterion``."""

    id: str
    prompt: str
    chosen: str
    rejected: str
    criterion: Criterion
    language: Language
    subset: str


@dataclass(frozen=True, slots=True)
class GeneralPair:
    """Two answers to one prompt of which ``chosen`` is the better, be it code or not.

    ``criterion`` is None where the pair names none.
    """

    id: str
    prompt: str
    chosen: str
    rejected: str
    criterion: Criterion | None


def read_pairs(path: Path) -> Iterator[PreferencePair]:
    """Return the pairs of a ``.jsonl``, ``.json``, ``.jsonl.zst`` or ``.parquet`` file, in order.

    The file is read as the iterator advances. A pair without an id is called ``<stem>:<line>``, one
    without a subset belongs to ``<stem>``. Raises PairsError when the file cannot be read or, while
    iterating, when a row is no pair; UserError when a compressed or parquet file needs the extra
    ``bench``.
    """
    return (_parse_row(row, path, line) for line, row in _read_rows(path))


def read_general_pairs(path: Path) -> Iterator[GeneralPair]:
    """Return the pairs of a file as ``read_pairs`` does; they need neither aspect nor language."""
    return (_parse_general_row(row, path, line) for line, row in _read_rows(path))


def _read_rows(path: Path) -> Iterator[tuple[int, _Row]]:
    if not path.is_file():
        raise PairsError(f"{path}: no such file; give a file of preference pairs")
    match _format_of(path):
        case ".jsonl" | ".json":
            return _read_json_lines(path, _read_chunks(path))
        case ".jsonl.zst" | ".json.zst":
            return _read_json_lines(path, _decompress(path, import_bench_module("zstandard")))
        case ".parquet":
            return _read_parquet(path, import_bench_module("pyarrow.parquet"))
        case _:
            raise PairsError(
                f"{path}: not a known format; pairs are read from .jsonl, .jsonl.zst and .parquet"
            )


def import_bench_module(name: str) -> ModuleType:
    """Import a module that the extra ``bench`` brings. Raises UserError when it is missing."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise UserError(
            f"{name.partition('.')[0]} is not installed; pip install 'themis-review[bench]'"
        ) from error


def _format_of(path: Path) -> str:
    return "".join(path.suffixes[-2:] if path.suffix == ".zst" else path.suffixes[-1:])


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


def _read_json_lines(path: Path, chunks: Iterator[bytes]) -> Iterator[tuple[int, _Row]]:
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


def _read_parquet(path: Path, parquet: ModuleType) -> Iterator[tuple[int, _Row]]:
    pyarrow = import_bench_module("pyarrow")
    number = 0
    try:
        with parquet.ParquetFile(path) as file:
            labels = _read_class_labels(file.schema_arrow.metadata or {})
            columns = [name for name in file.schema_arrow.names if name in _COLUMNS]
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


def _parse_row(row: _Row, path: Path, line: int) -> PreferencePair:
    subset = row.get("subset")
    try:
        return PreferencePair(
            id=_parse_id(row, path, line),
            prompt=_parse_prompt(row),
            chosen=_parse_code(row, "chosen"),
            rejected=_parse_code(row, "rejected"),
            criterion=_parse_criterion(_get(row, "aspect")),
            language=parse_language(_parse_text(_get(row, "language"))),
            subset=_stem(path) if subset is None else _parse_text(subset),
        )
    except UserError as error:
        raise PairsError(f"{path}:{line}: {error}") from error


def _parse_general_row(row: _Row, path: Path, line: int) -> GeneralPair:
    aspect = row.get("aspect")
    try:
        return GeneralPair(
            id=_parse_id(row, path, line),
            prompt=_parse_prompt(row),
            chosen=_parse_code(row, "chosen"),
            rejected=_parse_code(row, "rejected"),
            criterion=None if aspect is None else _parse_criterion(aspect),
        )
    except UserError as error:
        raise PairsError(f"{path}:{line}: {error}") from error


def _stem(path: Path) -> str:
    return path.name.removesuffix(_format_of(path))


def _parse_id(row: _Row, path: Path, line: int) -> str:
    given = row.get("id")
    return f"{_stem(path)}:{line}" if given is None else _parse_text(str(given))


def _get(row: _Row, column: str) -> object:
    if row.get(column) is None:
        raise UserError(
            f"{column!r} is missing; a pair needs chosen and rejected, one of code also aspect and "
            "language"
        )
    return row[column]


def _parse_criterion(value: object) -> Criterion:
    words = _parse_text(value).replace("&", "and").replace(" and ", " ")
    return parse_criterion(words.replace(" ", "_"))


def _parse_code(row: _Row, column: str) -> str:
    """Return the code of an answer: a string, or the last message of a conversation."""
    try:
        return _parse_contents(_get(row, column))[-1]
    except UserError as error:
        raise UserError(f"column {column!r}: {error}") from error


def _parse_prompt(row: _Row) -> str:
    value = row.get("prompt") if row.get("prompt") is not None else row.get("input")
    try:
        return "" if value is None else "\n\n".join(_parse_contents(value))
    except UserError as error:
        raise UserError(f"the prompt: {error}") from error


def _parse_contents(value: object) -> list[str]:
    if isinstance(value, list) and value:
        return [_parse_text(m.get("content") if isinstance(m, Mapping) else None) for m in value]
    return [_parse_text(value)]


def _parse_text(value: object) -> str:
    if not isinstance(value, str):
        kind = type(value).__name__
        raise UserError(f"expected text, or messages with a 'content', not {kind}")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise UserError("holds half of a surrogate pair; write text as valid Unicode") from error
    return value
