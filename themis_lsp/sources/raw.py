"""Which files differ, as git lists them: never through a diff driver, a filter or a hook."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

from themis_lsp.sources.repository import Repository, ask_git, command_git
from themis_lsp.sources.selection import INDEX, PATCH, WORK_TREE, Comparison

# Plumbing, unlike git diff, neither reads the user's diff settings nor writes the index.
_LISTING = ("--raw", "-z", "--no-abbrev", "--ignore-submodules=dirty")
_UNMERGED, _RENAMED = "U", "R"
_NO_MODE = "000000"
_UNKNOWN_MODE = "100644"
_FILTERS = r"^filter\..*\.(clean|process)$"


@dataclass(frozen=True, slots=True)
class GitFile:
    """A file on one side: its path from the top, its mode, and the id of its blob.

    ``blob`` is None for what only the working tree has.
    """

    path: bytes
    mode: str
    blob: str | None


@dataclass(frozen=True, slots=True)
class ChangedEntry:
    """A file before and after; one of both may be missing, or both are and it is unmerged."""

    before: GitFile | None
    after: GitFile | None
    is_unmerged: bool = False

    @property
    def path(self) -> bytes:
        """The path after or, of a deleted file, before."""
        side = self.after or self.before
        assert side is not None
        return side.path


def list_entries(repository: Repository, comparison: Comparison) -> list[ChangedEntry]:
    """Return the files that differ between the sides, sorted by path.

    Untracked files that are not ignored are part of the working tree. Raises UserError when git
    fails.
    """
    before, after = comparison.before, comparison.after
    if after in (INDEX, PATCH, WORK_TREE):
        listing = ["diff-index", "--cached", "-M", *_LISTING, before, "--"]
        entries = parse_raw(command_git(repository, listing))
        if after == WORK_TREE:
            entries = _with_work_tree(repository, entries)
    else:
        listing = ["diff-tree", "-r", "-M", *_LISTING, before, after, "--"]
        entries = parse_raw(command_git(repository, listing))
    return sorted(entries, key=lambda entry: entry.path)


def parse_raw(listing: bytes) -> list[ChangedEntry]:
    """Return the entries of ``git diff --raw -z --no-abbrev``; each unmerged path comes once."""
    entries: list[ChangedEntry] = []
    unmerged: set[bytes] = set()
    fields = iter(listing.split(b"\0"))
    for meta in fields:
        if not meta:
            continue
        mode_before, mode_after, blob_before, blob_after, status = meta[1:].decode().split(" ")
        path = next(fields)
        path_after = next(fields) if status.startswith(_RENAMED) else path
        if status == _UNMERGED:
            unmerged.add(path)
            continue
        before = None if mode_before == _NO_MODE else _file(path, mode_before, blob_before)
        after = None if mode_after == _NO_MODE else _file(path_after, mode_after, blob_after)
        entries.append(ChangedEntry(before, after))
    conflicts = [
        ChangedEntry(None, GitFile(path, _UNKNOWN_MODE, None), is_unmerged=True)
        for path in sorted(unmerged)
    ]
    return [entry for entry in entries if entry.path not in unmerged] + conflicts


def _file(path: bytes, mode: str, blob: str) -> GitFile:
    return GitFile(path, mode, blob if blob.strip("0") else None)


def _with_work_tree(repository: Repository, staged: Sequence[ChangedEntry]) -> list[ChangedEntry]:
    """Return the entries up to the index, taken on to the working tree.

    Not git's own comparison with a working tree: to tell renames, that runs the filters which the
    repository's settings name.
    """
    unfiltered = _without_filters(repository)
    dirty = parse_raw(command_git(unfiltered, ["diff-files", *_LISTING, "--"]))
    left = {entry.path: entry for entry in dirty}
    entries = []
    for entry in staged:
        on_disk = None if entry.after is None else left.pop(entry.after.path, None)
        if entry.is_unmerged or on_disk is None:
            entries.append(entry)
        elif entry.before is not None or on_disk.after is not None:
            entries.append(replace(entry, after=on_disk.after))
    # What is new on disk may be what was only taken out of the index.
    gone = {entry.path: entry for entry in entries if entry.after is None}
    untracked = {path: GitFile(path, _UNKNOWN_MODE, None) for path in _list_untracked(repository)}
    kept = [entry for entry in entries if entry.after is not None or entry.path not in untracked]
    added = [
        ChangedEntry(gone[path].before if path in gone else None, file)
        for path, file in untracked.items()
    ]
    return [*kept, *left.values(), *added]


def _without_filters(repository: Repository) -> Repository:
    """Return the repository with no filter set.

    A file as old as the index may have changed unseen: git reads it, through its filter.
    """
    asked = ask_git(repository, ["config", "-z", "--name-only", "--get-regexp", _FILTERS])
    names = [os.fsdecode(name) for name in (asked or b"").split(b"\0") if name]
    settings = {"GIT_CONFIG_COUNT": str(len(names))}
    for number, name in enumerate(names):
        settings[f"GIT_CONFIG_KEY_{number}"] = name
        settings[f"GIT_CONFIG_VALUE_{number}"] = ""
    return replace(repository, variables={**repository.variables, **settings})


def _list_untracked(repository: Repository) -> list[bytes]:
    listing = ["ls-files", "-z", "--others", "--exclude-standard"]
    names = command_git(repository, listing).split(b"\0")
    # A name with a slash at its end is another repository, not a file.
    return [name for name in names if name and not name.endswith(b"/")]
