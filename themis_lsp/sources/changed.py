"""From a selection of changes to the text, before and after, of every file in it."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from themis_lsp.errors import SourceError, UserError
from themis_lsp.sources.blobs import BlobReader, open_blobs
from themis_lsp.sources.exclusions import excluded_path, excluded_text
from themis_lsp.sources.patch import patched
from themis_lsp.sources.raw import ChangedEntry, GitFile, list_entries
from themis_lsp.sources.read import (
    WALKED_LIMIT_BYTES,
    Refusal,
    decode_source,
    os_reason,
    read_source,
)
from themis_lsp.sources.repository import Repository, open_repository
from themis_lsp.sources.selection import (
    NOTHING,
    Selection,
    SelectionKind,
    resolve_selection,
)
from themis_lsp.sources.source import (
    ChangedFile,
    ChangedSources,
    SkippedPath,
    SkipReason,
    SourceFile,
    SourceProblem,
    show_path,
)
from themis_lsp.units.detect import detect_language, may_be_source

_LINK, _SUBMODULE = "120000", "160000"
_CONFLICT_MARKER = re.compile(r"^(?:<{7}|={7}|>{7})(?= |$)", re.MULTILINE)
_CONFLICT = "<<<<<<<=======>>>>>>>"


def load_changed(
    selection: Selection,
    *,
    paths: Sequence[str] = (),
    patch: bytes = b"",
    here: Path | None = None,
) -> ChangedSources:
    """Return the files whose text the selected changes touch, as seen from the folder ``here``.

    That is the current folder, if none is named.
    ``paths`` narrows them to those files and folders. ``patch`` is the text of the patch, if one
    is selected. What a walk through folders would leave out is left out. Raises UserError when
    the changes cannot be told.
    """
    repository = open_repository(here or Path.cwd())
    comparison = resolve_selection(repository, selection)
    with contextlib.ExitStack() as stack:
        if selection.kind is SelectionKind.PATCH:
            repository = stack.enter_context(patched(repository, comparison, patch))
        entries = _narrow(list_entries(repository, comparison), paths, repository)
        blobs = stack.enter_context(open_blobs(repository.folder, repository.variables))
        load = _Load(repository, blobs)
        for entry in entries:
            load.add(entry)
    before = NOTHING if comparison.starts_empty else comparison.before
    return ChangedSources(
        before, comparison.after, tuple(load.files), tuple(load.skipped), tuple(load.problems)
    )


def read_patch(name: str) -> bytes:
    """Return what the patch file ``name`` holds. Raises SourceError when it cannot be read."""
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise SourceError(f"{show_path(Path(name))}: cannot be read: {os_reason(error)}") from error


@dataclass(slots=True)
class _Load:
    """What has been read so far."""

    repository: Repository
    blobs: BlobReader
    files: list[ChangedFile] = field(default_factory=list)
    skipped: list[SkippedPath] = field(default_factory=list)
    problems: list[SourceProblem] = field(default_factory=list)

    def add(self, entry: ChangedEntry) -> None:
        shown = self.repository.show(entry.path)
        if entry.is_unmerged:
            self._add_problem(shown, "it is unmerged: resolve the conflict and git add it")
            return
        reason = _leave_out(entry)
        if reason is not None:
            self.skipped.append(SkippedPath(shown, reason))
            return
        if entry.before and entry.after and entry.before.blob == entry.after.blob is not None:
            return  # only its mode or name differs
        before, after = self._read(entry.before), self._read(entry.after)
        for side in (after, before):
            if isinstance(side, Refusal):
                if side.reason is SkipReason.UNREADABLE:
                    self._add_problem(shown, side.message)
                else:
                    self.skipped.append(SkippedPath(shown, side.reason))
                return
        assert not isinstance(before, Refusal)
        assert not isinstance(after, Refusal)
        self._add_texts(entry, before, after)

    def _add_texts(self, entry: ChangedEntry, before: str | None, after: str | None) -> None:
        if before == after:
            return
        shown = self.repository.show(entry.path)
        newest = after if after is not None else before
        assert newest is not None
        if not (before or "").strip() and not (after or "").strip():
            self.skipped.append(SkippedPath(shown, SkipReason.EMPTY))
            return
        reason = excluded_text(newest)
        if reason is not None:
            self.skipped.append(SkippedPath(shown, reason))
            return
        if _has_conflict(after) and not _has_conflict(before):
            self._add_problem(shown, "it holds conflict markers; resolve the conflict")
            return
        language = detect_language(shown, newest)
        if language is None:
            self.skipped.append(SkippedPath(shown, SkipReason.UNKNOWN_LANGUAGE))
            return
        sides: list[SourceFile | None] = []
        for file, text in ((entry.before, before), (entry.after, after)):
            if file is None or text is None:
                sides.append(None)
                continue
            path = self.repository.show(file.path)
            # A header that turned from C to C++ is compared as what it is now.
            is_alike = PurePath(path).suffix == PurePath(shown).suffix
            own = language if is_alike else detect_language(path, text)
            sides.append(None if own is None else SourceFile(path, own, text))
        self.files.append(ChangedFile(*sides))

    def _read(self, file: GitFile | None) -> str | Refusal | None:
        if file is None or file.mode in (_LINK, _SUBMODULE):
            return None
        text = self._read_blob(file.blob) if file.blob else self._read_disk(file.path)
        # A work tree may have \r\n where the repository has \n.
        return text if isinstance(text, Refusal) else text.replace("\r\n", "\n")

    def _read_blob(self, blob: str) -> str | Refusal:
        data = self.blobs.read(blob, WALKED_LIMIT_BYTES)
        return data if isinstance(data, Refusal) else decode_source(data)

    def _read_disk(self, path: bytes) -> str | Refusal:
        assert self.repository.work_tree is not None
        file = self.repository.work_tree / os.fsdecode(path)
        if file.is_symlink():
            return Refusal(SkipReason.SYMLINK, "a symbolic link")
        return read_source(file, limit_bytes=WALKED_LIMIT_BYTES)

    def _add_problem(self, shown: str, message: str) -> None:
        self.problems.append(SourceProblem(shown, f"{shown}: {message}"))


def _leave_out(entry: ChangedEntry) -> SkipReason | None:
    """Return why a file is not worth reading, by its mode and its name."""
    side = entry.after or entry.before
    mode = side.mode if side else ""
    if mode == _SUBMODULE:
        return SkipReason.SUBMODULE
    name = os.fsdecode(entry.path)
    reason = excluded_path(name)
    if reason is not None:
        return reason
    if not may_be_source(name):
        return SkipReason.UNKNOWN_LANGUAGE
    return SkipReason.SYMLINK if mode == _LINK else None


def _has_conflict(text: str | None) -> bool:
    return text is not None and _CONFLICT in "".join(_CONFLICT_MARKER.findall(text))


def _narrow(
    entries: Sequence[ChangedEntry], paths: Sequence[str], repository: Repository
) -> Sequence[ChangedEntry]:
    """Return the entries at or under ``paths``; a path that is nowhere is a mistake."""
    if not paths:
        return entries
    top = repository.work_tree
    kept: set[int] = set()
    for path in paths:
        wanted = Path(path) if top is None else path_from_top(path, top)
        under = {
            index
            for index, entry in enumerate(entries)
            if PurePath(os.fsdecode(entry.path)).is_relative_to(wanted)
        }
        if not under and top is not None and not os.path.lexists(path):
            raise UserError(
                f"{show_path(Path(path))}: no such file or folder, here or in the changes"
            )
        kept |= under
    return [entry for index, entry in enumerate(entries) if index in kept]


def path_from_top(path: str, top: Path) -> Path:
    """Return a path, given from the current folder, from the top of the repository.

    Raises UserError when it leads out of it.
    """
    named = Path(path).absolute()
    # A link to a file is that link, wherever it leads.
    real = named.resolve() if named.is_dir() else named.parent.resolve() / named.name
    try:
        return real.relative_to(top.resolve())
    except ValueError as error:
        raise UserError(
            f"{show_path(Path(path))}: outside of the repository {show_path(top)}"
        ) from error
