"""Neutral edits on disk: changes of which it is known that they make code neither better nor worse.

JSON Lines, plain or zstd-compressed, with the columns ``id, before, after, language, operator,
family, stable``; ``stable`` lists the keys of the criteria on which both sides are worth the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from themis_lsp.criteria import Criterion, parse_criterion
from themis_lsp.errors import PairsError, UserError
from themis_lsp.languages import Language, parse_language
from themis_lsp.pairs import import_bench_module

_TEXTS = ("id", "before", "after", "language", "operator", "family")


@dataclass(frozen=True, slots=True)
class NeutralEdit:
    """A change of ``before`` into ``after`` that is neutral on the criteria of ``stable``."""

    id: str
    before: str
    after: str
    language: Language
    operator: str
    family: str
    stable: tuple[Criterion, ...]


def read_neutral(path: Path) -> Iterator[NeutralEdit]:
    """Return the edits of a ``.jsonl`` or ``.jsonl.zst`` file, in order.

    Raises PairsError when the file cannot be read or a row is no neutral edit; UserError when a
    compressed file needs the extra ``bench``.
    """
    for number, line in enumerate(_read_text(path).split("\n"), start=1):
        if line.strip():
            try:
                yield _parse(json.loads(line))
            except (ValueError, RecursionError, UserError) as error:
                raise PairsError(f"{path}:{number}: no neutral edit ({error})") from error


def _read_text(path: Path) -> str:
    try:
        data = path.read_bytes()
        if path.suffix == ".zst":
            data = (
                import_bench_module("zstandard").ZstdDecompressor().decompressobj().decompress(data)
            )
        return data.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise PairsError(f"{path}: cannot be read ({error}); check the file") from error


def _parse(row: object) -> NeutralEdit:
    if not isinstance(row, Mapping):
        raise UserError("not a JSON object; write one object per line")
    for name in _TEXTS:
        if not isinstance(row.get(name), str):
            raise UserError(f"{name!r} is missing or no text")
    stable = row.get("stable")
    if not isinstance(stable, list):
        raise UserError("'stable' is missing or no list of criteria")
    return NeutralEdit(
        id=row["id"],
        before=row["before"],
        after=row["after"],
        language=parse_language(row["language"]),
        operator=row["operator"],
        family=row["family"],
        stable=tuple(parse_criterion(str(name)) for name in stable),
    )
