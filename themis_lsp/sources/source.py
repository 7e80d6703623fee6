"""What the sources package hands on: files with their text, and what was left out and why."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from themis_lsp.languages import Language


class SkipReason(StrEnum):
    """Why a file or folder is not reviewed; the value is how it is shown."""

    GIT_IGNORED = "git-ignored"
    VENDORED = "vendored"
    GENERATED = "generated"
    MINIFIED = "minified"
    TEST_DATA = "test-data"
    HIDDEN = "hidden"
    SYMLINK = "symlink"
    SUBMODULE = "submodule"
    EMPTY = "empty"
    UNKNOWN_LANGUAGE = "unknown-language"
    BINARY = "binary"
    NOT_UTF8 = "not-utf8"
    TOO_LARGE = "too-large"
    NOT_A_FILE = "not-a-file"
    UNREADABLE = "unreadable"

    @property
    def is_refusal(self) -> bool:
        """Whether the file could not be reviewed, rather than need not be."""
        return self in _REFUSALS


_REFUSALS = frozenset(
    {
        SkipReason.UNKNOWN_LANGUAGE,
        SkipReason.BINARY,
        SkipReason.NOT_UTF8,
        SkipReason.TOO_LARGE,
        SkipReason.NOT_A_FILE,
        SkipReason.UNREADABLE,
    }
)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to review; ``path`` is as it is shown, with forward slashes."""

    path: str
    language: Language
    text: str


@dataclass(frozen=True, slots=True)
class SkippedPath:
    """A file or folder that is not reviewed; the path of a folder ends with a slash."""

    path: str
    reason: SkipReason


@dataclass(frozen=True, slots=True)
class SourceProblem:
    """Something named on the command line that could not be reviewed; fails the run."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that was found under the paths named, in a stable order."""

    files: tuple[SourceFile, ...]
    skipped: tuple[SkippedPath, ...]
    problems: tuple[SourceProblem, ...]


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file before and after; one of both may be missing. Lines end with ``\\n`` on both."""

    before: SourceFile | None
    after: SourceFile | None


@dataclass(frozen=True, slots=True)
class ChangedSources:
    """The files whose text differs, in a stable order, and what was left out.

    ``before`` and ``after`` say what was compared: an object id, ``index``, ``working tree``,
    ``patch``, or ``nothing`` where there is no commit yet.
    """

    before: str
    after: str
    files: tuple[ChangedFile, ...]
    skipped: tuple[SkippedPath, ...]
    problems: tuple[SourceProblem, ...]


def show_path(path: Path) -> str:
    """Return the path for a reader: forward slashes, bytes that are not UTF-8 as ``\\xff``."""
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")
