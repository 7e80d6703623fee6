"""One configuration file of a project: what it may say, and what is wrong with what it says."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from themis_lsp.conditions import Condition, parse_conditions
from themis_lsp.criteria import Criterion, parse_criterion
from themis_lsp.errors import UserError

OWN_FILE, PROJECT_FILE = ".themis.toml", "pyproject.toml"
TABLE = "themis-review"

_USERS_KEYS = ("allowed-models", "escalate", "remote")


@dataclass(frozen=True, slots=True)
class PathRule:
    """What holds for the files that ``pattern`` matches, as in .gitignore, below ``folder``.

    ``fail_on`` is added to the conditions of the project, and replaces those on the same criteria.
    """

    folder: Path
    pattern: str
    ignore: tuple[Criterion, ...]
    fail_on: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Config:
    """What one file says, with what it extends.

    ``values`` are those of options by the names of these, as they would be given. ``fail_on`` is
    None where nothing is said; ``model`` is the bundle named, if any.
    """

    file: Path
    values: Mapping[str, object]
    fail_on: tuple[Condition, ...] | None
    model: Path | None
    rules: tuple[PathRule, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a TOML file, and where it is, for messages."""

    file: Path
    text: str
    entries: Mapping[str, object]

    def wrong(self, key: str, problem: str) -> UserError:
        """Return the error for ``key``, with its line if there is only one it can be."""
        spelling = rf"^[ \t]*(?:\[.*?)?[\"']?{re.escape(key)}[\"']?[ \t]*[\]=.]"
        found = list(re.finditer(spelling, self.text, re.MULTILINE))
        line = f":{self.text.count(chr(10), 0, found[0].start()) + 1}" if len(found) == 1 else ""
        return UserError(f"{self.file}{line}: {key} {problem}")

    def check_keys(self, known: Iterable[str]) -> None:
        """Raise UserError for a key that is not ``known``, with the one it could be."""
        choices = list(known)
        for key in self.entries:
            if key not in choices:
                close = difflib.get_close_matches(key, choices, n=1)
                hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(choices)}"
                raise self.wrong(key, f"is unknown; {hint}")

    def integer(self, key: str, least: int, most: int | None = None) -> int:
        """Return a whole number within bounds."""
        value = self.entries[key]
        is_number = isinstance(value, int) and not isinstance(value, bool)
        if is_number and isinstance(value, int) and least <= value <= (most or value):
            return value
        bounds = f"from {least}" if most is None else f"from {least} to {most}"
        raise self.wrong(key, f"must be a whole number {bounds}")

    def boolean(self, key: str) -> bool:
        """Return true or false."""
        value = self.entries[key]
        if not isinstance(value, bool):
            raise self.wrong(key, "must be true or false")
        return value

    def string(self, key: str) -> str:
        """Return a text that is not empty."""
        value = self.entries[key]
        if not isinstance(value, str) or not value:
            raise self.wrong(key, "must be a string")
        return value

    def strings(self, key: str) -> list[str]:
        """Return a list of texts; a lone one stands for a list of one."""
        value = self.entries[key]
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise self.wrong(key, "must be a list of strings")
        return list(items)

    def conditions(self, key: str) -> tuple[Condition, ...]:
        """Return conditions as ``--fail-on`` takes them."""
        try:
            return parse_conditions(self.strings(key))
        except UserError as error:
            raise self.wrong(key, f"is wrong: {error}") from error

    def criteria(self, key: str) -> tuple[Criterion, ...]:
        """Return criteria by any of their names."""
        try:
            return tuple(parse_criterion(name) for name in self.strings(key))
        except UserError as error:
            raise self.wrong(key, f"is wrong: {error}") from error


_VALUES: Mapping[str, Callable[[Table, str], object]] = {
    "criteria": lambda table, key: [criterion.code for criterion in table.criteria(key)],
    "min-percentile": lambda table, key: table.integer(key, 0, 100),
    "top": lambda table, key: table.integer(key, 0),
    "all-units": Table.boolean,
    "force-exclude": Table.boolean,
    "exit-zero": Table.boolean,
    "require-reason": Table.boolean,
    "strict-suppressions": Table.boolean,
    "baseline": lambda table, key: str(table.file.parent / table.string(key)),
    "strict-baseline": Table.boolean,
    "on-error": Table.string,
    "service": Table.boolean,
}
KEYS = (*_VALUES, "fail-on", "model", "paths", "extend")


def read_toml(file: Path) -> Table:
    """Return what a TOML file says. Raises UserError when it cannot be read as such."""
    try:
        text = file.read_text(encoding="utf-8-sig")
        return Table(file, text, tomllib.loads(text))
    except OSError as error:
        raise UserError(f"{file}: cannot be read: {error.strerror or error}") from error
    except ValueError as error:  # not TOML, or not UTF-8
        raise UserError(f"{file}: not valid TOML: {error}") from error


def read_config(file: Path, *, extended_by: tuple[Path, ...] = ()) -> Config | None:
    """Return what ``file`` says, None for a pyproject.toml that has no table of ours.

    Raises UserError, with the file and if possible the line, for whatever is wrong in it.
    """
    table = read_toml(file)
    if file.name == PROJECT_FILE:
        tools = table.entries.get("tool")
        own = tools.get(TABLE) if isinstance(tools, dict) else None
        if own is None:
            return None
        if not isinstance(own, dict):
            raise table.wrong(TABLE, "must be a table: [tool.themis-review]")
        table = Table(file, table.text, own)
    for key in _USERS_KEYS:
        if key in table.entries:
            raise table.wrong(key, "is for your own configuration only; a project cannot set it")
    table.check_keys(KEYS)
    base = _read_base(table, extended_by)
    values = {
        key.replace("-", "_"): read(table, key)
        for key, read in _VALUES.items()
        if key in table.entries
    }
    if values.get("on_error", "fail") not in ("fail", "pass"):
        raise table.wrong("on-error", "must be fail or pass")
    fail_on = table.conditions("fail-on") if "fail-on" in table.entries else None
    model = file.parent / table.string("model") if "model" in table.entries else None
    rules = tuple(_read_rules(table))
    if base is None:
        return Config(file, values, fail_on, model, rules)
    return Config(
        file,
        {**base.values, **values},
        base.fail_on if fail_on is None else fail_on,
        model or base.model,
        (*base.rules, *rules),
    )


def _read_base(table: Table, extended_by: tuple[Path, ...]) -> Config | None:
    if "extend" not in table.entries:
        return None
    chain = (*extended_by, table.file.resolve())
    file = (table.file.parent / table.string("extend")).resolve()
    if file in chain:
        raise table.wrong("extend", "leads back to the same file")
    base = read_config(file, extended_by=chain)
    if base is None:
        raise table.wrong("extend", f"names {file}, which has no [tool.{TABLE}]")
    return base


def _read_rules(table: Table) -> Iterable[PathRule]:
    paths = table.entries.get("paths", {})
    if not isinstance(paths, dict):
        raise table.wrong("paths", 'must be a table: [paths."tests/**"]')
    for pattern, entries in paths.items():
        if not isinstance(entries, dict):
            raise table.wrong(pattern, "must be a table with ignore or fail-on")
        inner = Table(table.file, table.text, entries)
        inner.check_keys(("ignore", "fail-on"))
        yield PathRule(
            table.file.parent.resolve(),
            pattern,
            inner.criteria("ignore") if "ignore" in entries else (),
            inner.conditions("fail-on") if "fail-on" in entries else (),
        )
