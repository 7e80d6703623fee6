"""Which files under a folder are source code worth reviewing."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from themis_lsp.errors import SourceError
from themis_lsp.sources.exclusions import (
    excluded_file,
    excluded_folder,
    excluded_path,
    is_hidden,
)
from themis_lsp.sources.git import find_repository, select_ignored
from themis_lsp.sources.ignore import IsIgnored, ignore_rules
from themis_lsp.sources.read import os_reason
from themis_lsp.sources.source import SkippedPath, SkipReason, show_path
from themis_lsp.units.detect import language_by_name


@dataclass(frozen=True, slots=True)
class _Territory:
    """A folder and the git settings that hold below it, down to the next repository."""

    folder: Path
    is_ignored: IsIgnored

    def ignores(self, path: Path, *, is_folder: bool) -> bool:
        relative = path.relative_to(self.folder).as_posix()
        return self.is_ignored(f"{relative}/" if is_folder else relative)


def walk_folder(root: Path) -> Iterator[Path | SkippedPath]:
    """Yield the files to review under ``root`` and what is left out, sorted by name.

    Symbolic links are never followed, so a walk ends and stays inside ``root``. Files whose
    language cannot be told from the name are yielded when they begin with ``#!``. Raises
    SourceError when ``root`` cannot be listed.
    """
    try:
        pending = _list_backwards(root, _Territory(root, ignore_rules(root)))
    except OSError as error:
        raise SourceError(f"{show_path(root)}: cannot be read: {os_reason(error)}") from error
    while pending:
        entry, territory = pending.pop()
        path = Path(entry.path)
        if not entry.is_dir(follow_symlinks=False):
            reason = _leave_out_file(entry, territory)
            yield path if reason is None else SkippedPath(show_path(path), reason)
            continue
        folder_reason = _leave_out_folder(path, territory)
        if folder_reason is None:
            try:
                pending += _list_backwards(path, territory)
                continue
            except OSError:
                folder_reason = SkipReason.UNREADABLE
        yield SkippedPath(f"{show_path(path)}/", folder_reason)


def exclude_named(paths: Sequence[Path]) -> dict[Path, SkipReason]:
    """Return which of ``paths`` a walk from the top of their repository would have left out."""
    excluded: dict[Path, SkipReason] = {}
    by_repository: dict[Path, list[Path]] = {}
    for path in paths:
        repository = find_repository(path.parent)
        reason = _excluded_by_name(path, repository or Path.cwd())
        if reason is not None:
            excluded[path] = reason
        elif repository is not None:
            by_repository.setdefault(repository, []).append(path)
    for repository, inside in by_repository.items():
        ignored = select_ignored(repository, inside)
        excluded |= dict.fromkeys(ignored, SkipReason.GIT_IGNORED)
    return excluded


def _list_backwards(
    folder: Path, territory: _Territory
) -> list[tuple[os.DirEntry[str], _Territory]]:
    """The entries of a folder, last name first: a stack of them pops in order."""
    if folder != territory.folder and os.path.lexists(folder / ".git"):
        territory = _Territory(folder, ignore_rules(folder))
    with os.scandir(folder) as entries:
        ordered = sorted(entries, key=lambda entry: entry.name, reverse=True)
    return [(entry, territory) for entry in ordered]


def _leave_out_folder(path: Path, territory: _Territory) -> SkipReason | None:
    if is_hidden(path.name):
        return SkipReason.HIDDEN
    reason = excluded_folder(path.name)
    if reason is not None:
        return reason
    if os.path.lexists(path / "pyvenv.cfg"):
        return SkipReason.VENDORED
    return SkipReason.GIT_IGNORED if territory.ignores(path, is_folder=True) else None


def _leave_out_file(entry: os.DirEntry[str], territory: _Territory) -> SkipReason | None:
    path = Path(entry.path)
    is_link = entry.is_symlink()
    if language_by_name(entry.name) is None and (path.suffix or not _has_shebang(path)):
        # The name of a linked folder says nothing; that it was not entered is worth saying.
        is_linked_folder = is_link and path.is_dir()
        return SkipReason.SYMLINK if is_linked_folder else SkipReason.UNKNOWN_LANGUAGE
    if is_link:
        return SkipReason.SYMLINK
    reason = excluded_file(entry.name)
    if reason is not None:
        return reason
    return SkipReason.GIT_IGNORED if territory.ignores(path, is_folder=False) else None


def _excluded_by_name(path: Path, base: Path) -> SkipReason | None:
    try:
        inside = (path.parent.resolve() / path.name).relative_to(base)
    except ValueError:
        inside = Path(path.name)  # elsewhere: its folders are no part of this project
    reason = excluded_path(str(inside))
    return reason or (excluded_folder(inside.name) if path.is_dir() else None)


def _has_shebang(path: Path) -> bool:
    try:
        if not path.is_file():  # opening a pipe would wait for its writer
            return False
        with path.open("rb") as file:
            return file.read(2) == b"#!"
    except OSError:
        return False
