"""The baseline file: findings that a project lives with, one a line, known by their code."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from themis_lsp.criteria import Criterion, parse_criterion
from themis_lsp.errors import UserError
from themis_lsp.languages import Language, parse_language
from themis_lsp.writing import write_whole

VERSION = 1
_HEADER = "themis-baseline"
_CONFLICT = re.compile(r"(<{7}|={7}|>{7}|\|{7})( |$)")
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """A finding that is accepted: its fingerprint, and what this was made of but the code.

    ``path``, relative to the baseline's folder and with forward slashes, is where it was last seen.
    """

    fingerprint: str
    path: str
    unit: str
    criterion: Criterion
    language: Language


def read_baseline(file: Path) -> list[Entry]:
    """Return the entries of a baseline, in any order.

    Raises UserError, with the line, for whatever is no baseline that this version can read.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise UserError(
            f"{file}: no such baseline; --update-baseline makes it of all that is found"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UserError(f"{file}: the baseline cannot be read: {reason}") from error
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    for number, line in lines:
        if _CONFLICT.match(line):
            raise UserError(
                f"{file}:{number}: a merge conflict in the baseline; keep the entries of both "
                "sides, what is not needed goes by itself"
            )
    rows = [(number, _parse(file, number, line)) for number, line in lines]
    if not rows:
        raise UserError(f"{file}:1: the baseline is empty; delete it, or take it from git")
    (number, header), *rest = rows
    _check_header(file, number, header)
    return [_entry(file, number, row) for number, row in rest]


def place_from(file: Path) -> Callable[[str], str]:
    """Return what turns a path into that of an entry of the baseline ``file``."""
    folder = file.absolute().parent

    def place(path: str) -> str:
        return Path(os.path.relpath(Path(path).absolute(), folder)).as_posix()

    return place


def format_baseline(entries: Iterable[Entry]) -> str:
    """Return the text of a baseline: a header and an entry a line, sorted, ASCII."""
    rows: list[dict[str, object]] = [{_HEADER: VERSION}]
    rows += [
        {
            "fingerprint": entry.fingerprint,
            "criterion": entry.criterion.code,
            "language": entry.language.value,
            "unit": entry.unit,
            "path": entry.path,
        }
        for entry in sorted(set(entries))
    ]
    return "".join(f"{json.dumps(row)}\n" for row in rows)


def write_baseline(file: Path, entries: Iterable[Entry]) -> None:
    """Write a baseline, whole or not at all. Raises UserError when it cannot be written."""
    try:
        write_whole(file, format_baseline(entries).encode())
    except OSError as error:
        raise UserError(f"{file}: the baseline cannot be written: {error.strerror}") from error


def _parse(file: Path, number: int, line: str) -> dict[str, object]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{file}:{number}: not JSON, so no entry of a baseline") from error
    if not isinstance(row, dict):
        raise UserError(f"{file}:{number}: not a JSON object, so no entry of a baseline")
    return row


def _check_header(file: Path, number: int, header: dict[str, object]) -> None:
    version = header.get(_HEADER)
    if isinstance(version, bool) or not isinstance(version, int):
        raise UserError(
            f'{file}:{number}: not a baseline: its first line must be {{"{_HEADER}": {VERSION}}}'
        )
    if version > VERSION:
        raise UserError(
            f"{file}:{number}: a baseline of version {version}, and this themis-review knows "
            f"version {VERSION}; install a newer one"
        )


def _entry(file: Path, number: int, row: dict[str, object]) -> Entry:
    try:
        texts = {key: row[key] for key in ("fingerprint", "criterion", "language", "unit", "path")}
        for key, value in texts.items():
            if not isinstance(value, str):
                raise UserError(f"{key} is not text")
        if not _FINGERPRINT.fullmatch(str(texts["fingerprint"])):
            raise UserError("fingerprint is not 64 hexadecimal digits")
        return Entry(
            str(texts["fingerprint"]),
            str(texts["path"]),
            str(texts["unit"]),
            parse_criterion(str(texts["criterion"])),
            parse_language(str(texts["language"])),
        )
    except KeyError as error:
        raise UserError(f"{file}:{number}: the entry has no {error.args[0]}") from error
    except UserError as error:
        raise UserError(f"{file}:{number}: the entry is wrong: {error}") from error
