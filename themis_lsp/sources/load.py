"""From the paths on a command line to the text of every file to review."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from themis_lsp.errors import SourceError
from themis_lsp.languages import Language
from themis_lsp.sources.discover import exclude_named, walk_folder
from themis_lsp.sources.exclusions import excluded_text
from themis_lsp.sources.read import (
    NAMED_LIMIT_BYTES,
    WALKED_LIMIT_BYTES,
    Refusal,
    decode_source,
    os_reason,
    read_source,
)
from themis_lsp.sources.source import (
    SkippedPath,
    SkipReason,
    SourceFile,
    SourceProblem,
    Sources,
    show_path,
)
from themis_lsp.units.detect import detect_language

STDIN = "-"


@dataclass(frozen=True, slots=True)
class StandardInput:
    """What came in on standard input and the name it is to be reviewed under, if it has one."""

    data: bytes
    name: str | None


def load_sources(
    paths: Sequence[str], *, stdin: StandardInput | None = None, force_exclude: bool = False
) -> Sources:
    """Return the files to review under ``paths``, each once, in the order of the paths.

    Folders are walked; what is not worth reviewing there is skipped. A file that is named is
    reviewed whatever it is called or holds, unless ``force_exclude``, and is a problem when it
    cannot be. ``-`` stands for ``stdin``.
    """
    load = _Load(force_exclude)
    named = [Path(path) for path in paths if path != STDIN]
    excluded = exclude_named(named) if force_exclude else {}
    for path in paths:
        if path == STDIN:
            load.add_stdin(stdin or StandardInput(b"", None))
        elif Path(path) in excluded:
            load.skipped.append(SkippedPath(show_path(Path(path)), excluded[Path(path)]))
        else:
            load.add_named(Path(path))
    return Sources(tuple(load.files), tuple(load.skipped), tuple(load.problems))


@dataclass(slots=True)
class _Load:
    """What has been found so far."""

    force_exclude: bool
    files: list[SourceFile] = field(default_factory=list)
    skipped: list[SkippedPath] = field(default_factory=list)
    problems: list[SourceProblem] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def add_named(self, path: Path) -> None:
        try:
            is_folder = stat.S_ISDIR(path.stat().st_mode)
        except OSError as error:
            missing = isinstance(error, FileNotFoundError)
            reason = "no such file or folder" if missing else f"cannot be read: {os_reason(error)}"
            self._add_problem(show_path(path), reason)
            return
        if is_folder:
            self._add_folder(path)
            return
        shown = show_path(path)
        found = _review(path, NAMED_LIMIT_BYTES, with_exclusions=self.force_exclude)
        if isinstance(found, Refusal) and found.reason.is_refusal:
            self._add_problem(shown, found.message)
        else:
            self._add(path, found)

    def add_stdin(self, stdin: StandardInput) -> None:
        shown = show_path(Path(stdin.name)) if stdin.name else "<stdin>"
        if stdin.name and self.force_exclude:
            reason = exclude_named([Path(stdin.name)]).get(Path(stdin.name))
            if reason is not None:
                self.skipped.append(SkippedPath(shown, reason))
                return
        text = decode_source(stdin.data, limit_bytes=NAMED_LIMIT_BYTES)
        if isinstance(text, Refusal):
            self._add_problem(shown, text.message)
        elif not text.strip():
            self.skipped.append(SkippedPath(shown, SkipReason.EMPTY))
        else:
            language = detect_language(stdin.name or "", text)
            if language is not None:
                self.files.append(SourceFile(shown, language, text))
            elif stdin.name:
                self._add_problem(shown, _unknown_language().message)
            else:
                self._add_problem(shown, "its language is not known; say --stdin-filename NAME")

    def _add_folder(self, root: Path) -> None:
        files_before, skipped_before = len(self.files), len(self.skipped)
        duplicates = 0
        try:
            for found in walk_folder(root):
                if isinstance(found, SkippedPath):
                    self.skipped.append(found)
                elif os.path.realpath(found) in self._seen:
                    duplicates += 1
                else:
                    self._add(found, _review(found, WALKED_LIMIT_BYTES, with_exclusions=True))
        except SourceError as error:
            self.problems.append(SourceProblem(show_path(root), str(error)))
            return
        if len(self.files) == files_before and not duplicates:
            self._explain_nothing(root, self.skipped[skipped_before:])

    def _explain_nothing(self, root: Path, skipped: Sequence[SkippedPath]) -> None:
        """A folder with nothing to review is a mistake, unless all was left out on purpose."""
        quiet = (SkipReason.UNKNOWN_LANGUAGE, SkipReason.HIDDEN)
        reasons = Counter(skip.reason for skip in skipped if skip.reason not in quiet)
        shown = show_path(root)
        refused = [r for r in sorted(reasons) if r.is_refusal]
        if not reasons:
            self.problems.append(SourceProblem(shown, f"no source files in {shown}"))
        elif len(refused) == len(reasons):
            counts = ", ".join(f"{reasons[r]} {r}" for r in refused)
            message = f"no source files in {shown} could be read ({counts})"
            self.problems.append(SourceProblem(shown, message))

    def _add(self, path: Path, found: SourceFile | Refusal) -> None:
        real = os.path.realpath(path)
        if isinstance(found, Refusal):
            self.skipped.append(SkippedPath(show_path(path), found.reason))
        elif real not in self._seen:
            self._seen.add(real)
            self.files.append(found)

    def _add_problem(self, shown: str, message: str) -> None:
        self.problems.append(SourceProblem(shown, f"{shown}: {message}"))


def _review(path: Path, limit_bytes: int, *, with_exclusions: bool) -> SourceFile | Refusal:
    text = read_source(path, limit_bytes=limit_bytes)
    if isinstance(text, Refusal):
        return text
    if not text.strip():
        return Refusal(SkipReason.EMPTY, "empty")
    language = detect_language(show_path(path), text)
    if language is None:
        return _unknown_language()
    reason = excluded_text(text) if with_exclusions else None
    return Refusal(reason, reason.value) if reason else SourceFile(show_path(path), language, text)


def _unknown_language() -> Refusal:
    names = ", ".join(Language)
    return Refusal(SkipReason.UNKNOWN_LANGUAGE, f"not in one of the languages reviewed ({names})")
