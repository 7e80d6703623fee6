"""Changes that were made by hand, as a repository: what they are and what they look like.

Each file of the folder ``crafted`` holds those in one language, as

    === regression RT what it is
    code before
    ---
    code after

with a kind and the criterion that the change is about, ``-`` for one that is neutral.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from themis_lsp.criteria import Criterion, parse_criterion
from themis_lsp.languages import Language
from themis_lsp.units.detect import detect_language

CASES = Path(__file__).with_name("crafted")
_GIT = ("git", "-c", "user.name=A", "-c", "user.email=a@example.org")
# Where a function cannot stand by itself.
_AROUND = {
    Language.JAVA: "class Store {{\n{}}}\n",
    Language.CSHARP: "class Store\n{{\n{}}}\n",
}


class Kind(StrEnum):
    """What a change is meant to be."""

    REGRESSION = "regression"
    NEUTRAL = "neutral"
    IMPROVEMENT = "improvement"


@dataclass(frozen=True, slots=True)
class Case:
    """A change of the file ``path``; ``criterion`` is None for one that is neutral."""

    path: str
    language: Language
    kind: Kind
    criterion: Criterion | None
    what: str
    before: str
    after: str


def read_cases(folder: Path = CASES) -> list[Case]:
    """Return all changes, language by language."""
    return [case for file in sorted(folder.glob("*.txt")) for case in _read(file)]


def commit_before(cases: list[Case], folder: Path) -> None:
    """Make a repository of ``folder`` with all files as they were before."""
    _git(folder, "init", "--quiet")
    for case in cases:
        (folder / case.path).parent.mkdir(parents=True, exist_ok=True)
        (folder / case.path).write_text(case.before, encoding="utf-8")
    _git(folder, "add", "--all")
    commit(folder)


def stage_after(cases: list[Case], folder: Path) -> None:
    """Stage all files as they are after."""
    for case in cases:
        (folder / case.path).write_text(case.after, encoding="utf-8")
    _git(folder, "add", "--all")


def commit(folder: Path) -> None:
    """Commit what is staged."""
    _git(folder, "commit", "--quiet", "--message", "all")


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run([*_GIT, *arguments], cwd=folder, check=True)


def _read(file: Path) -> Iterator[Case]:
    name, _, extension = file.stem.partition(".")
    language = detect_language(f"any.{extension}", "")
    assert language is not None, file
    around = _AROUND.get(language, "{}")
    _, *parts = re.split("^=== ", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    for number, part in enumerate(parts):
        title, _, code = part.partition("\n")
        kind, criterion, what = title.split(" ", 2)
        before, after = code.split("---\n")
        yield Case(
            f"{name}/case{number}.{extension}",
            language,
            Kind(kind),
            None if criterion == "-" else parse_criterion(criterion),
            what,
            around.format(before),
            around.format(after),
        )
