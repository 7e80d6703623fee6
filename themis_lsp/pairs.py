"""Preference pairs on disk: JSON Lines, plain or zstd-compressed, and parquet.

Two published layouts are read: ``id, prompt, chosen, rejected, aspect, language, subset``
(Themis-CodeRewardBench) and ``system, input, chosen, rejected, language, aspect, source, idx``
(Themis-CodePreference). Other columns are ignored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from themis_lsp.criteria import Criterion, parse_criterion
from themis_lsp.errors import PairsError, UserError
from themis_lsp.languages import Language, parse_language
from themis_lsp.rows import Row, format_of, parse_text, read_rows

_COLUMNS = ("id", "prompt", "input", "chosen", "rejected", "aspect", "language", "subset")


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
    return (_parse_row(row, path, line) for line, row in read_rows(path, _COLUMNS))


def read_general_pairs(path: Path) -> Iterator[GeneralPair]:
    """Return the pairs of a file as ``read_pairs`` does; they need neither aspect nor language."""
    return (_parse_general_row(row, path, line) for line, row in read_rows(path, _COLUMNS))


def _parse_row(row: Row, path: Path, line: int) -> PreferencePair:
    subset = row.get("subset")
    try:
        return PreferencePair(
            id=_parse_id(row, path, line),
            prompt=_parse_prompt(row),
            chosen=_parse_code(row, "chosen"),
            rejected=_parse_code(row, "rejected"),
            criterion=_parse_criterion(_get(row, "aspect")),
            language=parse_language(parse_text(_get(row, "language"))),
            subset=_stem(path) if subset is None else parse_text(subset),
        )
    except UserError as error:
        raise PairsError(f"{path}:{line}: {error}") from error


def _parse_general_row(row: Row, path: Path, line: int) -> GeneralPair:
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
    return path.name.removesuffix(format_of(path))


def _parse_id(row: Row, path: Path, line: int) -> str:
    given = row.get("id")
    return f"{_stem(path)}:{line}" if given is None else parse_text(str(given))


def _get(row: Row, column: str) -> object:
    if row.get(column) is None:
        raise UserError(
            f"{column!r} is missing; a pair needs chosen and rejected, one of code also aspect and "
            "language"
        )
    return row[column]


def _parse_criterion(value: object) -> Criterion:
    words = parse_text(value).replace("&", "and").replace(" and ", " ")
    return parse_criterion(words.replace(" ", "_"))


def _parse_code(row: Row, column: str) -> str:
    """Return the code of an answer: a string, or the last message of a conversation."""
    try:
        return _parse_contents(_get(row, column))[-1]
    except UserError as error:
        raise UserError(f"column {column!r}: {error}") from error


def _parse_prompt(row: Row) -> str:
    value = row.get("prompt") if row.get("prompt") is not None else row.get("input")
    try:
        return "" if value is None else "\n\n".join(_parse_contents(value))
    except UserError as error:
        raise UserError(f"the prompt: {error}") from error


def _parse_contents(value: object) -> list[str]:
    if isinstance(value, list) and value:
        return [parse_text(m.get("content") if isinstance(m, Mapping) else None) for m in value]
    return [parse_text(value)]
