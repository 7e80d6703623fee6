"""The files of several commits of a history, read as blobs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePath

from themis_lsp.errors import UserError
from themis_lsp.sources.blobs import BlobReader, open_blobs
from themis_lsp.sources.changed import path_from_top
from themis_lsp.sources.exclusions import excluded_path, excluded_text
from themis_lsp.sources.read import WALKED_LIMIT_BYTES, Refusal, decode_source
from themis_lsp.sources.repository import Repository, command_git, open_repository
from themis_lsp.sources.selection import Selection, SelectionKind, resolve_selection
from themis_lsp.sources.source import SourceFile
from themis_lsp.units.detect import detect_language, may_be_source

_REGULAR = (b"100644", b"100755")


@dataclass(frozen=True, slots=True)
class PastCommit:
    """A commit: its id, when it was committed, the first line of its message.

    ``files`` are those reviewed, equal where neither path nor text differ.
    """

    id: str
    time: datetime
    subject: str
    files: tuple[SourceFile, ...]


def load_history(since: str, *, paths: Sequence[str] = (), most: int) -> list[PastCommit]:
    """Return commits from where HEAD left ``since`` up to HEAD, the oldest first.

    Those on the line of first parents and, with ``paths``, that touch these files and folders;
    of more than ``most`` as many as that, evenly spread, with the first and the last. What a walk
    through folders would leave out is left out. Raises UserError when they cannot be told, or there
    is no code in any.
    """
    repository = open_repository(Path.cwd())
    wanted = [_from_top(path, repository) for path in paths]
    ids = _choose(_list_commits(repository, since, wanted), most)
    with open_blobs(repository.folder, repository.variables) as blobs:
        reader = _Reader(repository, blobs)
        commits = [_read_commit(reader, name, wanted) for name in ids]
    if not any(commit.files for commit in commits):
        where = f" at {', '.join(paths)}" if paths else ""
        raise UserError(f"there is no code{where} in any commit since {since}")
    return commits


def _from_top(path: str, repository: Repository) -> PurePath:
    top = repository.work_tree
    return Path(path) if top is None else path_from_top(path, top)


def _list_commits(repository: Repository, since: str, wanted: Sequence[PurePath]) -> list[str]:
    if ".." in since:
        raise UserError(f"--since {since}: not a commit; name the one to begin with")
    selection = Selection(SelectionKind.DIFF, f"{since}...HEAD")
    comparison = resolve_selection(repository, selection)
    span = f"{comparison.before}..{comparison.after}"
    listing = ["rev-list", "--first-parent", "--reverse", span, "--", *map(str, wanted)]
    later = command_git(repository, ["--literal-pathspecs", *listing]).decode().split()
    return [comparison.before, *later]


def _choose(ids: Sequence[str], most: int) -> list[str]:
    if len(ids) <= most:
        return list(ids)
    step = (len(ids) - 1) / (most - 1)
    return [ids[round(number * step)] for number in range(most)]


@dataclass(slots=True)
class _Reader:
    """Reads each blob once for each path it has; None stands for what is left out."""

    repository: Repository
    blobs: BlobReader
    _files: dict[tuple[str, bytes], SourceFile | None] = field(default_factory=dict)

    def read(self, blob: str, path: bytes) -> SourceFile | None:
        key = blob, path
        if key not in self._files:
            self._files[key] = self._read(blob, self.repository.show(path))
        return self._files[key]

    def _read(self, blob: str, shown: str) -> SourceFile | None:
        data = self.blobs.read(blob, WALKED_LIMIT_BYTES)
        text = data if isinstance(data, Refusal) else decode_source(data)
        if isinstance(text, Refusal) or not text.strip() or excluded_text(text) is not None:
            return None
        language = detect_language(shown, text)
        text = text.replace("\r\n", "\n")
        return None if language is None else SourceFile(shown, language, text)


def _read_commit(reader: _Reader, name: str, wanted: Sequence[PurePath]) -> PastCommit:
    head, _, message = command_git(reader.repository, ["cat-file", "commit", name]).partition(
        b"\n\n"
    )
    committer = next(line for line in head.split(b"\n") if line.startswith(b"committer "))
    time = datetime.fromtimestamp(int(committer.split()[-2]), UTC)
    subject = message.decode("utf-8", "backslashreplace").strip().partition("\n")[0]
    files = []
    for row in command_git(reader.repository, ["ls-tree", "-r", "-z", "--full-tree", name]).split(
        b"\0"
    ):
        meta, _, path = row.partition(b"\t")
        if not path or meta.split()[0] not in _REGULAR or not _is_wanted(path, wanted):
            continue
        file = reader.read(meta.split()[2].decode(), path)
        if file is not None:
            files.append(file)
    return PastCommit(name, time, subject, tuple(files))


def _is_wanted(path: bytes, wanted: Sequence[PurePath]) -> bool:
    name = os.fsdecode(path)
    if wanted and not any(PurePath(name).is_relative_to(one) for one in wanted):
        return False
    return excluded_path(name) is None and may_be_source(name)
