"""Neutral edits on disk: changes that make code neither better nor worse.

Rows have ``id, before, after, language, operator, family, stable``; the formats are those of
preference pairs. Other columns are ignored.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from themis_lsp.criteria import Criterion, parse_criterion
from themis_lsp.errors import PairsError, UserError
from themis_lsp.languages import Language, parse_language
from themis_lsp.pairs import PreferencePair
from themis_lsp.rows import Row, format_of, parse_text, read_rows

_COLUMNS = ("id", "before", "after", "language", "operator", "family", "stable")


@dataclass(frozen=True, slots=True)
class NeutralEdit:
    """A change that must be called stable on the criteria ``stable``."""

    id: str
    before: str
    after: str
    language: Language
    operator: str
    family: str
    stable: tuple[Criterion, ...]

    def as_pair(self, criterion: Criterion) -> PreferencePair:
        """Return the edit as a pair whose better side is the one after, to be read as pairs are."""
        sides = self.after, self.before
        return PreferencePair(self.id, "", *sides, criterion, self.language, self.operator)


def read_neutral(path: Path) -> Iterator[NeutralEdit]:
    """Return the edits of a ``.jsonl``, ``.jsonl.zst`` or ``.parquet`` file, in order.

    The file is read as the iterator advances. Raises PairsError when the file cannot be read or,
    while iterating, when a row is no such edit; UserError as ``read_pairs``.
    """
    return (_parse_row(row, path, line) for line, row in read_rows(path, _COLUMNS))


def _parse_row(row: Row, path: Path, line: int) -> NeutralEdit:
    try:
        return NeutralEdit(
            id=parse_text(row.get("id", f"{path.name.removesuffix(format_of(path))}:{line}")),
            before=parse_text(_get(row, "before")),
            after=parse_text(_get(row, "after")),
            language=parse_language(parse_text(_get(row, "language"))),
            operator=parse_text(_get(row, "operator")),
            family=parse_text(_get(row, "family")),
            stable=_parse_stable(_get(row, "stable")),
        )
    except UserError as error:
        raise PairsError(f"{path}:{line}: {error}") from error


def _parse_stable(value: object) -> tuple[Criterion, ...]:
    if not isinstance(value, list):
        raise UserError("column 'stable': expected a list of criteria")
    return tuple(parse_criterion(parse_text(name)) for name in value)


def _get(row: Row, column: str) -> object:
    if row.get(column) is None:
        raise UserError(f"{column!r} is missing; an edit needs {', '.join(_COLUMNS[1:])}")
    return row[column]
